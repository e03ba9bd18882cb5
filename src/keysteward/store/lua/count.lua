-- May these calls pass, and how many have? The rule of rules/limits.py, for the counters that all workers share.
--
-- KEYS: the account of each question. ARGV: eight numbers a question: its moment, whether it counts, the hourly and the
-- burst limit, both of the candidate (0 where none is tried), the length of a burst window, and how late a call may come.
-- Moments and lengths are in microseconds. Answers six numbers a question: the window after it, the limit that it would
-- exceed (0 none, 1 hourly, 2 burst) and the candidate's likewise.

local HOUR = 3600000000
local KEPT_MILLISECONDS = 3 * 3600 * 1000
local NUMBERS = 8

local function rolled(kept, first, now, burst_window, late)
  local hour, hourly = tonumber(kept[first]), tonumber(kept[first + 1])
  local from, burst = tonumber(kept[first + 2]), tonumber(kept[first + 3])
  if not hour or now < hour - late or now >= hour + HOUR then
    hour, hourly = now - now % HOUR, 0
  end
  if not burst or burst == 0 or now < from - late or now >= from + burst_window then
    from, burst = now, 0
  end
  return { hour, hourly, from, burst }
end

local function one_more(window, counts, hourly, burst)
  if window[2] >= hourly then return 1 end
  if window[4] >= burst then return 2 end
  if counts then
    window[2], window[4] = window[2] + 1, window[4] + 1
  end
  return 0
end

local answers = {}
for number, key in ipairs(KEYS) do
  local said = {}
  for position = 1, NUMBERS do
    said[position] = tonumber(ARGV[(number - 1) * NUMBERS + position])
  end
  local now, counts = said[1], said[2] == 1
  local kept = redis.call('HMGET', key, 'hour', 'hourly', 'from', 'burst', 'c_hour', 'c_hourly', 'c_from', 'c_burst')
  local window = rolled(kept, 1, now, said[7], said[8])
  local excess, candidate_excess = one_more(window, counts, said[3], said[4]), 0
  local changes = { 'hour', window[1], 'hourly', window[2], 'from', window[3], 'burst', window[4] }
  if said[5] > 0 then
    local tried = rolled(kept, 5, now, said[7], said[8])
    candidate_excess = one_more(tried, counts, said[5], said[6])
    for position, name in ipairs({ 'c_hour', 'c_hourly', 'c_from', 'c_burst' }) do
      changes[#changes + 1], changes[#changes + 2] = name, tried[position]
    end
  end
  if counts then
    redis.call('HSET', key, unpack(changes))
    redis.call('PEXPIRE', key, KEPT_MILLISECONDS)
  end
  for position = 1, 4 do answers[#answers + 1] = window[position] end
  answers[#answers + 1], answers[#answers + 2] = excess, candidate_excess
end
return answers

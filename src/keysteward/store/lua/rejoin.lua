-- What did a worker let pass while it counted by itself? It is added to the counters that all workers share.
--
-- KEYS: the accounts. ARGV: five numbers each: the hour, how many calls the worker knew of before it was alone, how many it
-- let pass since, and when its burst window opened with how many calls. Where the counters were lost meanwhile, what the
-- worker knew takes their place.

local KEPT_MILLISECONDS = 3 * 3600 * 1000
local NUMBERS = 5

for number, key in ipairs(KEYS) do
  local said = {}
  for position = 1, NUMBERS do
    said[position] = tonumber(ARGV[(number - 1) * NUMBERS + position])
  end
  local kept = redis.call('HMGET', key, 'hour', 'hourly', 'from', 'burst')
  local hour, hourly = tonumber(kept[1]) or 0, tonumber(kept[2]) or 0
  local from, burst = tonumber(kept[3]) or 0, tonumber(kept[4]) or 0
  if hour <= said[1] then
    hourly = math.max(hour == said[1] and hourly or 0, said[2]) + said[3]
    hour = said[1]
  end
  if from < said[4] then
    from, burst = said[4], said[5]
  end
  redis.call('HSET', key, 'hour', hour, 'hourly', hourly, 'from', from, 'burst', burst)
  redis.call('PEXPIRE', key, KEPT_MILLISECONDS)
end
return #KEYS

-- May a call pass? HAProxy asks Keysteward before it forwards: docs/guides/check-mode.md
--
-- KEYSTEWARD_URL              where Keysteward answers: http://127.0.0.1:8080
-- KEYSTEWARD_HOST             the host of its origin: keys.example.com
-- KEYSTEWARD_CREDENTIAL_FILE  the file with the ingest credential of this gateway

local url = os.getenv("KEYSTEWARD_URL") .. "/keysteward/check"
local host = os.getenv("KEYSTEWARD_HOST")
local credential = assert(io.open(os.getenv("KEYSTEWARD_CREDENTIAL_FILE"))):read("l")

local WAIT_MILLISECONDS = 10000
local INFO = 6
local ASKED_WITH = {
    "authorization", "content-type", "origin", "user-agent", "x-docusign-sdk", "x-docusign-authentication", "soapaction",
}
local PASSED_ON = {
    ["x-keysteward-call"] = "call",
    ["x-docusign-tracetoken"] = "trace",
    ["x-ratelimit-limit"] = "hour",
    ["x-ratelimit-remaining"] = "hour_left",
    ["x-ratelimit-reset"] = "hour_ends",
    ["x-burstlimit-limit"] = "burst",
    ["x-burstlimit-remaining"] = "burst_left",
    ["x-golive-ready"] = "ready",
    ["access-control-allow-origin"] = "origin",
    ["access-control-expose-headers"] = "exposed",
    ["vary"] = "vary",
}
local HOP_BY_HOP = { connection = true, ["content-length"] = true, ["transfer-encoding"] = true, date = true }
local UNJUDGED = '{"errorCode":"SERVICE_UNAVAILABLE","message":"The call could not be judged, so it was not made."}'

local function question(txn)
    local asked = {
        host = { host },
        ["x-keysteward-gateway"] = { credential },
        ["x-original-method"] = { txn.f:method() },
        ["x-original-uri"] = { txn.f:pathq() },
        ["x-forwarded-for"] = { txn.f:src() },
    }
    local said = txn.http:req_get_headers()
    for _, name in ipairs(ASKED_WITH) do
        if said[name] then
            asked[name] = {}
            for index = 0, #said[name] do
                table.insert(asked[name], said[name][index])
            end
        end
    end
    return asked
end

local function first(headers, name)
    return headers[name] and (headers[name][0] or headers[name][1])
end

local function refuse(txn, status, headers, body)
    local reply = txn:reply({ status = status, body = body })
    for name, values in pairs(headers) do
        if not HOP_BY_HOP[name] then
            for _, value in pairs(values) do
                reply:add_header(name, value)
            end
        end
    end
    txn:done(reply)
end

core.register_action("keysteward_check", { "http-req" }, function(txn)
    local answer = core.httpclient():get({ url = url, headers = question(txn), timeout = WAIT_MILLISECONDS })
    local headers = answer and answer.headers or {}
    local decision = first(headers, "x-keysteward-decision")
    if decision then
        txn:set_var("txn.keysteward_decision", decision)
        txn:set_loglevel(INFO)
    end
    if answer and answer.status == 200 then
        for name, variable in pairs(PASSED_ON) do
            local value = first(headers, name)
            if value then
                txn:set_var("txn.keysteward_" .. variable, value)
            end
        end
        return
    end
    if answer and answer.status >= 400 and first(headers, "x-docusign-tracetoken") then
        refuse(txn, answer.status, headers, answer.body)
    else
        refuse(txn, 503, { ["content-type"] = { "application/json" } }, UNJUDGED)
    end
end)

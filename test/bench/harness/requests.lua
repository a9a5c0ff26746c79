-- Sends each request of a file once: "<length>\n" and then so many bytes of HTTP, over and over.
-- wrk [options] -s requests.lua URL -- FILE

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  file = assert(io.open(args[1], "rb"))
  exhausted = 0
end

function request()
  local length = file:read("*l")
  if length == nil then
    -- The result is thrown away when this happens; something has to be sent until the time is up.
    exhausted = 1
    return wrk.format("GET", "/healthz")
  end
  return file:read(tonumber(length))
end

function done(summary, latency, requests)
  local exhausted = 0
  for _, thread in ipairs(threads) do
    exhausted = exhausted + thread:get("exhausted")
  end
  local e = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"max":%.3f,' ..
    '"notOk":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d,"exhausted":%d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    e.status, e.connect, e.read, e.write, e.timeout, exhausted))
end

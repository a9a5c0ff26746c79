-- Sends each request of a file once: "<length>\n" and then so many bytes of HTTP, over and over.
-- wrk -t1 [options] -s requests.lua URL -- FILE

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

-- All of them are read before the load begins, so that it is not wrk that sets the pace.
function init(args)
  requests = {}
  sent = 0
  exhausted = 0
  local file = assert(io.open(args[1], "rb"))
  while true do
    local length = file:read("*l")
    if length == nil then
      break
    end
    table.insert(requests, file:read(tonumber(length)))
  end
  file:close()
end

function request()
  sent = sent + 1
  local next = requests[sent]
  if next == nil then
    -- The result is thrown away when this happens; something has to be sent until the time is up.
    exhausted = 1
    return requests[1]
  end
  return next
end

function done(summary, latency)
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

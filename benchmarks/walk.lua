-- wrk asks for every path of a list, in an order that is shuffled for each of its threads, and prints its figures as JSON.
-- Arguments after `--`: the file with one path on each line, a seed.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local requests, at = {}, 0

function init(args)
  math.randomseed(tonumber(args[2]) * 1000 + number)
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
  for last = #requests, 2, -1 do
    local other = math.random(last)
    requests[last], requests[other] = requests[other], requests[last]
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nJSON {"requests": %d, "bytes": %d, "microseconds": %d, "p50": %d, "p99": %d, "failed": %d, "status": %d}\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end

-- A POST of the file named in the first argument, with the token in the second if there is one; at the end one line for
-- the bench to read.
function init(arguments)
   local file = assert(io.open(arguments[1], "rb"))
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/json"
   if arguments[2] then
      wrk.headers["Authorization"] = "Bearer " .. arguments[2]
   end
   wrk.body = file:read("*a")
   file:close()
end

function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
   print(string.format("figures %d %d %d %d %d", summary.duration, summary.requests, failed,
      latency:percentile(50), latency:percentile(99)))
end

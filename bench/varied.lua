-- Copyright the carryall authors.  See LICENSE.
-- For wrk: a browser's headers, and a cookie that is never the same twice within 8,192 requests, so that no server can
-- answer from having seen the very same head before.
local requests, at = {}, 0

init = function(args)
  for number = 1, 8192 do
    wrk.headers["Cookie"] = string.format("session=%032x; theme=dark", number * 2654435761)
    requests[number] = wrk.format("GET", wrk.path)
  end
end

request = function()
  at = at % 8192 + 1
  return requests[at]
end

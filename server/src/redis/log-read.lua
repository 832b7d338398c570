-- Reads some entries of a node's log together with what is known about the log, at one moment.
--
-- KEYS  1 list of the entries        2 hash of what is known about the list
-- ARGV  1 'after' or 'tail'          2 the seq after which, or how many from the end
--       3 most entries of the reply
-- Reply {} when nothing is known of the log, else
--       {epoch, last seq, seq of the oldest held, closed 0|1, cleared 0|1, why the epoch began,
--        seq of the first entry of the reply, {entries}}

local meta = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'closed', 'cleared', 'began')
if not meta[1] then return {} end

local last = tonumber(meta[2])
local oldest = last - redis.call('LLEN', KEYS[1]) + 1
local wanted = ARGV[1] == 'tail' and last - tonumber(ARGV[2]) + 1 or tonumber(ARGV[2]) + 1
local from = math.min(math.max(wanted, oldest), last + 1)
local lines = redis.call('LRANGE', KEYS[1], from - oldest, from - oldest + tonumber(ARGV[3]) - 1)
return { meta[1], last, oldest, meta[3] and 1 or 0, meta[4] and 1 or 0, meta[5], from, lines }

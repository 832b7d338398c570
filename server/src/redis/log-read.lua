-- Reads some entries of a node's log together with what is known about the log, at one moment.
--
-- KEYS  1 list of the entries        2 hash of what is known about the list
-- ARGV  1 'after' or 'tail'          2 the seq after which, or how many from the end
--       3 most entries of the reply
-- Reply {} when nothing is known of the log, else
--       {epoch, last seq, seq of the oldest held, closed 0|1, cleared 0|1, why the epoch began,
--        seq of the first entry of the reply, {entries}}
--
-- Another program may have written to these keys. What it left is read as far as it makes sense: a log is never
-- unreadable while Redis answers.

if redis.call('TYPE', KEYS[2]).ok ~= 'hash' then return {} end
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'closed', 'cleared', 'began')
if not meta[1] then return {} end

local isList = redis.call('TYPE', KEYS[1]).ok == 'list'
local held = isList and redis.call('LLEN', KEYS[1]) or 0
local last = tonumber(meta[2])
-- The hash cannot know of fewer entries than there are; the last one says which it is.
if not last or last < held or last % 1 ~= 0 or last > 1e15 then
  last = held > 0 and tonumber(string.match(redis.call('LINDEX', KEYS[1], -1), '^{"seq":(%d+)')) or held
  if last < held or last > 1e15 then last = held end
end
local oldest = last - held + 1
local wanted = ARGV[1] == 'tail' and last - tonumber(ARGV[2]) + 1 or tonumber(ARGV[2]) + 1
local from = math.min(math.max(wanted, oldest), last + 1)
local lines = held == 0 and {} or redis.call('LRANGE', KEYS[1], from - oldest, from - oldest + tonumber(ARGV[3]) - 1)
return { meta[1], last, oldest, meta[3] and 1 or 0, meta[4] and 1 or 0, meta[5] or '', from, lines }

-- Appends a batch of entries to a node's log: all of it or nothing.
--
-- KEYS  1 list of the entries        2 hash of what is known about the list
-- ARGV  1 epoch                      2 attempt of the owner
--       3 seq of the first entry     4 '1': the last entry is terminal
--       5 most entries held          6 most bytes held
--       7 time to live of the list, ms   8 time to live of the hash, ms
--       9 channel                    10 checkpoint, '' keeps the former one
--       11 run id of the server as the owner knows it, '' if it does not
--       12 'PUBLISH', or 'SPUBLISH' where channels belong to slots
--       13… the entries as JSON, at most 5000
-- Reply 'appended', or why nothing was appended:
--       'fenced'     a newer attempt owns the log
--       'duplicate'  this batch stands already (asked before the position: a retry is not a loss)
--       'cleared'    an operator emptied the log
--       'lost'       the log does not end right before the batch, or is another epoch's
--       'closed'     a terminal entry stands
-- Decision 10 explains the order of these checks.
--
-- The first write is the RPUSH: it is the one Redis refuses for want of memory, and nothing has changed then.

local FIRST_LINE = 13
local PUSH_AT_ONCE = 1000 -- Lua's stack bounds the arguments of one call

if redis.call('TYPE', KEYS[2]).ok ~= 'hash' then return 'lost' end
local listType = redis.call('TYPE', KEYS[1]).ok
if listType ~= 'list' and listType ~= 'none' then return 'lost' end
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'attempt', 'cleared', 'closed', 'bytes', 'trimmed')
local epoch, seq, attempt = meta[1], whole(meta[2]), whole(meta[3])
local first = tonumber(ARGV[3])
local count = #ARGV - FIRST_LINE + 1
local before = listType == 'list' and redis.call('LLEN', KEYS[1]) or 0
local tail = before > 0 and redis.call('LINDEX', KEYS[1], -1)
local final = tail and own(tail)

-- Another program wrote that: a renewal begins it anew. See decision 192.
if not epoch or not seq or not attempt then return 'lost' end
if attempt > tonumber(ARGV[2]) + ATTEMPT_LEAP_MAX then return 'lost' end
if attempt > tonumber(ARGV[2]) then return 'fenced' end
if attempt < tonumber(ARGV[2]) then return 'lost' end -- the claim itself was lost
-- A hash that does not end where its entries end shows nothing, not even that this batch stands already.
if seq < before or final and final ~= seq or not tail and seq > first + count - 1 then return 'lost' end
if epoch == ARGV[1] and seq >= first + count - 1 then return 'duplicate' end
if meta[4] and not tail then return 'cleared' end -- a cleared log has no entries
if epoch ~= ARGV[1] or seq ~= first - 1 then return 'lost' end
if meta[5] and not (tail and RUNNING[phase(tail)]) then return 'closed' end

local held = 0
for from = FIRST_LINE, #ARGV, PUSH_AT_ONCE do
  held = redis.call('RPUSH', KEYS[1], unpack(ARGV, from, math.min(from + PUSH_AT_ONCE - 1, #ARGV)))
end
if meta[4] or meta[5] then redis.call('HDEL', KEYS[2], 'cleared', 'closed', 'terminal') end

-- A list that holds nothing but this batch was empty: its former bytes have expired.
local batch = 0
for index = FIRST_LINE, #ARGV do batch = batch + #ARGV[index] end
local former = held == count and 0 or whole(meta[6])
local function counted()
  local sum = 0
  for from = 0, held - 1, PUSH_AT_ONCE do
    for _, line in ipairs(redis.call('LRANGE', KEYS[1], from, from + PUSH_AT_ONCE - 1)) do sum = sum + #line end
  end
  return sum
end
-- Before this batch the list was within its bounds: a higher number is another program's, or the bound was lowered.
local bytes = former and former <= tonumber(ARGV[6]) and former + batch or counted()

local trimmed = tonumber(meta[7]) or 0
while held > tonumber(ARGV[5]) or (bytes > tonumber(ARGV[6]) and held > 1) do
  local gone = redis.call('LPOP', KEYS[1])
  bytes = math.max(bytes - #gone, 0)
  held = held - 1
  trimmed = trimmed + 1
end

redis.call('HSET', KEYS[2], 'seq', string.format('%.0f', first + count - 1), 'bytes', bytes, 'trimmed', trimmed)
if ARGV[4] == '1' then redis.call('HSET', KEYS[2], 'closed', '1', 'terminal', ARGV[#ARGV]) end
if ARGV[10] ~= '' then redis.call('HSET', KEYS[2], 'checkpoint', ARGV[10]) end
if ARGV[11] ~= '' then redis.call('HSET', KEYS[2], 'run', ARGV[11]) end
redis.call('PEXPIRE', KEYS[1], ARGV[7])
redis.call('PEXPIRE', KEYS[2], ARGV[8])
redis.call(ARGV[12], ARGV[9], ARGV[1] .. ':' .. table.concat(ARGV, '\n', FIRST_LINE))
return 'appended'

-- Forgets every entry of a node's log. The hash stays, so that the owner and the readers learn of it.
--
-- KEYS  1 list of the entries        2 hash of what is known about the list
-- ARGV  1 time to live of the hash, ms    2 channel
--       3 'PUBLISH', or 'SPUBLISH' where channels belong to slots
-- Reply 1 if there was a log, else 0

redis.call('DEL', KEYS[1])
local found = redis.call('TYPE', KEYS[2]).ok
if found ~= 'hash' then
  if found ~= 'none' then redis.call('DEL', KEYS[2]) end -- another program's: no log is known by it
  redis.call(ARGV[3], ARGV[2], 'cleared')
  return 0
end
redis.call('HDEL', KEYS[2], 'terminal')
redis.call('HSET', KEYS[2], 'cleared', '1', 'bytes', '0')
redis.call('PEXPIRE', KEYS[2], ARGV[1])
redis.call(ARGV[3], ARGV[2], 'cleared')
return 1

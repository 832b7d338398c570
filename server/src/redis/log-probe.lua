-- Does what an append does, on keys of its own, so that a right or room that is missing shows before a launch needs it.
--
-- KEYS  1 list, empty between probes   2 hash
-- ARGV  1 channel                      2 time to live of both, ms
--       3 'PUBLISH', or 'SPUBLISH' where channels belong to slots
-- Reply 'ok'
--
-- The first write is the RPUSH, as in log-append.lua: it is the one Redis refuses for want of memory.

redis.call('RPUSH', KEYS[1], '1')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('LPOP', KEYS[1])
redis.call('HSET', KEYS[2], 'probed', '1')
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call(ARGV[3], ARGV[1], '')
return 'ok'

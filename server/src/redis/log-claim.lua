-- Makes an attempt the only writer of a node's log and says where the log ends.
--
-- KEYS  1 list of the entries        2 hash of what is known about the list
-- ARGV  1 attempt                    2 an epoch, used if a new one has to begin
--       3 '1': begin that epoch unless it has begun already (the log was lost)
--       4 time to live of the hash, ms
-- Reply {'fenced'}, or {'claimed', epoch, last seq, checkpoint or '', terminal entry or ''}
--
-- HSET comes before DEL: under want of memory Redis refuses the first write, and nothing has changed then.

-- Another run of the server than that of the last append may have lost entries: see decision 10.
local function run_id()
  local info = redis.pcall('INFO', 'server') -- an ACL may forbid it
  return type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
end

-- Keys of another type were written by another program; no log can be kept in them.
for index, expected in ipairs({ 'list', 'hash' }) do
  local found = redis.call('TYPE', KEYS[index]).ok
  if found ~= expected and found ~= 'none' then redis.call('DEL', KEYS[index]) end
end

local meta = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'attempt', 'cleared', 'run', 'checkpoint', 'terminal')
local epoch, seq, attempt = meta[1], meta[2], tonumber(meta[3]) or 0
local cleared, run, checkpoint, terminal = meta[4], meta[5], meta[6] or '', meta[7] or ''
local run_now = run_id()

if epoch and attempt > tonumber(ARGV[1]) then return { 'fenced' } end

local last = tonumber(seq)
local begins = nil
if not epoch then
  -- Entries without a hash cannot be placed: what was known of them is gone.
  begins = (ARGV[3] == '1' or redis.call('EXISTS', KEYS[1]) == 1) and 'lost' or 'new'
elseif ARGV[3] == '1' and epoch ~= ARGV[2] then
  begins = 'lost'
  checkpoint = ''
elseif not last or last < redis.call('LLEN', KEYS[1]) or last % 1 ~= 0 or last > 1e15 then
  begins = 'lost' -- the hash does not belong to the list
elseif cleared then
  begins = 'cleared' -- the checkpoint stays: what was cleared must not be read and appended again
end

if begins then
  epoch, seq, terminal = ARGV[2], '0', ''
  redis.call('HSET', KEYS[2], 'epoch', epoch, 'seq', '0', 'attempt', ARGV[1], 'bytes', '0', 'trimmed', '0',
    'began', begins, 'checkpoint', checkpoint, 'run', run_now)
  redis.call('HDEL', KEYS[2], 'cleared', 'closed', 'terminal')
  redis.call('DEL', KEYS[1])
else
  -- A server that is not the one of the last append may have come up with older data. The former owner would have
  -- noticed by the position; a new one cannot, so that numbers already seen by readers must not be given again.
  local foreign = #epoch ~= 16 or string.find(epoch, '[^0-9a-f]') ~= nil
  local doubtful = attempt < tonumber(ARGV[1]) and run and run ~= '' and run_now ~= '' and run ~= run_now
  if foreign or (doubtful and terminal == '') then
    epoch = ARGV[2]
    redis.call('HSET', KEYS[2], 'epoch', epoch, 'began', 'lost')
  end
  redis.call('HSET', KEYS[2], 'attempt', ARGV[1], 'run', run_now)
end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return { 'claimed', epoch, seq, checkpoint, terminal }

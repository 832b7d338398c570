-- Makes an attempt the only writer of a node's log and says where the log ends.
--
-- KEYS  1 list of the entries        2 hash of what is known about the list
-- ARGV  1 attempt                    2 an epoch, used if a new one has to begin
--       3 '1': begin that epoch unless it has begun already (the log was lost)
--       4 time to live of the hash, ms
-- Reply {'fenced'}, or {'claimed', epoch, last seq, checkpoint or '', terminal entry or '', {field, what was found in it, …}}
--
-- HSET comes before DEL: under want of memory Redis refuses the first write, and nothing has changed then.
-- What another program has written to the hash is put right from the entries, which state their own seq. See decision 192.

local HOLE_MAX = 1000 -- so many lost entries get damaged ones in their place; with more the log begins again
local NO_EPOCH = '0000000000000000' -- of logs that have not begun
local BEGINNINGS = { new = 1, cleared = 1, lost = 1 }

local faults = {}
local function fault(field, found)
  faults[#faults + 1] = field
  faults[#faults + 1] = string.sub(found or 'missing', 1, 200)
end

-- Another run of the server than that of the last append may have lost entries: see decision 10.
local function run_id()
  local info = redis.pcall('INFO', 'server') -- an ACL may forbid it
  return type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
end

-- Keys of another type were written by another program; no log can be kept in them.
for index, expected in ipairs({ 'list', 'hash' }) do
  local found = redis.call('TYPE', KEYS[index]).ok
  if found ~= expected and found ~= 'none' then
    fault(expected, 'a ' .. found)
    redis.call('DEL', KEYS[index])
  end
end

local meta = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'attempt', 'cleared', 'run', 'checkpoint', 'terminal', 'closed',
  'began')
local epoch, seq, attempt = meta[1], meta[2], whole(meta[3])
local cleared, run, checkpoint, terminal, closed = meta[4], meta[5], meta[6] or '', meta[7] or '', meta[8]
local run_now = run_id()

if epoch and (not attempt or attempt > tonumber(ARGV[1]) + ATTEMPT_LEAP_MAX) then
  fault('attempt', meta[3])
  attempt = nil
end
attempt = attempt or 0
if epoch and attempt > tonumber(ARGV[1]) then return { 'fenced' } end

local held = redis.call('LLEN', KEYS[1])
local tail = held > 0 and redis.call('LINDEX', KEYS[1], -1)
local first, final = held > 0 and own(redis.call('LINDEX', KEYS[1], 0)), own(tail)
local last = whole(seq)
local foreign = epoch and (#epoch ~= 16 or string.find(epoch, '[^0-9a-f]') ~= nil or epoch == NO_EPOCH)
if foreign then fault('epoch', epoch) end
if epoch and (not last or final and final ~= last) then fault('seq', seq) end

-- Makes hash and list agree on the end of the log. False if the entries do not show where it ends.
local function settle()
  if held == 0 then return last ~= nil end
  if not final then -- the last element is no entry
    if not last or last < held then return false end
    local excess = first and first + held - 1 - last or 0
    if excess == 0 then return true end
    if excess < 0 or excess >= held or own(redis.call('LINDEX', KEYS[1], -excess - 1)) ~= last then return false end
    fault('list', excess .. ' elements after the last entry')
    redis.call('LTRIM', KEYS[1], 0, -excess - 1)
    return true
  end
  if last == final then return last >= held end
  if not last or last < final then
    if first and final - first + 1 ~= held then return false end
    last = final
    return true
  end
  if last - final > HOLE_MAX then return false end
  for missing = final + 1, last do
    redis.call('RPUSH', KEYS[1], damaged(missing))
  end
  tail = redis.call('LINDEX', KEYS[1], -1)
  return true
end

local begins = nil
if not epoch then
  -- Entries without a hash cannot be placed: what was known of them is gone.
  begins = (ARGV[3] == '1' or held > 0) and 'lost' or 'new'
  if held > 0 then fault('epoch') end
elseif ARGV[3] == '1' and epoch ~= ARGV[2] then
  begins = 'lost'
  checkpoint = ''
elseif cleared and held == 0 then
  begins = 'cleared' -- the checkpoint stays: what was cleared must not be read and appended again
elseif not settle() then
  begins = 'lost' -- the hash does not belong to the list
  if #faults == 0 then fault('seq', seq) end
end

if begins then
  epoch, last, terminal = ARGV[2], 0, ''
  redis.call('HSET', KEYS[2], 'epoch', epoch, 'seq', '0', 'attempt', ARGV[1], 'bytes', '0', 'trimmed', '0',
    'began', begins, 'checkpoint', checkpoint, 'run', run_now)
  redis.call('HDEL', KEYS[2], 'cleared', 'closed', 'terminal')
  redis.call('DEL', KEYS[1])
else
  if cleared then -- yet it has entries
    fault('cleared', cleared)
    redis.call('HDEL', KEYS[2], 'cleared')
  end
  if not BEGINNINGS[meta[9] or ''] then
    fault('began', meta[9])
    redis.call('HSET', KEYS[2], 'began', 'lost')
  end
  local ends = tail and phase(tail) or ''
  if terminal ~= '' and (tail and terminal ~= tail or own(terminal) ~= last or RUNNING[ends]) then
    fault('terminal', terminal)
    terminal = ''
    redis.call('HDEL', KEYS[2], 'terminal')
  end
  if closed and RUNNING[ends] then
    fault('closed', closed)
    redis.call('HDEL', KEYS[2], 'closed', 'terminal')
  end
  if ends == 'active' or ends == 'failed' then terminal = tail end
  -- A server that is not the one of the last append may have come up with older data. The former owner would have
  -- noticed by the position; a new one cannot, so that numbers already seen by readers must not be given again.
  local doubtful = attempt < tonumber(ARGV[1]) and run and run ~= '' and run_now ~= '' and run ~= run_now
  if foreign or (doubtful and terminal == '') then
    epoch = ARGV[2]
    redis.call('HSET', KEYS[2], 'epoch', epoch, 'began', 'lost')
  end
  redis.call('HSET', KEYS[2], 'seq', string.format('%.0f', last), 'attempt', ARGV[1], 'run', run_now)
end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return { 'claimed', epoch, string.format('%.0f', last), checkpoint, terminal, faults }

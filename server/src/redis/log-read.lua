-- Reads some entries of a node's log together with what is known about the log, at one moment.
--
-- KEYS  1 list of the entries        2 hash of what is known about the list
-- ARGV  1 'after' or 'tail'          2 the seq after which, or how many from the end
--       3 most entries of the reply   4 most bytes of them, or nothing
-- Reply {} when nothing is known of the log, else
--       {epoch, last seq, seq of the oldest held, closed 0|1, cleared 0|1, why the epoch began,
--        seq of the first entry of the reply, {entries}, {field, what was found in it, …}, epoch and seq as stored}
--       An epoch '' means that there is no log, only faults.
--
-- Another program may have written to these keys. Entries state their own seq, and are trusted more than the hash: where
-- both differ, each entry is placed by its own number, and a damaged entry takes the place of each one that is missing.
-- See decision 192.

local LONGEST_LINE = 1048576 -- ours have at most 64 KiB
local LEAP_MAX = 10000       -- so many entries the hash may know of beyond the last one held
local AROUND = 8             -- so many lines of other programs may stand among the entries that are looked at
local PART = 64              -- elements are read so many at a time, until the reply is full

local faults = {}
local function fault(field, found)
  faults[#faults + 1] = field
  faults[#faults + 1] = string.sub(found, 1, 200)
end

-- The number that the entry at a place has, or would have, as most of its neighbours state.
local function median(numbers)
  table.sort(numbers)
  return numbers[math.floor((#numbers + 1) / 2)]
end
local function stated_around(place)
  local from, numbers, raw = math.max(place - 2, 0), {}, {}
  for index, line in ipairs(redis.call('LRANGE', KEYS[1], from, from + 4)) do
    local seq = own(line)
    raw[#raw + 1] = seq
    numbers[#numbers + 1] = seq and seq + place - (from + index - 1)
  end
  return median(numbers), raw
end

local hashType, listType = redis.call('TYPE', KEYS[2]).ok, redis.call('TYPE', KEYS[1]).ok
local held = listType == 'list' and redis.call('LLEN', KEYS[1]) or 0
if hashType == 'none' and listType == 'none' then return {} end
local meta = {}
if hashType == 'hash' then
  meta = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'closed', 'cleared', 'began')
else
  fault('hash', hashType == 'none' and 'missing' or 'a ' .. hashType)
end
if listType ~= 'list' and listType ~= 'none' then fault('list', 'a ' .. listType) end
local epoch = meta[1] and string.sub(meta[1], 1, 1000) or ''
if hashType == 'hash' and not meta[1] then fault('epoch', 'missing') end
local stands = meta[1] and not meta[4] and epoch .. ':' .. (meta[2] or '') or ''
if not meta[1] and held == 0 then return { '', 0, 1, 0, 0, '', 1, {}, faults, stands } end

local stated = whole(meta[2])
local function seqFault() if hashType == 'hash' then fault('seq', meta[2] or 'missing') end end
local cleared = meta[4] and held == 0
if meta[4] and held > 0 then fault('cleared', meta[4]) end

local last, oldest, placed = stated or 0, nil, false
if held == 0 then
  if not stated then seqFault() end
  oldest = last + 1
else
  local head, tail = redis.call('LINDEX', KEYS[1], 0), redis.call('LINDEX', KEYS[1], -1)
  local first, final = own(head), own(tail)
  if meta[3] and #tail <= LONGEST_LINE and RUNNING[phase(tail)] then
    fault('closed', meta[3])
    meta[3] = false
  end
  local begins = stated and stated - held + 1
  -- An end that is no entry shows nothing: the lines next to it do.
  if
    stated and begins >= 1 and
    (first or stated_around(0) or begins) == begins and
    (final or stated_around(held - 1) or stated) == stated
  then
    oldest = begins
  else
    placed = true
    local agree = first and final and final - first + 1 == held
    if not stated or agree then seqFault() end
    if not agree then fault('list', held .. ' elements from ' .. (first or '?') .. ' to ' .. (final or '?')) end
  end
end

local wanted, limit, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]) or math.huge
-- Of the lines from one number to another, those that fit into the reply: the first ones, of a tail the last ones.
-- Also the number of the first of them.
local function fitting(low, high, part)
  local lines, bytes, forwards = {}, 0, ARGV[1] ~= 'tail'
  local first, final = low, high
  while low <= high and bytes <= most do
    local from = forwards and low or math.max(low, high - PART + 1)
    local to = forwards and math.min(high, low + PART - 1) or high
    local some = part(from, to)
    for index = 1, #some do
      local line = some[forwards and index or #some - index + 1]
      bytes = bytes + #line
      if bytes > most and #lines > 0 then break end
      lines[#lines + 1] = line
    end
    if forwards then low = to + 1 else high = from - 1 end
  end
  if forwards then return lines, first end
  local ordered = {}
  for index = #lines, 1, -1 do ordered[#ordered + 1] = lines[index] end
  return ordered, final - #ordered + 1
end
local function first_wanted() return math.min(math.max(ARGV[1] == 'tail' and last - wanted + 1 or wanted + 1, oldest), last + 1) end

if not placed then
  local low = first_wanted()
  local lines, from = fitting(low, math.min(low + limit - 1, last), function(first, final)
    return redis.call('LRANGE', KEYS[1], first - oldest, final - oldest)
  end)
  for index, line in ipairs(lines) do
    if #line > LONGEST_LINE then
      fault('entry', 'an element of ' .. #line .. ' bytes')
      lines[index] = damaged(from + index - 1)
    end
  end
  return { epoch, last, oldest, meta[3] and 1 or 0, cleared and 1 or 0, meta[5] or '', from, lines, faults, stands }
end

local start, startRaw = stated_around(0)
local finish, finishRaw = stated_around(held - 1)
oldest = start and math.max(start, 1) or 1
for _, seq in ipairs(startRaw) do if start - seq <= AROUND and seq >= 1 then oldest = math.min(oldest, seq) end end
last = finish and 0 or oldest + held - 1
for _, seq in ipairs(finishRaw) do if math.abs(finish - seq) <= AROUND then last = math.max(last, seq) end end
if stated and stated > last and stated - last <= LEAP_MAX then last = stated end
oldest = math.min(oldest, last + 1)

local from = first_wanted()
local low, high = 0, held
while low < high do
  local middle = math.floor((low + high) / 2)
  if (stated_around(middle) or oldest + middle) < from then low = middle + 1 else high = middle end
end
local to = math.min(from + limit - 1, last)
local lines = {}
for seq = from, to do lines[seq - from + 1] = damaged(seq) end
local found = {}
for _, line in ipairs(redis.call('LRANGE', KEYS[1], math.max(low - AROUND, 0), low + limit + AROUND)) do
  local seq = own(line)
  if seq and seq >= from and seq <= to and not found[seq] and #line <= LONGEST_LINE then
    found[seq] = true
    lines[seq - from + 1] = line
  end
end
lines, from = fitting(from, to, function(first, final)
  local some = {}
  for seq = first, final do some[seq - first + 1] = lines[seq - from + 1] end
  return some
end)
return { epoch, last, oldest, meta[3] and 1 or 0, cleared and 1 or 0, meta[5] or '', from, lines, faults, stands }

-- Finds the logs that stand elsewhere than the caller believes.
--
-- KEYS  hashes of what is known about the lists
-- ARGV  for each key '<epoch>:<last seq>', or '' where the caller knows of no log
-- Reply the places of the others in KEYS, counted from 1
--
-- A cleared log has no entries, and its next epoch has not begun: it counts as none. So does what is no hash of ours: one
-- wrong key must not fail the question for all the others.

local changed = {}
for index, key in ipairs(KEYS) do
  local meta = redis.pcall('HMGET', key, 'epoch', 'seq', 'cleared')
  if meta.err then
    if not string.find(meta.err, 'WRONGTYPE') then return meta end
    meta = {}
  end
  local stands = meta[1] and not meta[3] and string.sub(meta[1], 1, 1000) .. ':' .. (meta[2] or '') or ''
  if stands ~= ARGV[index] then changed[#changed + 1] = index end
end
return changed

-- What the scripts that read, claim and append know of entries. `RedisScript` puts it before each of them.

local ATTEMPT_LEAP_MAX = 1000 -- no owner misses so many others
local RUNNING = { queued = 1, provisioning = 1, instance_ready = 1, installing = 1, model_loading = 1, health_check = 1 }

-- A number as it is stored, or nil.
local function whole(text)
  return text and #text <= 15 and string.find(text, '^%d+$') and tonumber(text) or nil
end

-- The seq that an entry states, or nil.
local function own(line) return line and whole(string.match(line, '^{"seq":(%d+)')) or nil end

-- The phase of an entry, '' for a line that is none.
local function phase(line)
  local ok, entry = pcall(cjson.decode, line)
  return ok and type(entry) == 'table' and type(entry.phase) == 'string' and entry.phase or ''
end

-- The line that stands for an entry that is lost.
local function damaged(seq) return string.format('{"seq":%.0f,"damaged":true}', seq) end

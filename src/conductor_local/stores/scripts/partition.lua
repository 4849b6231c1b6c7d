-- What the scripts of one partition share.
--
-- KEYS  1 state  2 due  3 taken  4 outbox  5 counts  6 ended  7 cursors, and where one run is meant  8 run  9 events  10 payloads
-- ARGV  1 how every key of the partition begins; the rest is taken in order
--
-- Two indexes have names that depend on what a row says, so they cannot be declared: `runs:<status>` and
-- `runs:<definition>:<status>`. They lie in the same slot as everything else here.

local STATE, DUE, TAKEN, OUTBOX, COUNTS, ENDED, CURSORS, RUN, EVENTS, PAYLOADS = unpack(KEYS)
local CHUNK = 1000 -- values in one command; Lua's stack bounds it
local PREFIX = ARGV[1]
local place = 1

local function take()
  place = place + 1
  return ARGV[place]
end

local function take_number()
  return tonumber(take())
end

-- Write fields: how many values follow, then field and value in turn.
local function put_fields(key)
  local count = take_number()
  local last = place + count
  while place < last do
    local to = math.min(place + CHUNK, last)
    redis.call('HSET', key, unpack(ARGV, place + 1, to))
    place = to
  end
end

-- Remove fields: how many, then their names.
local function drop_fields(key)
  local count = take_number()
  local last = place + count
  while place < last do
    local to = math.min(place + CHUNK, last)
    redis.call('HDEL', key, unpack(ARGV, place + 1, to))
    place = to
  end
end

-- A row of work is its sheet with the order in which it was added; `due` and `taken` name it `<order>:<run>:<work id>`.
local function member_of(id, work_id, row)
  return string.match(row, '^{"order":"(%d+)"') .. ':' .. id .. ':' .. work_id
end

local function drop_work(id, work_id)
  local row = redis.call('HGET', RUN, 'work:' .. work_id)
  if row then
    local member = member_of(id, work_id, row)
    if redis.call('ZREM', TAKEN, member) == 0 then
      redis.call('ZREM', DUE, member)
    end
    redis.call('HDEL', RUN, 'work:' .. work_id)
  end
end

local function add_work(id, work_id, due_at, is_claimed, sheet)
  local order = string.format('%016d', redis.call('HINCRBY', STATE, 'order', 1))
  redis.call('HSET', RUN, 'work:' .. work_id, '{"order":"' .. order .. '",' .. string.sub(sheet, 2))
  redis.call('ZADD', is_claimed and TAKEN or DUE, due_at, order .. ':' .. id .. ':' .. work_id)
end

-- Move a run from the indexes of one status to those of another; false: it is or was in none. Runs of a map's items, whose definition
-- is `<id>/<label>`, are listed only under their definition.
local function move(entry, definition, was, now)
  local function each(change, status, by)
    if status then
      if not string.find(definition, '/', 1, true) then
        change(PREFIX .. 'runs:' .. status)
      end
      change(PREFIX .. 'runs:' .. definition .. ':' .. status)
      redis.call('HINCRBY', COUNTS, status, by)
    end
  end
  each(function(key) redis.call('ZREM', key, entry) end, was, -1)
  each(function(key) redis.call('ZADD', key, 0, entry) end, now, 1)
end

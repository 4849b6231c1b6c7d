-- uses: answer, partition
-- Forget an ended run with all its rows, its places in the outbox included.
-- ARGV  2 id  3 version it was read at  4 entry in the indexes  5 definition  6 '1': only if every sink has read its events
-- Returns 1 forgotten; 0 not there or not ended; -1 it has moved on; -2 a sink has not read its events.

local told = answered_before()
if told then
  return told
end
local id, version, entry, definition, must_be_read = take(), take(), take(), take(), take()
local stored = redis.call('HMGET', RUN, 'version', 'status', 'position')
if not stored[1] or not redis.call('ZSCORE', ENDED, id) then
  return 0
end
if stored[1] ~= version then
  return -1
end
if must_be_read == '1' then
  for _, cursor in ipairs(redis.call('HVALS', CURSORS)) do
    if tonumber(cursor) < tonumber(stored[3] or 0) then
      return -2
    end
  end
end
local fields = redis.call('HKEYS', RUN)
for _, field in ipairs(fields) do
  local work_id = string.match(field, '^work:(.*)$')
  if work_id then
    drop_work(id, work_id)
  end
end
local first = 0
while true do
  local segments = redis.call('ZRANGE', EVENTS, first, first + 99, 'WITHSCORES')
  if #segments == 0 then
    break
  end
  for index = 2, #segments, 2 do
    redis.call('ZREM', OUTBOX, segments[index] .. ':' .. id)
  end
  first = first + 100
end
redis.call('ZREM', ENDED, id)
move(entry, definition, stored[2], false)
redis.call('UNLINK', RUN, EVENTS, PAYLOADS)
return answer(1)

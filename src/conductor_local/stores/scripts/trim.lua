-- uses: partition
-- Drop what every sink has read from the outbox; the events stay with their runs. Without a sink nothing is dropped.
-- ARGV  2 how many at most
-- Returns how many places were dropped.

local limit = take()
local read
for _, cursor in ipairs(redis.call('HVALS', CURSORS)) do
  read = math.min(read or tonumber(cursor), tonumber(cursor))
end
if not read then
  return 0
end
local places = redis.call('ZRANGEBYSCORE', OUTBOX, '-inf', string.format('%d', read), 'LIMIT', 0, limit)
for first = 1, #places, 1000 do
  redis.call('ZREM', OUTBOX, unpack(places, first, math.min(first + 999, #places)))
end
return #places

-- uses: partition
-- Read commits behind a cursor. Changes nothing.
-- ARGV  2 cursor  3 how many at most
-- Returns for each commit: position, run, sheet of its events, and the run's head where it comes up first, else ''.

local cursor, limit = take(), take()
local found, seen = {}, {}
local rows = redis.call('ZRANGEBYSCORE', OUTBOX, '(' .. cursor, '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
for index = 1, #rows, 2 do
  local seq, id = string.match(rows[index], '^(%d+):(.*)$')
  found[#found + 1] = rows[index + 1]
  found[#found + 1] = id
  found[#found + 1] = redis.call('ZRANGEBYSCORE', PREFIX .. 'events:' .. id, seq, seq)[1]
  found[#found + 1] = seen[id] and '' or redis.call('HGET', PREFIX .. 'run:' .. id, 'head')
  seen[id] = true
end
return found

-- uses: partition
-- Take rows of work that are due. Never sent twice: when the answer is lost, the owner acquires anew.
-- ARGV  2 epoch  3 now  4 how many at most
-- Returns {1, when the earliest row left is due or '', then run and sheet of each row}; {-1} fenced.

local epoch, now, limit = take(), take(), take()
if redis.call('HGET', STATE, 'epoch') ~= epoch then
  return {-1}
end
local found = {1, ''}
local rows = redis.call('ZRANGEBYSCORE', DUE, '-inf', now, 'WITHSCORES', 'LIMIT', 0, limit)
for index = 1, #rows, 2 do
  local id, work_id = string.match(rows[index], '^%d+:([^:]*):(.*)$')
  found[#found + 1] = id
  found[#found + 1] = redis.call('HGET', PREFIX .. 'run:' .. id, 'work:' .. work_id)
  redis.call('ZADD', TAKEN, rows[index + 1], rows[index])
  redis.call('ZREM', DUE, rows[index])
end
found[2] = redis.call('ZRANGE', DUE, 0, 0, 'WITHSCORES')[2] or ''
return found

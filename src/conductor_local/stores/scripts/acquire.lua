-- uses: partition
-- Raise the epoch, and free what earlier owners had claimed or parked.
-- ARGV  2 token
-- Returns the epoch; the same one when this request is sent again.

local token = take()
if redis.call('HGET', STATE, 'owner') == token then
  return tonumber(redis.call('HGET', STATE, 'epoch'))
end
redis.call('HSET', STATE, 'owner', token)
local epoch = redis.call('HINCRBY', STATE, 'epoch', 1)
while true do
  local rows = redis.call('ZRANGE', TAKEN, 0, 499, 'WITHSCORES')
  if #rows == 0 then
    return epoch
  end
  for index = 1, #rows, 2 do
    rows[index], rows[index + 1] = rows[index + 1], rows[index]
  end
  redis.call('ZADD', DUE, unpack(rows))
  redis.call('ZREMRANGEBYRANK', TAKEN, 0, 499)
end

-- uses: answer
-- Forget a definition; its documents stay.
-- KEYS  1 definition  2 definitions  3 names  4 answer    ARGV  1 id
-- Returns 1 forgotten; 0 it was not there.

local told = answered_before()
if told then
  return told
end
local name = redis.call('HGET', KEYS[1], 'name')
if not name then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], name)
return answer(1)

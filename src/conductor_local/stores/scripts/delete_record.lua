-- uses: answer
-- Forget a record.
-- KEYS  1 records of the kind  2 their revisions  3 answer    ARGV  1 key
-- Returns 1 forgotten; 0 it was not there.

local told = answered_before()
if told then
  return told
end
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('HDEL', KEYS[2], ARGV[1])
return answer(1)

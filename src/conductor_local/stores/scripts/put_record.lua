-- uses: answer
-- Store a record unless it is not what the caller believes.
-- KEYS  1 records of the kind  2 their revisions  3 answer    ARGV  1 key  2 the revision it replaces or ''  3 revision  4 sheet
-- Returns 1 stored; 0 the stored revision is another one.

local told = answered_before()
if told then
  return told
end
if (redis.call('HGET', KEYS[2], ARGV[1]) or '') ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return answer(1)

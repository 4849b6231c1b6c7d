-- uses: answer
-- Store a definition and pin its document.
-- KEYS  1 definition  2 definitions  3 names  4 document  5 answer
-- ARGV  1 id  2 name  3 the revision it replaces or ''  4 revision  5 when it was created  6 sheet  7 sheet of the document
-- Returns 1 stored; 0 the id is taken; -1 the stored revision is another one; -2 the name is taken.

local told = answered_before()
if told then
  return told
end
local id, name, replaces = ARGV[1], ARGV[2], ARGV[3]
local stored = redis.call('HMGET', KEYS[1], 'revision', 'name')
if replaces == '' and stored[1] then
  return 0
end
if replaces ~= '' and stored[1] ~= replaces then
  return -1
end
local holder = redis.call('HGET', KEYS[3], name)
if holder and holder ~= id then
  return -2
end
redis.call('HSET', KEYS[1], 'revision', ARGV[4], 'name', name, 'sheet', ARGV[6])
redis.call('ZADD', KEYS[2], ARGV[5], id)
if stored[2] and stored[2] ~= name then
  redis.call('HDEL', KEYS[3], stored[2])
end
redis.call('HSET', KEYS[3], name, id)
redis.call('SETNX', KEYS[4], ARGV[7])
return answer(1)

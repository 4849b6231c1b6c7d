-- uses: answer, partition
-- Park a run: nobody may claim its rows until the next acquire.
-- ARGV  2 id  3 epoch  4 version it is to have  5 entry in the indexes  6 definition  then fields of the run
-- Returns 1 parked; 0 the version has moved on; -1 fenced; -2 there is no such run.

local told = answered_before()
if told then
  return told
end
local id, epoch, version, entry, definition = take(), take(), take(), take(), take()
local stored = redis.call('HMGET', RUN, 'version', 'status')
if not stored[1] then
  return -2
end
if redis.call('HGET', STATE, 'epoch') ~= epoch then
  return -1
end
if tonumber(stored[1]) ~= tonumber(version) - 1 then
  return 0
end
put_fields(RUN)
redis.call('HSET', RUN, 'suspended', epoch)
local fields = redis.call('HGETALL', RUN)
for index = 1, #fields, 2 do
  local work_id = string.match(fields[index], '^work:(.*)$')
  if work_id then
    local member = member_of(id, work_id, fields[index + 1])
    local due_at = redis.call('ZSCORE', DUE, member)
    if due_at then
      redis.call('ZADD', TAKEN, due_at, member)
      redis.call('ZREM', DUE, member)
    end
  end
end
if stored[2] ~= 'SUSPENDED' then
  move(entry, definition, stored[2], 'SUSPENDED')
  redis.call('ZREM', ENDED, id)
end
return answer(1)

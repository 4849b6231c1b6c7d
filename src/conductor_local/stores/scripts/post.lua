-- uses: answer, partition
-- Add work from outside. Under the epoch that parked the run it comes in parked as well.
-- ARGV  2 id  then fields of payloads; number of rows, and for each: id, due, '0', sheet
-- Returns 1 every row is there; 0 there is no such run.

local told = answered_before()
if told then
  return told
end
local id = take()
local stored = redis.call('HMGET', RUN, 'version', 'suspended')
if not stored[1] then
  return 0
end
local is_parked = stored[2] and stored[2] == redis.call('HGET', STATE, 'epoch')
put_fields(PAYLOADS)
for _ = 1, take_number() do
  local work_id, due_at, _, sheet = take(), take(), take(), take()
  if redis.call('HEXISTS', RUN, 'work:' .. work_id) == 0 then
    add_work(id, work_id, due_at, is_parked, sheet)
  end
end
return answer(1)

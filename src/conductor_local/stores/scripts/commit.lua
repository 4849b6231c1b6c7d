-- uses: partition
-- Apply one step of a run: all of it or, when a guard says no, nothing.
-- ARGV  2 id  3 epoch  4 token  5 version of the step  6 status  7 entry in the indexes  8 definition  9 when it ended or ''
--       10 seq of the last event or ''  11 sheet of the events or ''
--       then fields of the run; frames gone; fields of payloads; number of rows of work gone, and their ids;
--       number of new rows of work, and for each: id, due, '1' if born claimed, sheet
-- Returns 1 applied now or by this same request before; 0 the version has moved on; -1 fenced.

local id, epoch, token, version, status = take(), take(), take(), take(), take()
local entry, definition, ended_at, last_seq, events = take(), take(), take(), take(), take()
local stored = redis.call('HMGET', RUN, 'version', 'token', 'status')
if stored[1] == version and stored[2] == token then
  return 1
end
if redis.call('HGET', STATE, 'epoch') ~= epoch then
  return -1
end
if not stored[1] or tonumber(stored[1]) ~= tonumber(version) - 1 then
  return 0
end
put_fields(RUN)
drop_fields(RUN)
put_fields(PAYLOADS)
for _ = 1, take_number() do
  drop_work(id, take())
end
for _ = 1, take_number() do
  local work_id, due_at, is_claimed, sheet = take(), take(), take(), take()
  drop_work(id, work_id)
  add_work(id, work_id, due_at, is_claimed == '1', sheet)
end
if events ~= '' then
  local position = redis.call('HINCRBY', STATE, 'position', 1)
  redis.call('ZADD', EVENTS, last_seq, events)
  redis.call('ZADD', OUTBOX, position, last_seq .. ':' .. id)
  redis.call('HSET', RUN, 'position', position)
end
if status ~= stored[3] then
  move(entry, definition, stored[3], status)
  redis.call('HDEL', RUN, 'suspended')
  if ended_at ~= '' then
    redis.call('ZADD', ENDED, ended_at, id)
  else
    redis.call('ZREM', ENDED, id)
  end
end
return 1

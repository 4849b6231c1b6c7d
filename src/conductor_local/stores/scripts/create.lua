-- uses: partition
-- Store a new run with its first work, once per id.
-- ARGV  2 id  3 token  4 the owner's epoch or ''  5 status  6 entry in the indexes  7 definition
--       then fields of the run; fields of payloads; number of rows of work, and for each: id, due, '1' if born claimed, sheet
-- Returns 1 stored now or by this same request before; 0 the id is taken.

local id, token, epoch, status, entry, definition = take(), take(), take(), take(), take(), take()
if redis.call('EXISTS', RUN) == 1 then
  return redis.call('HGET', RUN, 'born') == token and 1 or 0
end
local is_owner = epoch ~= '' and redis.call('HGET', STATE, 'epoch') == epoch
put_fields(RUN)
put_fields(PAYLOADS)
for _ = 1, take_number() do
  local work_id, due_at, is_claimed, sheet = take(), take(), take(), take()
  add_work(id, work_id, due_at, is_owner and is_claimed == '1', sheet)
end
move(entry, definition, false, status)
return 1

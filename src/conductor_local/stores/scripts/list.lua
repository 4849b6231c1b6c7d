-- Read one stretch of several indexes at one moment, so that a run that changes its status is seen once. Changes nothing.
-- KEYS  the indexes, all of one partition  ARGV  1 highest entry  2 lowest entry  3 how many at most of each, as ZREVRANGEBYLEX has them
-- Returns entries, not sorted.

local found = {}
for _, key in ipairs(KEYS) do
  for _, entry in ipairs(redis.call('ZREVRANGEBYLEX', key, ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])) do
    found[#found + 1] = entry
  end
end
return found

-- Answers that are kept for a minute under the request's own token, in ANSWER, the last of KEYS. A request that is sent again because
-- its answer was lost gets the answer it would have had.

local ANSWER = KEYS[#KEYS]

local function answered_before()
  return tonumber(redis.call('GET', ANSWER) or nil)
end

local function answer(code)
  redis.call('SET', ANSWER, code, 'EX', 60)
  return code
end

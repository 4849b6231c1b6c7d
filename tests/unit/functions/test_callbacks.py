"""Tokens, and the queues of activities."""

import asyncio

import pytest

from conductor_local.engine.messages import decode_token, encode_token
from conductor_local.errors import Unavailable
from conductor_local.functions.activity import ActivityQueues
from conductor_local.functions.executions_patience import patiently
from conductor_local.program import Failure
from conductor_local.runtime.ports import Deferred, Failed, Later

from .calls import call_of

ARN = "arn:aws:states:us-east-1:1:activity:pack"


@pytest.mark.parametrize("execution_id", ["0199-uuid", "arn:aws:states:us-east-1:1:execution:m:ü/x"])
def test_a_token_names_its_task_and_is_safe_in_urls(execution_id: str) -> None:
    token = encode_token(execution_id, "0.3")
    assert decode_token(token) == (execution_id, "0.3")
    assert token.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("text", ["", "NoSuchTaskToken", "ü", "%%%", "Zm9v", "/", "x/", "/x"])
def test_what_is_no_token_is_told_apart(text: str) -> None:
    assert decode_token(text) is None


async def everywhere(arn: str) -> bool:
    return True


async def test_a_call_of_an_activity_that_is_not_there_fails_at_once() -> None:
    async def nowhere(arn: str) -> bool:
        return False

    failure = Failure("States.Runtime", f"The activity {ARN} does not exist.")
    assert await ActivityQueues(nowhere).run(call_of(ARN)) == Failed(failure)


async def test_workers_get_calls_in_the_order_they_came() -> None:
    queues = ActivityQueues(everywhere)
    begun = [await queues.run(call_of(ARN, number)) for number in range(2)]
    taken = [await queues.take(ARN, f"worker {number}", 1) for number in range(2)]
    assert [task.input.value for task in taken if task] == [0, 1]
    assert [await one.end() for one in begun if isinstance(one, Later)] == [Deferred(None, "worker 0"), Deferred(None, "worker 1")]


async def test_a_worker_that_left_does_not_take_a_call_with_it() -> None:
    queues = ActivityQueues(everywhere)
    left = asyncio.create_task(queues.take(ARN, "left", 10))
    stays = asyncio.create_task(queues.take(ARN, "stays", 10))
    await asyncio.sleep(0)
    await queues.run(call_of(ARN, 1))
    left.cancel()
    task = await stays
    assert task is not None
    assert task.input.value == 1
    with pytest.raises(asyncio.CancelledError):
        await left


async def test_a_call_that_nobody_wants_any_more_leaves_the_queue() -> None:
    queues = ActivityQueues(everywhere)
    begun = await queues.run(call_of(ARN))
    assert isinstance(begun, Later)
    waiting = asyncio.ensure_future(begun.end())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await queues.take(ARN, None, 0) is None


async def test_a_store_that_is_away_is_asked_again() -> None:
    answers = iter([Unavailable(), Unavailable(), 3])

    async def ask() -> int:
        answer = next(answers)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    assert await patiently(ask) == 3

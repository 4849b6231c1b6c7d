"""One state on the real kernel: entered with its input, its work done or mocked, until it is left or fails for good.

Rules: a frame is put in front of the state as if an execution had come to it; nothing is stored. A composite that is mocked is a
Task whose arguments are what the composite reads before its work, because its own work is not done. The context is that of an
Express execution. Nothing takes longer than five minutes: what would is a `States.Timeout` (API reference, `TestState`).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from conductor_local.api.aws.teststate.definition import Tested
from conductor_local.engine import events as ev
from conductor_local.engine.advance import advance
from conductor_local.engine.effects import AnyWork, Invoke, Timer
from conductor_local.engine.messages import AnyMessage, Continue, TaskFailed, TaskSucceeded, TimerFired
from conductor_local.engine.state import Execution, Frame, Status, create_execution
from conductor_local.payload import Json, Payload
from conductor_local.program import Body, ErrorName, Expr, Failure, Map, MapRun, Node, Program, Resource, Scope, Task
from conductor_local.runtime.ports import Clock, Deferred, Failed, Succeeded, TaskCall

TIME_MAX = timedelta(minutes=5)
_FRAME = 1
_OVER = Failure(ErrorName.TIMEOUT, f"The state takes longer than the {TIME_MAX.seconds} seconds that a test of it may take.")

Answer = Callable[[TaskCall], Awaitable[Succeeded | Failed | Deferred]]
"""Does the work of a state."""
Left = ev.NodeExited | ev.NodeCaught | ev.NodeFailed | ev.RetryScheduled
"""The events by which one attempt of a state is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a state was left; `invoke` is the call it made, `result` what that gave, `trace` what was seen of it."""

    left: Left
    invoke: Invoke | None = None
    result: Payload | None = None
    trace: dict[str, Json] | None = None


class Trial:
    """Runs one state of a program, whose call `answer` makes."""

    def __init__(self, program: Program, name: str, clock: Clock, answer: Answer) -> None:
        self._program, self._name, self._clock, self._answer = program, name, clock, answer
        self._trace: dict[str, Json] | None = None

    async def run(self, execution: Execution, retries: list[int]) -> Ended:
        """Run an execution that stands before the state, as `before` makes it; it is not changed.

        `retries` counts, for each Retrier of the state, the attempts that were made already.
        """
        frame = msgspec.structs.replace(execution.frames[_FRAME], retries=retries)
        current = Execution(execution.head, {_FRAME: frame})
        due_at = execution.head.at + TIME_MAX
        message: AnyMessage = Continue(at=execution.head.at)
        invoke, result = None, None
        while True:
            step = advance(self._program, current, message)
            current.apply(step)
            if left := next((event for event in step.events if isinstance(event, Left) and event.frame == _FRAME), None):
                return Ended(left=left, invoke=invoke, result=result, trace=self._trace)
            invoke = next((row for row in step.work if isinstance(row, Invoke)), invoke)
            told = await self._next(step.work, current, due_at)
            if told is None:
                return Ended(left=ev.NodeFailed(at=self._clock.now(), node=self._name, kind="", failure=_OVER), invoke=invoke)
            message, result = told, told.result if isinstance(told, TaskSucceeded) else None

    async def _next(self, work: list[AnyWork], execution: Execution, due_at: datetime) -> AnyMessage | None:
        """Return what comes of the work that is owed; None when it would take too long."""
        timers = sorted((row for row in work if isinstance(row, Timer)), key=lambda timer: timer.due_at)
        invoke = next((row for row in work if isinstance(row, Invoke)), None)
        timer = timers[0] if timers and timers[0].due_at <= due_at else None
        if invoke is not None:
            until = due_at if timer is None else timer.due_at
            if (message := await self._called(invoke, execution, until)) is not None:
                return message
        elif timer is not None:
            await self._clock.sleep_until(timer.due_at)
        return None if timer is None else TimerFired(at=timer.due_at, work_id=timer.id)

    async def _called(self, invoke: Invoke, execution: Execution, until: datetime) -> AnyMessage | None:
        """Do the work and return what came of it, unless that takes too long."""
        head, started_at = execution.head, self._clock.now()
        call = TaskCall(execution_id=head.id, execution_name=head.name, definition_name=head.definition_name, invoke=invoke)
        try:
            async with asyncio.timeout(max(0.0, (until - started_at).total_seconds())):
                outcome = await self._answer(call)
        except TimeoutError:
            return None
        at = self._clock.now()
        self._trace = None if isinstance(outcome, Deferred) else outcome.trace
        match outcome:
            case Succeeded(result=result, submitted=submitted):
                return TaskSucceeded(at=at, work_id=invoke.id, result=result, started_at=started_at, submitted=submitted)
            case Failed(failure=failure, submitted=submitted):
                return TaskFailed(at=at, work_id=invoke.id, failure=failure, started_at=started_at, submitted=submitted)
            case Deferred():
                failure = Failure(ErrorName.TASK_FAILED, "The task waits for a callback, which a test without a mock cannot give.")
                return TaskFailed(at=at, work_id=invoke.id, failure=failure, started_at=started_at)


def before(tested: Tested, arn: str, at: datetime, seed: int, input: Payload, variables: dict[str, Payload]) -> Execution:
    """Make an execution of the machine `arn` that stands before the state."""
    name = str(UUID(int=seed << 64 | seed, version=4))
    id = f"{arn.replace(':stateMachine:', ':express:', 1)}:{name}"
    execution = create_execution(
        id=id, name=name, definition="", definition_id=arn, definition_name=arn.rpartition(":")[2], partition=0, seed=seed,
        input=input, at=at,
    )  # fmt: skip
    head = execution.head
    head.status, head.next_id = Status.RUNNING, _FRAME + 1
    head.next_history_id = 0  # there is no history whose events a text could name
    execution.frames[_FRAME] = Frame(id=_FRAME, node=tested.name, input=input, variables=variables)
    return execution


def with_work(program: Program, name: str) -> Program:
    """Return the program with a Task in the place of a composite."""
    node = program.body.nodes[name]
    if isinstance(node, Task):
        return program
    task = Task(
        name=node.name, title=node.title, next=node.next, resource=Resource("mock", node.name), arguments=_read_first(node),
        output=node.output, assign=node.assign, retry=node.retry, catch=node.catch,
    )  # fmt: skip
    return replace(program, body=Body(program.body.start, {**program.body.nodes, name: task}))


def _read_first(node: Node) -> Expr:
    """Return the arguments of a composite; they fail when something does that it reads before its work."""
    reads: list[Expr | None] = []
    match node:
        case Map(items=items, window=window):
            reads = [items, window]
        case MapRun(items=items, order=order):
            reads = [items, order]

    def read(scope: Scope) -> Json:
        given = scope.input if node.arguments is None else node.arguments(scope)
        for expr in reads:
            if expr is not None:
                expr(scope)
        return given

    return read

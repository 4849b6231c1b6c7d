"""Run a program to its end on the bare kernel, in virtual time.

Calls begin as soon as they are asked for and are answered when their `Reply` is due; timers fire when they are due; of two things
due at once an answer comes first. Nothing here waits.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from conductor_local.api.aws import Machine
from conductor_local.engine.effects import Deliver, Invoke
from conductor_local.engine.messages import AnyMessage, TaskFailed, TaskSubmitted, TaskSucceeded
from conductor_local.engine.nodes.map_run import MAP_RUN
from conductor_local.engine.state import ENDED, create_execution
from conductor_local.payload import Payload
from conductor_local.program import Failure, Program
from conductor_local.testing.kernel import BEGIN, Run

from . import map_runs
from .cases import ACCOUNT, REGION, ROLE_ARN, Case
from .services import Reply, call
from .stand_in import stand_in

NAME, EXECUTION = "machine", "run"
_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}"
MACHINE = Machine(arn=f"{_ARN}:stateMachine:{NAME}", role_arn=ROLE_ARN, region=REGION)
STEPS_MAX = 20_000


class Endless(Exception):
    """The execution did not end."""


@dataclass(slots=True)
class _Answers:
    """Replies under way, earliest first."""

    heap: list[tuple[datetime, int, AnyMessage]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def add(self, at: datetime, message: AnyMessage) -> None:
        heapq.heappush(self.heap, (at, next(self.numbers), message))


def run(program: Program, text: str, case: Case, *, is_sync: bool = False, place: str = "") -> Run:
    """Run `program`, the machine at `place` in the definition of `case`, with the JSON text of its input."""
    kernel = Run(program)
    arn = f"{_ARN}:express:{NAME}:{EXECUTION}:{EXECUTION}" if is_sync else f"{_ARN}:execution:{NAME}:{EXECUTION}"
    kernel.execution = create_execution(
        id=arn, name=EXECUTION, definition="digest", definition_id=MACHINE.arn, definition_name=NAME, partition=0, seed=1,
        input=Payload.from_encoded(text.encode()), at=BEGIN,
    )  # fmt: skip
    kernel.start()
    answers, begun = _Answers(), set[str]()
    for _ in range(STEPS_MAX):
        if kernel.status in ENDED:
            return kernel
        for work in list(kernel.work.values()):
            if isinstance(work, Invoke) and work.id not in begun:
                begun.add(work.id)
                _begin(kernel, work, _reply(case, kernel, work, place), answers)
        if not _go_on(kernel, answers):
            return kernel
    raise Endless(f"after {STEPS_MAX} steps the execution stands at {kernel.execution.head.node}")


def _reply(case: Case, kernel: Run, work: Invoke, place: str) -> Reply:
    if work.resource.kind == MAP_RUN:
        return map_runs.perform(case, kernel, work, place)
    if case.is_outside and work.resource.kind == "integration":
        return Reply(outcome=stand_in().call(work))
    return call(work.resource, work.arguments.value, case.behaviours)


def _begin(kernel: Run, work: Invoke, reply: Reply, answers: _Answers) -> None:
    at, outcome = kernel.now + timedelta(seconds=reply.after_s), reply.outcome
    message: AnyMessage
    if isinstance(outcome, Failure):
        message = TaskFailed(at=at, work_id=work.id, failure=outcome, started_at=kernel.now)
    elif reply.is_submission:
        message = TaskSubmitted(at=at, work_id=work.id, output=Payload(outcome), started_at=kernel.now)
    else:
        message = TaskSucceeded(at=at, work_id=work.id, result=Payload(outcome), started_at=kernel.now)
    answers.add(at, message)


def _go_on(kernel: Run, answers: _Answers) -> bool:
    """Let the next thing happen; False when nothing is left that could."""
    if owed := next((work for work in kernel.work.values() if isinstance(work, Deliver)), None):
        kernel.perform(owed)
        return True
    timers = kernel.timers
    if answers.heap and (not timers or answers.heap[0][0] <= timers[0].due_at):
        _, _, message = heapq.heappop(answers.heap)
        if message.work_id in kernel.work:  # type: ignore[union-attr]
            kernel.send(message)
        return True
    if timers:
        kernel.fire()
        return True
    return False

"""Run a program on the bare kernel: no store, no clock, no event loop.

A `Run` holds a program and an execution. What it is sent goes through `advance`; the step is applied, its events are collected, its
work is kept until a message consumes it or a step cancels it, as a store would. Time moves only with messages.

    run = Run(program, input={"n": 1})
    run.start()
    run.finish(lambda invoke: invoke.arguments.value)
    assert run.output == {"n": 1}
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from conductor_local.engine.advance import advance
from conductor_local.engine.effects import AnyWork, Deliver, Invoke, Timer
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.messages import (
    AnyMessage,
    Heartbeat,
    Redrive,
    Start,
    Stop,
    TaskFailed,
    TaskSubmitted,
    TaskSucceeded,
    TimerFired,
    WorkId,
)
from conductor_local.engine.state import ENDED, Status, Step, create_execution
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure, Program

Answer = Callable[[Invoke], Json]
"""What a call gives: its result, or a `Failure`. The call's `attempt` counts from 1."""

Choose = Callable[[Sequence[AnyWork]], AnyWork]
"""Which work is performed next, out of every Deliver and Invoke and the timer that is due first."""

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def in_order(candidates: Sequence[AnyWork]) -> AnyWork:
    """Choose what was asked for first; the timer only when nothing else is left."""
    return candidates[0]


class Run:
    """One execution of a program, driven by hand."""

    def __init__(self, program: Program, *, input: Json = None, at: datetime = BEGIN, seed: int = 1, name: str = "run") -> None:
        self.program = program
        self.now = at
        self.execution = create_execution(
            id=f"{name}-id", name=name, definition="digest", definition_id="definition", definition_name="Definition", partition=0,
            seed=seed, input=Payload(input), at=at,
        )  # fmt: skip
        self.events: list[AnyEvent] = []
        self.steps: list[Step] = []
        self.work: dict[WorkId, AnyWork] = {}

    # what can be seen

    @property
    def status(self) -> Status:
        return self.execution.head.status

    @property
    def output(self) -> Json:
        """What the execution ended with, or None."""
        output = self.execution.head.output
        return None if output is None else output.value

    @property
    def failure(self) -> Failure | None:
        return self.execution.head.failure

    @property
    def invokes(self) -> list[Invoke]:
        """The calls that nobody has answered, in the order in which they were asked for."""
        return [work for work in self.work.values() if isinstance(work, Invoke)]

    @property
    def timers(self) -> list[Timer]:
        """The timers that are set, in the order in which they are due."""
        return sorted((work for work in self.work.values() if isinstance(work, Timer)), key=lambda timer: timer.due_at)

    def invoke_of(self, node: str) -> Invoke:
        """Return the first unanswered call of a node."""
        return next(invoke for invoke in self.invokes if invoke.node == node)

    # what can be done

    def send(self, *messages: AnyMessage) -> Step:
        """Advance by messages that consume the work they answer."""
        for message in messages:
            if isinstance(message, TaskSucceeded | TaskFailed | TaskSubmitted | TimerFired):
                self.work.pop(message.work_id, None)
        return self.post(*messages)

    def post(self, *messages: AnyMessage) -> Step:
        """Advance by messages from outside: they consume nothing."""
        self.now = max(self.now, *(message.at for message in messages))
        return self.apply(advance(self.program, self.execution, *messages))

    def apply(self, step: Step) -> Step:
        """Take over a step, as a store does after a commit."""
        self.execution.apply(step)
        self.events += step.events
        self.steps.append(step)
        for work_id in step.cancelled:
            self.work.pop(work_id, None)
        self.work.update((work.id, work) for work in step.work)
        return step

    def start(self) -> Step:
        return self.post(Start(at=self.now))

    def stop(self, error: str | None = None, cause: str | None = None) -> Step:
        return self.post(Stop(at=self.now, failure=Failure(error, cause)))

    def redrive(self) -> Step:
        return self.post(Redrive(at=self.now))

    def succeed(self, node: str, result: Json = None) -> Step:
        """Answer the first open call of a node."""
        return self.send(self.outcome(self.invoke_of(node), result))

    def fail(self, node: str, error: str | None = None, cause: str | None = None) -> Step:
        """Let the first open call of a node fail."""
        return self.send(self.outcome(self.invoke_of(node), Failure(error, cause)))

    def submit(self, node: str) -> WorkId:
        """Accept the first open call of a node, to be answered by callback; returns the work id that the callback names."""
        invoke = self.invoke_of(node)
        self.send(TaskSubmitted(at=self.now, work_id=invoke.id, output=Payload({}), started_at=self.now))
        return invoke.id

    def heartbeat(self, work_id: WorkId) -> Step:
        return self.post(Heartbeat(at=self.now, work_id=work_id))

    def fire(self) -> Step:
        """Let the next timer fire when it is due."""
        return self.perform(self.timers[0])

    def perform(self, work: AnyWork, answer: Answer | None = None) -> Step:
        """Do one piece of work. Without `answer` a call gives back its arguments."""
        return self.send(self.message_of(work, answer))

    def message_of(self, work: AnyWork, answer: Answer | None = None) -> AnyMessage:
        """Return what the world says about a piece of work; a Deliver is taken off the list of work."""
        match work:
            case Deliver(id=id, message=message):
                self.work.pop(id, None)
                return message
            case Timer(id=id, due_at=due_at):
                return TimerFired(at=max(self.now, due_at), work_id=id)
            case _:
                return self.outcome(work, work.arguments.value if answer is None else answer(work))

    def outcome(self, invoke: Invoke, answer: Json) -> AnyMessage:
        """Return the message of a call that gave `answer`."""
        if isinstance(answer, Failure):
            return TaskFailed(at=self.now, work_id=invoke.id, failure=answer, started_at=self.now)
        return TaskSucceeded(at=self.now, work_id=invoke.id, result=Payload(answer), started_at=self.now)

    def finish(self, answer: Answer | None = None, choose: Choose = in_order) -> Status:
        """Perform work until the execution has ended or nothing is left to do."""
        while self.status not in ENDED and self.work:
            self.perform(choose(self.candidates()), answer)
        return self.status

    def candidates(self) -> list[AnyWork]:
        """The work that could be performed next: every Deliver and Invoke, and the timer that is due first."""
        return [*(work for work in self.work.values() if not isinstance(work, Timer)), *self.timers[:1]]

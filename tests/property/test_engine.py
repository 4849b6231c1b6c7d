"""The kernel under random programs, inputs, orders of completion, failures and messages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor_local.engine.advance import advance
from conductor_local.engine.effects import AnyWork, Invoke, Timer
from conductor_local.engine.messages import (
    AnyMessage,
    Continue,
    Heartbeat,
    Lost,
    Redrive,
    Start,
    Stop,
    TaskFailed,
    TaskSubmitted,
    TaskSucceeded,
    TimerFired,
)
from conductor_local.engine.state import ENDED, Execution, Status
from conductor_local.errors import EvaluationError
from conductor_local.payload import Json, Payload
from conductor_local.program import (
    Body,
    Catcher,
    Choice,
    Fail,
    Failure,
    Map,
    Node,
    Parallel,
    Pass,
    Program,
    Resource,
    Retrier,
    Rule,
    Scope,
    Succeed,
    Task,
    Wait,
)
from conductor_local.stores.codec import Decoder, Encoder
from conductor_local.testing.kernel import BEGIN, Run

DEPTH_MAX = 3
STEPS_MAX = 400
encode = msgspec.msgpack.Encoder(enc_hook=lambda payload: payload.encoded).encode
seeds = st.integers(0, 2**32 - 1)


# --- random programs: every node hands on a list or a number; what a program gives depends on its input alone


@dataclass
class Drawing:
    """One program being drawn. `failures`: nodes may fail by themselves; `limits`: tasks may have time limits."""

    random: Random
    failures: bool = True
    limits: bool = True
    count: int = 0

    def program(self) -> Program:
        return Program(body=self.body(0), timeout_s=self.random.choice([None, None, 10_000.0]) if self.limits else None)

    def body(self, depth: int) -> Body:
        """Draw a chain; choices and catches jump forward in it."""
        names = [self.name() for _ in range(self.random.randrange(1, (8, 5, 3, 2)[depth]))]
        nodes = [self.node(name, names[place + 1 :], depth) for place, name in enumerate(names)]
        return Body(names[0], {node.name: node for node in nodes})

    def name(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def node(self, name: str, later: list[str], depth: int) -> Node:
        slots = {**self.slots(name), "next": later[0] if later else None}
        composites = ["parallel", "map"] * (1 + (depth == 0)) if depth < DEPTH_MAX else []
        match self.random.choice(["pass", "task", "task", "task", "wait", "choice", "end", *composites]):
            case "task":
                limits: dict[str, Any] = {}
                if self.limits and self.random.random() < 0.3:
                    limits = {"timeout_s": constant(5.0), "heartbeat_s": constant(2.0)}
                return Task(name=name, title="", resource=Resource("function", name), **slots, **self.handlers(later), **limits)
            case "wait":
                seconds = self.random.choice([0, 1, 1, 30])
                return Wait(name=name, title="", until=lambda scope: scope.now + timedelta(seconds=seconds), **slots)
            case "choice" if later:
                rule = Rule(condition=lambda scope: size(scope.input) % 2 == 0, next=self.random.choice(later))
                return Choice(name=name, title="", rules=(rule,), default=later[0])
            case "end" if self.failures and not later and self.random.random() < 0.5:
                return Fail(name=name, title="", error=constant("Chosen"), cause=constant("why"))
            case "end" if not later:
                return Succeed(name=name, title="")
            case "parallel":
                branches = tuple(self.body(depth + 1) for _ in range(self.random.randrange(1, 4)))
                return Parallel(name=name, title="", branches=branches, **slots, **self.handlers(later))
            case "map":
                window = constant(self.random.choice([0, 1, 2]))
                inner = self.body(depth + 1)
                return Map(name=name, title="", items=items, body=inner, window=window, item=item, **slots, **self.handlers(later))
            case _:
                return Pass(name=name, title="", **slots)

    def slots(self, name: str) -> dict[str, Any]:
        slots: dict[str, Any] = {}
        if self.random.random() < 0.4:
            slots["output"] = lambda scope: [name, size(scope.input), size(scope.result), known(scope)]
        if self.random.random() < 0.3:
            slots["assign"] = lambda scope: {"v": size(scope.result)}
        if self.random.random() < 0.3:
            slots["arguments"] = lambda scope: [scope.input, known(scope)]
        if self.failures and self.random.random() < 0.03:
            slots[self.random.choice(["arguments", "output", "assign"])] = self.broken()
        return slots

    def broken(self) -> Callable[[Scope], Json]:
        location = self.random.choice([None, "Place"])

        def slot(scope: Scope) -> Json:
            if scope.redrives:
                return {}
            raise EvaluationError("Broken", "as drawn", location=location)

        return slot

    def handlers(self, later: list[str]) -> dict[str, Any]:
        handlers: dict[str, Any] = {}
        if self.random.random() < 0.4:
            jitter = self.random.random() < 0.5
            few = Retrier(matches=lambda failure: failure.error == "Flaky", attempts_max=self.random.randrange(3), jitter=jitter)
            handlers["retry"] = (few, Retrier(matches=lambda _: True, attempts_max=1, interval_s=3))
        if self.failures and later and self.random.random() < 0.4:
            output = self.random.choice([None, lambda scope: scope.failure.error, self.broken()])
            handlers["catch"] = (Catcher(matches=lambda _: True, next=self.random.choice(later), output=output),)
        return handlers


def constant(value: Any) -> Callable[[Scope], Any]:
    return lambda _: value


def size(value: Json) -> int:
    """Make a small number out of any value."""
    match value:
        case list() | str():
            return len(value)
        case bool() | int():
            return int(value) % 7
        case _:
            return 0


def known(scope: Scope) -> Json:
    try:
        return scope.variable("v")
    except KeyError:
        return "none"


def items(scope: Scope) -> Json:
    return list(range(size(scope.input) + 1))


def item(scope: Scope) -> Json:
    assert scope.item is not None
    return [scope.item.index, scope.item.value, size(scope.arguments)]


def pure(invoke: Invoke) -> Json:
    return [invoke.node, size(invoke.arguments.value)]


def failing(random: Random, rate: float) -> Callable[[Invoke], Json]:
    return lambda invoke: Failure(random.choice(["Flaky", "Hard"])) if random.random() < rate else pure(invoke)


def draw(seed: int, **options: bool) -> tuple[Run, Random]:
    random = Random(seed)
    program = Drawing(random, **options).program()
    return Run(program, input=random.choice([None, 3, "abc", [1, 2, 3]]), seed=seed), random


def play(seed: int, watch: Callable[[Run, Sequence[AnyMessage]], None] | None = None, *, rate: float = 0.2) -> Run:
    """Run a random program under a random order of completion; `watch` sees each batch of messages before it is handled."""
    run, random = draw(seed)
    answer = failing(random, rate)
    messages: list[AnyMessage] = [Start(at=run.now)]
    for _ in range(STEPS_MAX):
        if watch is not None:
            watch(run, messages)
        run.send(*messages)
        if run.status in ENDED:
            break
        messages = next_messages(run, random, answer)
    return run


def next_messages(run: Run, random: Random, answer: Callable[[Invoke], Json]) -> list[AnyMessage]:
    """Let the world say something: answers, timers, now and then a heartbeat, a submission or something old."""
    candidates = run.candidates()
    invokes = run.invokes
    if len(candidates) > 1 and random.random() < 0.8:
        candidates = [work for work in candidates if not isinstance(work, Timer)]
    if invokes and random.random() < 0.1:
        return [Heartbeat(at=run.now, work_id=invokes[0].id)]
    if invokes and random.random() < 0.1:
        submitted = TaskSubmitted(at=run.now, work_id=invokes[0].id, output=Payload({}), started_at=run.now)
        return [submitted, TaskSucceeded(at=run.now, work_id=invokes[0].id, result=Payload(pure(invokes[0])))]
    if random.random() < 0.003:
        return [Stop(at=run.now, failure=Failure("Stopped"))]
    chosen = random.sample(candidates, k=random.randrange(1, min(4, len(candidates)) + 1))
    return [run.message_of(work, answer) for work in chosen]


# --- the properties


@settings(max_examples=250, deadline=None)
@given(seeds)
def test_the_same_messages_give_the_same_step_byte_for_byte(seed: int) -> None:
    def watch(run: Run, messages: Sequence[AnyMessage]) -> None:
        again = advance(run.program, run.execution, *messages)
        assert encode(again) == encode(advance(run.program, run.execution, *messages))

    first, second = play(seed, watch), play(seed)
    assert [encode(step) for step in first.steps] == [encode(step) for step in second.steps]


@settings(max_examples=250, deadline=None)
@given(seeds)
def test_advance_does_not_change_the_execution(seed: int) -> None:
    def watch(run: Run, messages: Sequence[AnyMessage]) -> None:
        before = encode(run.execution)
        frames = dict(run.execution.frames)
        advance(run.program, run.execution, *messages)
        assert encode(run.execution) == before
        assert all(run.execution.frames[id] is frame for id, frame in frames.items())

    play(seed, watch)


@settings(max_examples=250, deadline=None)
@given(seeds)
def test_folding_messages_equals_handling_them_one_by_one(seed: int) -> None:
    """Also when a step is cut short in between. Only the count of commits differs, and work that came and went in one fold."""

    def watch(run: Run, messages: Sequence[AnyMessage]) -> None:
        folded = copy_of(run)
        step = folded.apply(advance(run.program, folded.execution, *messages))
        single = copy_of(run)
        for message in messages:
            single.apply(advance(run.program, single.execution, message))
        single.execution.head.version = step.head.version
        assert encode(folded.execution) == encode(single.execution)
        assert encode(folded.events) == encode(single.events)
        assert encode(folded.work) == encode(single.work)

    play(seed, watch)


def copy_of(run: Run) -> Run:
    """Return a run that stands where `run` stands and goes its own way, with the events still to come."""
    twin = Run(run.program)
    twin.execution = Execution(run.execution.head, dict(run.execution.frames))
    twin.work = dict(run.work)
    return twin


@settings(max_examples=250, deadline=None)
@given(seeds, st.floats(0, 0.6))
def test_no_work_and_no_frame_is_left_after_the_end(seed: int, rate: float) -> None:
    run = play(seed, rate=rate)
    assert run.status in ENDED
    assert run.work == {}
    if run.status is Status.SUCCEEDED:
        assert run.execution.frames == {}


@settings(max_examples=250, deadline=None)
@given(seeds, st.lists(st.randoms(use_true_random=False), min_size=2, max_size=3))
def test_the_output_does_not_depend_on_the_order_of_completion(seed: int, orders: list[Random]) -> None:
    outputs = set()
    for order in orders:
        run, _ = draw(seed, failures=False, limits=False)
        run.start()
        assert run.finish(pure, choose=choice_by(order)) is Status.SUCCEEDED
        outputs.add(Payload(run.output))
    assert len(outputs) == 1


def choice_by(random: Random) -> Callable[[Sequence[AnyWork]], AnyWork]:
    return lambda candidates: random.choice(candidates)


WORK_IDS = st.one_of(st.builds("{}.{}".format, st.integers(0, 12), st.integers(0, 25)), st.text(max_size=8), st.just("9" * 5000))
INSTANTS = st.integers(-5, 500).map(lambda seconds: BEGIN + timedelta(seconds=seconds))
FAILURES = st.builds(Failure, st.sampled_from([None, "Flaky", "Hard"]))
PAYLOADS = st.sampled_from([None, 1, "text", [1, 2], {"a": 1}]).map(Payload)
MESSAGES: st.SearchStrategy[AnyMessage] = st.one_of(
    st.builds(Start, at=INSTANTS),
    st.builds(Continue, at=INSTANTS),
    st.builds(TaskSubmitted, at=INSTANTS, work_id=WORK_IDS, output=PAYLOADS, started_at=st.none() | INSTANTS),
    st.builds(TaskSucceeded, at=INSTANTS, work_id=WORK_IDS, result=PAYLOADS, started_at=st.none() | INSTANTS),
    st.builds(TaskFailed, at=INSTANTS, work_id=WORK_IDS, failure=FAILURES),
    st.builds(Heartbeat, at=INSTANTS, work_id=WORK_IDS),
    st.builds(TimerFired, at=INSTANTS, work_id=WORK_IDS),
    st.builds(Stop, at=INSTANTS, failure=FAILURES),
    st.builds(Lost, at=INSTANTS),
    st.builds(Redrive, at=INSTANTS),
)


@settings(max_examples=600, deadline=None)
@given(seeds, st.lists(MESSAGES, max_size=30))
def test_no_message_whatever_breaks_the_kernel(seed: int, messages: list[AnyMessage]) -> None:
    run, _ = draw(seed)
    run.start()
    for message in messages:
        at = run.execution.head.at
        step = run.send(message)
        assert step.head.at >= at
    numbers = [[event.seq for event in run.events], [event.history_id for event in run.events if event.history_id]]
    assert numbers == [list(range(1, len(each) + 1)) for each in numbers]
    assert all(event.cause < event.history_id for event in run.events if event.history_id)


@settings(max_examples=250, deadline=None)
@given(seeds)
def test_a_run_that_is_stored_and_loaded_between_its_steps_goes_the_same_way(seed: int) -> None:
    def reload(run: Run, _: Sequence[AnyMessage]) -> None:
        run.execution = stored(run.execution)

    live, reloaded = play(seed), play(seed, reload)
    assert [encode(step) for step in live.steps] == [encode(step) for step in reloaded.steps]


def stored(execution: Execution) -> Execution:
    """Write an execution as a store does and read it back."""
    encoder, decoder = Encoder(), Decoder()
    kept: dict[str, Payload] = {}
    head = decoder.head(decoder.sheet(encoder.encode(execution.head, kept)), kept)
    frames = {}
    for id, frame in execution.frames.items():
        sheet = decoder.sheet(encoder.encode(frame, kept))
        frames[id] = decoder.frame(sheet, {digest: Payload.from_encoded(payload.encoded) for digest, payload in kept.items()})
    return Execution(head, frames)


@settings(max_examples=250, deadline=None)
@given(seeds, st.floats(0.2, 1.0))
def test_a_redrive_with_functions_that_succeed_now_succeeds(seed: int, rate: float) -> None:
    run, random = draw(seed, failures=False)
    answer = failing(random, rate)
    run.start()
    for _ in range(random.randrange(1, 60)):
        if run.status in ENDED:
            break
        run.send(*next_messages(run, random, answer))
    if run.status is Status.RUNNING:
        run.stop("Enough")
    assert run.work == {}
    if run.status is not Status.SUCCEEDED:
        run.redrive()
        assert run.finish(pure) is Status.SUCCEEDED
    assert (run.work, run.execution.frames) == ({}, {})


@settings(max_examples=250, deadline=None)
@given(seeds)
def test_what_had_succeeded_before_a_redrive_is_not_called_again(seed: int) -> None:
    """A place is a node at a path: without retries of composites, a call that succeeded there is the last one."""
    run, random = draw(seed, failures=False, limits=False)
    run.program = replace(run.program, body=without_retries(run.program.body))
    succeeded: set[tuple[object, str]] = set()

    def answer(invoke: Invoke) -> Json:
        place = (invoke.path, invoke.node)
        assert place not in succeeded
        if random.random() < 0.3:
            return Failure("Hard")
        succeeded.add(place)
        return pure(invoke)

    run.start()
    for _ in range(200):
        if run.finish(answer, choose=choice_by(random)) is Status.SUCCEEDED:
            return
        run.redrive()
    raise AssertionError("not finished")


def without_retries(body: Body) -> Body:
    nodes = {}
    for name, node in body.nodes.items():
        node = replace(node, retry=())
        if isinstance(node, Parallel):
            node = replace(node, branches=tuple(without_retries(branch) for branch in node.branches))
        elif isinstance(node, Map):
            node = replace(node, body=without_retries(node.body))
        nodes[name] = node
    return Body(body.start, nodes)

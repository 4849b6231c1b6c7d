"""The pure kernel alone: how fast `advance` is without store, server or encoding. Also `python -m benchmarks.kernel`.

Nothing is persisted, and payloads are not encoded: what remains is the price of the engine itself.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from benchmarks.figures import Figure, table
from benchmarks.options import Options
from conductor_local.engine.advance import advance
from conductor_local.engine.effects import Deliver, Invoke
from conductor_local.engine.messages import AnyMessage, Start, TaskSucceeded
from conductor_local.engine.state import Execution, Status, create_execution
from conductor_local.payload import Payload
from conductor_local.program import Body, Limits, Map, Node, Pass, Program, Resource, Task

AT = datetime(2030, 1, 1, tzinfo=UTC)
ITEMS = 10_000
CHAINS = 500
STEPS = 10


def kernel_figures(options: Options) -> list[Figure]:
    """Measure a wide map and short chains of data and of function steps."""
    items = Figure(workload="kernel", name=f"map of {ITEMS:,} data items", unit="items/s")
    data = Figure(workload="kernel", name=f"{STEPS} data steps", unit="instances/s")
    calls = Figure(workload="kernel", name=f"{STEPS} function steps", unit="instances/s")
    for _ in range(options.rounds):
        items.add("engine", ITEMS / timed(map_program(), [{"item": index} for index in range(ITEMS)]))
        data.add("engine", CHAINS / timed(chain(_pass), {"order": 1}, CHAINS))
        calls.add("engine", CHAINS / timed(chain(_task), {"order": 1}, CHAINS))
    return [items, data, calls]


def timed(program: Program, payload: object, runs: int = 1) -> float:
    """Return the seconds that `runs` runs to the end take."""
    began = time.perf_counter()
    for _ in range(runs):
        run(program, payload)
    return time.perf_counter() - began


def run(program: Program, payload: object) -> Execution:
    """Run one execution to its end; every call answers at once with its arguments."""
    execution = create_execution(
        id="bench", name="bench", definition="-", definition_id="-", definition_name="-", partition=0, seed=1,
        input=Payload(payload), at=AT,
    )  # fmt: skip
    messages: list[AnyMessage] = [Start(at=AT)]
    while messages:
        step = advance(program, execution, *messages)
        execution.apply(step)
        messages = []
        for work in step.work:
            match work:
                case Deliver(message=message):
                    messages.append(message)
                case Invoke(id=id, arguments=arguments):
                    messages.append(TaskSucceeded(at=AT, work_id=id, result=arguments))
    assert execution.head.status is Status.SUCCEEDED, execution.head
    return execution


def chain(make: Callable[[str, str | None], Node]) -> Program:
    """Make a program of `STEPS` steps in a row."""
    nodes = {f"s{number}": make(f"s{number}", f"s{number + 1}" if number < STEPS else None) for number in range(1, STEPS + 1)}
    return Program(body=Body("s1", nodes))


def map_program() -> Program:
    """Make a program that maps over its input."""
    body = Body("item", {"item": _pass("item", None)})
    node = Map(name="map", title="map", items=lambda scope: scope.input, body=body)
    return Program(body=Body("map", {"map": node}), limits=Limits(payload_bytes=64 * 1024 * 1024))


def _pass(name: str, next: str | None) -> Node:
    return Pass(name=name, title=name, next=next)


def _task(name: str, next: str | None) -> Node:
    return Task(name=name, title=name, next=next, resource=Resource("function", "echo"))


if __name__ == "__main__":
    print(table(kernel_figures(Options())))

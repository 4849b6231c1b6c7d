"""W5: what the AWS face costs beside REST: the same calls of the same state machine on the same server, in turns.

One start, one look at an execution that has ended, and one run of three function steps from its start to the end that polling
shows, each over both faces. A synchronous start stands beside a REST run, for REST has no call that waits. Requests have the
headers that boto3 sends, and answers are checked. Polling rests a moment between two looks: without, whoever answers a look faster
gets more of them, and those take the interpreter from the execution that is looked at.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec

from benchmarks.client import Answer, Connection
from benchmarks.figures import Figure, Target, percentile
from benchmarks.options import Options
from benchmarks.server import HERE, MACHINE, Server
from benchmarks.workloads.ends import until_ended
from benchmarks.workloads.throughput import payload

NAME = f"async-3{MACHINE}"
EXPRESS = "express"
ARN = "arn:aws:states:us-east-1:000000000000"
ROLE = "arn:aws:iam::000000000000:role/any"
CALLS, WARM_UP = 400, 50
POLL_S = 0.001  # between two looks; boto3's users wait far longer
AT_MOST = Target(bound=1.15, relative=True)
_SIGNED = (
    "Content-Type: application/x-amz-json-1.0\r\nUser-Agent: Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux lang/python\r\n"
    "X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=conductor/20260101/us-east-1/states/aws4_request, "
    f"SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature={'0' * 64}\r\namz-sdk-request: attempt=1\r\n"
)

Call = Callable[[Connection, int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Pair:
    """The same thing over both faces. Each is called with a connection and a number of its own."""

    name: str
    over_aws: Call
    over_rest: Call
    target: Target | None = AT_MOST


async def run(options: Options) -> list[Figure]:
    count = CALLS // 4 if options.quick else CALLS
    server = Server("engine")
    try:
        server.start()
        (await server.answered("/metrics")).close()
        async with server.clients(1) as clients:
            pairs = await prepare(clients.first)
            return [await measure(clients.first, pair, count, options.rounds) for pair in pairs]
    finally:
        server.stop()


async def prepare(connection: Connection) -> list[Pair]:
    """Make an Express machine and an execution that has ended; return what is measured."""
    definition = msgspec.json.decode((HERE / "definitions" / "async-3.asl.json").read_bytes())
    text = msgspec.json.encode({name: value for name, value in definition.items() if name != "name"}).decode()
    await aws(connection, "CreateStateMachine", {"name": EXPRESS, "definition": text, "roleArn": ROLE, "type": "EXPRESS"})
    instance = await trigger(connection, 0)
    await until_ended(connection, instance)
    arn = f"{ARN}:execution:{NAME}:{instance}"

    async def describe(connection: Connection, number: int) -> None:
        assert (await aws(connection, "DescribeExecution", {"executionArn": arn}))["status"] == "SUCCEEDED"

    async def look(connection: Connection, number: int) -> None:
        assert (await connection.get(f"/workflows/instances/{instance}")).json()["status"] == "COMPLETED"

    return [
        Pair("StartExecution beside trigger, p50", start, trigger),
        Pair("DescribeExecution beside GET, p50", describe, look),
        Pair("start and poll to the end, p50", start_and_poll, trigger_and_poll),
        Pair("StartSyncExecution beside trigger and poll, p50", start_sync, trigger_and_poll),
    ]


async def measure(connection: Connection, pair: Pair, count: int, rounds: int) -> Figure:
    """Take both faces in turns, call by call, so that both see the same weather; a round gives the median of each."""
    figure = Figure(workload="W5", name=pair.name, unit="ms", target=pair.target, beside="REST")
    for number in range(WARM_UP):
        await timed(pair.over_aws, connection, number)
        await timed(pair.over_rest, connection, number)
    for _ in range(rounds):
        times: dict[str, list[float]] = {"engine": [], "probe": []}
        for number in range(count):
            times["engine"].append(await timed(pair.over_aws, connection, number))
            times["probe"].append(await timed(pair.over_rest, connection, number))
        for kind, taken in times.items():
            figure.add(kind, percentile(taken, 0.5) * 1_000)
    return figure


async def timed(call: Call, connection: Connection, number: int) -> float:
    """Return what one call took in seconds."""
    began = time.perf_counter()
    await call(connection, number)
    return time.perf_counter() - began


# --- the calls -------------------------------------------------------------------------------------------------------------------


async def aws(connection: Connection, operation: str, params: dict[str, str]) -> dict[str, str]:
    """Make one call of AWS's API."""
    headers = f"X-Amz-Target: AWSStepFunctions.{operation}\r\n{_SIGNED}"
    answer: Answer = await connection.post("/", msgspec.json.encode(params), headers)
    if answer.status != 200:
        raise SystemExit(f"{operation} was refused: {answer.body.decode()}")
    return dict(answer.json())


def _input(number: int) -> str:
    return msgspec.json.encode(payload(number)).decode()


async def start(connection: Connection, number: int) -> str:
    started = await aws(connection, "StartExecution", {"stateMachineArn": f"{ARN}:stateMachine:{NAME}", "input": _input(number)})
    return started["executionArn"]


async def trigger(connection: Connection, number: int) -> str:
    answer = await connection.post(f"/workflows/{NAME}/trigger", msgspec.json.encode({"payload": payload(number)}))
    assert answer.status == 202, answer
    return str(answer.json()["instanceId"])


async def start_and_poll(connection: Connection, number: int) -> None:
    arn = await start(connection, number)
    while (status := (await aws(connection, "DescribeExecution", {"executionArn": arn}))["status"]) != "SUCCEEDED":
        assert status == "RUNNING", status
        await asyncio.sleep(POLL_S)


async def trigger_and_poll(connection: Connection, number: int) -> None:
    path = f"/workflows/instances/{await trigger(connection, number)}"
    while (status := (await connection.get(path)).json()["status"]) != "COMPLETED":
        assert status in {"PENDING", "RUNNING"}, status
        await asyncio.sleep(POLL_S)


async def start_sync(connection: Connection, number: int) -> None:
    params = {"stateMachineArn": f"{ARN}:stateMachine:{EXPRESS}", "input": _input(number)}
    ended = await aws(connection, "StartSyncExecution", params)
    assert (ended["status"], msgspec.json.decode(ended["output"])) == ("SUCCEEDED", payload(number)), ended

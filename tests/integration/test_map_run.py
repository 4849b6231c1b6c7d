"""Distributed Maps on a whole runtime: executions of their own, crashes, tolerance, readers, batches, writers."""

import asyncio
import gzip
import json
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conductor_local.errors import NotFound
from conductor_local.functions.registry import Function, describe
from conductor_local.runtime.ports import Query
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.views import Instance
from conductor_local.runtime.wiring import open_runtime
from conductor_local.testing.harness import Harness

PATIENCE_S = 20.0
MODIFIED = "<LastModified>2026-01-01T00:00:00Z</LastModified>"
LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:"
ECHO = {"Type": "Pass", "End": True}
CSV = "name,age\nAnn,1\nBob,2\n\nEve\n"


def task(function: str) -> dict[str, Any]:
    return {"Type": "Task", "Resource": LAMBDA + function, "End": True}


def machine(state: dict[str, Any] = ECHO, *, kind: str = "STANDARD", then: dict[str, Any] | None = None, **fields: Any) -> Any:
    """A machine `m` of one distributed Map, labelled `each`, whose processor is one state."""
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}, "StartAt": "Only", "States": {"Only": state}}
    each = {"Type": "Map", "Label": "each", "ItemProcessor": processor, **fields}
    states = {"Each": each | ({} if then else {"End": True}), **(then or {})}
    return {"name": "m", "StartAt": "Each", "States": states}


def settings(folder: Path, **more: Any) -> Settings:
    return Settings(data=folder / "conductor.db", sample=False, **more)


def bucket(folder: Path, **files: str) -> Path:
    """Make a folder of buckets with the bucket `b` in it."""
    (folder / "b").mkdir(parents=True)
    for name, body in files.items():
        (folder / "b" / name.replace("__", ".")).write_text(body)
    return folder


def reader(config: dict[str, Any], **parameters: str) -> dict[str, Any]:
    return {
        "Resource": "arn:aws:states:::s3:getObject",
        "Parameters": {"Bucket": "b", **parameters},
        "ReaderConfig": config,
    }


async def run(definition: Any, payload: Any = None, functions: dict[str, Any] | None = None) -> Instance:
    async with Harness(functions=functions or {}) as harness:
        return await harness.run(definition, payload)


async def run_in(folder: Path, definition: Any, payload: Any = None, *functions: Function) -> Instance:
    """Run on SQLite with the buckets that are in `folder`."""
    async with open_runtime(settings(folder, buckets=folder), functions=functions) as runtime:
        defined = await runtime.service.publish(definition)
        started = await runtime.service.start(defined.definition.id, {} if payload is None else payload)
        async with asyncio.timeout(PATIENCE_S):
            return plain(await runtime.service.wait(started.instance_id))


def plain(instance: Instance) -> Instance:
    return msgspec.json.decode(msgspec.json.encode(instance), type=Instance)


async def children(service: Service) -> list[Instance]:
    defined = next(one.definition for one in await service.definitions() if one.definition.name == "m")
    return [plain(one) for one in (await service.instances(Query(definition_id=f"{defined.id}/each", limit=500))).items]


async def until(happened: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not happened():
            await asyncio.sleep(0.005)


# executions of their own


async def test_each_item_has_an_execution_of_its_own_and_results_come_in_item_order() -> None:
    async with Harness(functions={"double": lambda n: n * 2}) as harness:
        ended = await harness.run(machine(task("double")), [3, 1, 2])
        found = await children(harness.service)
        assert ended.current_payload == [6, 2, 4]
        assert sorted(one.initial_payload for one in found) == [1, 2, 3]
        assert [one.status for one in found] == ["COMPLETED"] * 3
        assert [defined.definition.name for defined in await harness.service.definitions()] == ["m"]


async def test_no_items() -> None:
    assert (await run(machine(), [])).current_payload == []


async def test_an_execution_knows_itself_and_not_the_map_around_it() -> None:
    context = {"Type": "Pass", "Parameters": {"context.$": "$$"}, "End": True}
    item = (await run(machine(context), ["x"])).current_payload[0]["context"]
    assert item["StateMachine"] == {"Id": "arn:aws:states:us-east-1:000000000000:stateMachine:m/each", "Name": "m/each"}
    assert item["Execution"]["Id"].startswith("arn:aws:states:us-east-1:000000000000:execution:m/each:")
    assert item["Execution"]["Input"] == "x"
    assert "Map" not in item


async def test_an_item_selector_sees_item_input_context_and_variables() -> None:
    selector = {"n": "{% $states.context.Map.Item.Value + $base %}", "who": "{% $states.input.who %}"}
    states = machine(QueryLanguage="JSONata", Items="{% $states.input.list %}", ItemSelector=selector)
    first = {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"base": 10}, "Next": "Each"}
    states = {**states, "StartAt": "First", "States": {"First": first, **states["States"]}}
    ended = await run(states, {"who": "me", "list": [1, 2]})
    assert ended.current_payload == [{"n": 11, "who": "me"}, {"n": 12, "who": "me"}]


async def test_a_map_within_a_map() -> None:
    processor = machine(task("double"))["States"]["Each"]["ItemProcessor"]
    processor = {**processor, "StartAt": "Double", "States": {"Double": task("double")}}
    inner = {"Type": "Map", "Label": "inner", "ItemProcessor": processor, "End": True}
    assert (await run(machine(inner), [[1], [2, 3]], {"double": lambda n: n * 2})).current_payload == [[2], [4, 6]]


async def test_only_so_many_run_at_once() -> None:
    running = most = 0

    async def count(n: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return n

    await run(machine(task("count"), MaxConcurrency=2), list(range(6)), {"count": count})
    assert most == 2


async def test_express_executions() -> None:
    assert (await run(machine(kind="EXPRESS"), [1])).current_payload == [1]


async def test_waits_inside_are_skipped_and_limits_around_are_not_reached() -> None:
    definition = {**machine({"Type": "Wait", "Seconds": 60, "End": True}, MaxConcurrency=1), "TimeoutSeconds": 1_000}
    assert (await run(definition, [1, 2, 3])).status == "COMPLETED"


async def test_waiting_takes_no_place_among_the_running_calls(tmp_path: Path) -> None:
    async with open_runtime(settings(tmp_path, invocations_max=1), functions=[describe(lambda n: n, name="echo")]) as runtime:
        defined = await runtime.service.publish(machine(task("echo")))
        started = [await runtime.service.start(defined.definition.id, [1, 2]) for _ in range(3)]
        async with asyncio.timeout(PATIENCE_S):
            ended = [plain(await runtime.service.wait(one.instance_id)) for one in started]
    assert [one.current_payload for one in ended] == [[1, 2]] * 3


# what is told of runs


async def test_what_is_told_of_a_run() -> None:
    async with Harness(functions={"check": fail_at(3)}) as harness:
        fields = {"ItemBatcher": {"MaxItemsPerBatch": 2}, "MaxConcurrency": 1, "ToleratedFailurePercentage": 50.5}
        ended = await harness.run(machine({**task("check"), "InputPath": "$.Items[0]"}, **fields), [1, 2, 3])
        (told,) = await harness.service.runs.of(ended.instance_id)
        items = await harness.service.runs.items(ended.instance_id, told.run)
        with pytest.raises(NotFound):
            await harness.service.runs.items(ended.instance_id, "none")
    assert (told.status, told.label, told.node, told.max_concurrency) == ("SUCCEEDED", "each", "Each", 1)
    assert (told.tolerated_failure_percentage, told.ended_at is not None) == (50.5, True)
    assert (told.executions.succeeded, told.executions.failed, told.executions.total) == (1, 1, 2)
    assert (told.items.succeeded, told.items.failed, told.items.total) == (2, 1, 3)
    assert [head.input.value for head in items] == [{"Items": [1, 2]}, {"Items": [3]}]


async def test_a_run_of_an_execution_that_was_cancelled_was_aborted() -> None:
    async with open_runtime(Settings(data=Path(":memory:"), sample=False)) as runtime:
        defined = await runtime.service.publish(machine({"Type": "Wait", "Seconds": 3600, "End": True}))
        started = await runtime.service.start(defined.definition.id, [1])
        async with asyncio.timeout(PATIENCE_S):
            while not await runtime.service.runs.of(started.instance_id):
                await asyncio.sleep(0.01)
        await runtime.service.cancel(started.instance_id)
        (told,) = await runtime.service.runs.of(started.instance_id)
    assert told.status == "ABORTED"


# failures


def fail_at(*bad: int) -> Callable[[int], int]:
    def check(n: int) -> int:
        if n in bad:
            raise ValueError(f"{n} is bad")
        return n

    return check


async def test_one_failed_item_fails_the_map_unless_told_otherwise() -> None:
    ended = await run(machine(task("check")), [1, 2], {"check": fail_at(2)})
    assert ended.status == "FAILED"
    assert "The specified tolerated failure threshold was exceeded" in str(ended.error)


@pytest.mark.parametrize("fields", [{"ToleratedFailureCount": 1}, {"ToleratedFailurePercentage": 50}])
async def test_tolerated_failures_are_left_out(fields: dict[str, Any]) -> None:
    assert (await run(machine(task("check"), **fields), [1, 2], {"check": fail_at(2)})).current_payload == [1]


@pytest.mark.parametrize("fields", [{"ToleratedFailureCount": 1}, {"ToleratedFailurePercentage": 49}])
async def test_more_than_tolerated(fields: dict[str, Any]) -> None:
    ended = await run(machine(task("check"), **fields), [1, 2, 3, 4], {"check": fail_at(2, 3)})
    assert (ended.status, ended.error_details["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")  # type: ignore[index]


async def test_a_failed_map_is_tried_again_with_new_executions_and_caught() -> None:
    calls = 0

    def bad(n: int) -> int:
        nonlocal calls
        calls += 1
        raise ValueError("bad")

    failing: dict[str, Any] = {
        "Retry": [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "MaxAttempts": 2}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        "Next": "Caught",
    }
    ended = await run(machine(task("bad"), then={"Caught": ECHO}, **failing), [1], {"bad": bad})
    assert (ended.status, calls) == ("COMPLETED", 3)
    assert ended.current_payload["Error"] == "States.ExceedToleratedFailureThreshold"


async def test_too_many_failures_stop_the_other_executions() -> None:
    async def check(n: int) -> None:
        if n == 1:
            raise ValueError("bad")
        await asyncio.sleep(3600)

    async with Harness(functions={"check": check}) as harness:
        ended = await harness.run(machine(task("check")), [0, 1, 2])
        assert ended.status == "FAILED"
        assert sorted(one.status for one in await children(harness.service)) == ["CANCELLED", "CANCELLED", "FAILED"]


# stopping and crashing


async def test_who_cancels_the_parent_stops_all_executions(tmp_path: Path) -> None:
    entered = 0

    async def wait(n: int) -> None:
        nonlocal entered
        entered += 1
        await asyncio.sleep(3600)

    async with open_runtime(settings(tmp_path), functions=[describe(wait, name="wait")]) as runtime:
        service = runtime.service
        defined = await service.publish(machine(task("wait"), MaxConcurrency=2))
        started = await service.start(defined.definition.id, [1, 2, 3])
        await until(lambda: entered == 2)
        await service.cancel(started.instance_id)
        async with asyncio.timeout(PATIENCE_S):
            while [one.status for one in await children(service)] != ["CANCELLED", "CANCELLED"]:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("lost_tasks", ["rerun", "fail"])
async def test_a_run_goes_on_after_a_restart_and_nothing_is_lost_or_done_twice(tmp_path: Path, lost_tasks: Any) -> None:
    gate, entered, finished = asyncio.Event(), 0, []

    async def work(n: int) -> int:
        nonlocal entered
        entered += 1
        if n >= 3:
            await gate.wait()
        finished.append(n)
        return n * 10

    functions, chosen = [describe(work, name="work")], settings(tmp_path, lost_tasks=lost_tasks)
    retried = {**task("work"), "Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "BackoffRate": 1}]}
    async with open_runtime(chosen, functions=functions) as runtime:
        defined = await runtime.service.publish(machine(retried, MaxConcurrency=2))
        started = await runtime.service.start(defined.definition.id, list(range(8)))
        await until(lambda: entered == 5)
    gate.set()
    async with open_runtime(chosen, functions=functions) as runtime:
        async with asyncio.timeout(PATIENCE_S):
            ended = plain(await runtime.service.wait(started.instance_id))
        assert len(await children(runtime.service)) == 8
    assert (ended.status, ended.current_payload) == ("COMPLETED", [n * 10 for n in range(8)])
    assert sorted(finished) == list(range(8))


async def test_what_was_cancelled_before_a_restart_is_stopped_after_it(tmp_path: Path) -> None:
    entered = 0

    async def wait(n: int) -> None:
        nonlocal entered
        entered += 1
        await asyncio.sleep(3600)

    functions = [describe(wait, name="wait")]
    async with open_runtime(settings(tmp_path), functions=functions) as runtime:
        defined = await runtime.service.publish(machine(task("wait")))
        started = await runtime.service.start(defined.definition.id, [1, 2])
        await until(lambda: entered == 2)
        service = runtime.service
        head = await service._store.describe(started.instance_id)
    async with open_runtime(settings(tmp_path), functions=functions) as runtime:
        await runtime.service.cancel(head.id)
        async with asyncio.timeout(PATIENCE_S):
            while [one.status for one in await children(runtime.service)] != ["CANCELLED", "CANCELLED"]:
                await asyncio.sleep(0.01)


# readers


@pytest.mark.parametrize(
    ("file", "body", "config", "items"),
    [
        ("a.json", "[1,2,3]", {"InputType": "JSON"}, [1, 2, 3]),
        ("a.json", "[1,2,3]", {"InputType": "JSON", "MaxItems": 2}, [1, 2]),
        ("a.json", "[1,2,3]", {"InputType": "JSON", "MaxItems": 0}, [1, 2, 3]),
        ("a.json", '{"x":{"y/z":[[1],[2]]}}', {"InputType": "JSON", "ItemsPointer": "/x/y~1z"}, [[1], [2]]),
        ("a.json", '{"b":1,"a":2}', {"InputType": "JSON"}, [{"Key": "b", "Value": 1}, {"Key": "a", "Value": 2}]),
        ("a.jsonl", '1\n{"a":2}\n\n"x"', {"InputType": "JSONL"}, [1, {"a": 2}, "x"]),
        (
            "a.csv",
            CSV,
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            [{"age": "1", "name": "Ann"}, {"age": "2", "name": "Bob"}, {"age": "", "name": ""}, {"age": "", "name": "Eve"}],
        ),
        (
            "a.csv",
            '1|"x|y"|3\n',
            {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b"], "CSVDelimiter": "PIPE"},
            [{"a": "1", "b": "x|y"}],
        ),
        *(
            (
                "a.csv",
                f"1{sign}2\n",
                {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b"], "CSVDelimiter": name},
                [{"a": "1", "b": "2"}],
            )
            for name, sign in (("COMMA", ","), ("SEMICOLON", ";"), ("SPACE", " "), ("TAB", "\t"))
        ),
        (
            "a.csv",
            'a\n"say ""x"""\nC:\\\\Program\nx\\,y\nx\\zy\n',
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            [{"a": 'say "x"'}, {"a": "C:\\Program"}, {"a": "x,y"}, {"a": "xzy"}],
        ),
    ],
)
async def test_items_from_a_file(tmp_path: Path, file: str, body: str, config: dict[str, Any], items: Any) -> None:
    bucket(tmp_path)
    (tmp_path / "b" / file).write_text(body)
    ended = await run_in(tmp_path, machine(ItemReader=reader(config, Key=file)))
    assert (ended.status, ended.current_payload) == ("COMPLETED", items)


@pytest.mark.parametrize(
    ("body", "config", "cause"),
    [
        ("1", {"InputType": "JSON"}, "Attempting to map over non-iterable node."),
        ("[1", {"InputType": "JSON"}, "The JSON file is not JSON"),
        ("[1]", {"InputType": "JSON", "ItemsPointer": "/x"}, "leads to nothing"),
        (
            "1,2",
            {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "a"]},
            "CSV headers cannot contain duplicates.",
        ),
        ("[1]", {"InputType": "JSON", "MaxItemsPath": "$.max"}, "field MaxItems must be positive"),
    ],
)
async def test_items_that_cannot_be_read(tmp_path: Path, body: str, config: dict[str, Any], cause: str) -> None:
    bucket(tmp_path, a__json=body)
    ended = await run_in(tmp_path, machine(ItemReader=reader(config, Key="a.json")), {"max": -1})
    assert ended.error_details["error"] == "States.ItemReaderFailed"  # type: ignore[index]
    assert cause in str(ended.error)


@pytest.mark.parametrize(
    ("parameters", "cause"),
    [
        ({"Key": "none.json"}, "The specified key does not exist: 'none.json'"),
        ({"Bucket": "c", "Key": "a"}, "The specified bucket does not exist: 'c'."),
        ({"Bucket": "..", "Key": "a"}, "The specified bucket does not exist: '..'."),
        ({"Key": "../../x"}, "is not a key"),
        ({}, "ItemReader needs the parameter Key."),
    ],
)
async def test_objects_that_are_not_there(tmp_path: Path, parameters: dict[str, str], cause: str) -> None:
    bucket(tmp_path)
    ended = await run_in(tmp_path, machine(ItemReader=reader({"InputType": "JSON"}, **parameters)))
    assert cause in str(ended.error)


async def test_without_buckets_the_error_says_what_to_set() -> None:
    ended = await run(machine(ItemReader=reader({"InputType": "JSON"}, Key="a")))
    assert "CONDUCTOR_BUCKETS" in str(ended.error)


async def test_objects_are_items(tmp_path: Path) -> None:
    bucket(tmp_path, x1__txt="one", x2__txt="two!", other="")
    listing = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b", "Prefix": "x"}}
    found = (await run_in(tmp_path, machine(ItemReader=listing))).current_payload
    assert [(one["Key"], one["Size"]) for one in found] == [("x1.txt", 3), ("x2.txt", 4)]
    assert list(found[0]) == ["Etag", "LastModified", "Key", "Size", "StorageClass"]


async def test_the_items_of_objects_are_items(tmp_path: Path) -> None:
    bucket(tmp_path, x1__json="[1,2]", x2__json="[3]")
    config = {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}
    listing = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}, "ReaderConfig": config}
    assert (await run_in(tmp_path, machine(ItemReader=listing))).current_payload == [1, 2, 3]


async def test_an_inventory(tmp_path: Path) -> None:
    manifest = {"destinationBucket": "arn:aws:s3:::b", "fileSchema": "Bucket, Key, Size", "files": [{"key": "1.csv"}]}
    bucket(tmp_path, manifest__json=json.dumps(manifest))
    (tmp_path / "b" / "1.csv").write_text('"b","a%20b","7"\n')
    ended = await run_in(tmp_path, machine(ItemReader=reader({"InputType": "MANIFEST"}, Key="manifest.json")))
    assert ended.current_payload == [{"Bucket": "b", "Key": "a b", "Size": "7"}]


async def test_packed_files(tmp_path: Path) -> None:
    bucket(tmp_path)
    (tmp_path / "b" / "a.jsonl").write_bytes(gzip.compress(b"1\n2\n"))
    ended = await run_in(tmp_path, machine(ItemReader=reader({"InputType": "JSONL"}, Key="a.jsonl")))
    assert ended.current_payload == [1, 2]


async def test_an_athena_manifest(tmp_path: Path) -> None:
    bucket(tmp_path, manifest__csv="s3://b/one.gz\ns3://b/two.jsonl\n", two__jsonl="3\n")
    (tmp_path / "b" / "one.gz").write_bytes(gzip.compress(b"1\n2\n"))
    given = reader({"InputType": "JSONL", "ManifestType": "ATHENA_DATA"}, Key="manifest.csv")
    ended = await run_in(tmp_path, machine(ItemReader=given, ItemSelector=SELECTED))
    assert [(one["value"], one["source"]) for one in ended.current_payload] == [
        (1, "S3://b/one.gz"), (2, "S3://b/one.gz"), (3, "S3://b/two.jsonl"),
    ]  # fmt: skip


async def test_a_manifest_that_is_none(tmp_path: Path) -> None:
    bucket(tmp_path, manifest__csv="one,two\n")
    given = reader({"InputType": "JSONL", "ManifestType": "ATHENA_DATA"}, Key="manifest.csv")
    ended = await run_in(tmp_path, machine(ItemReader=given))
    assert "'one' is not an S3 URI" in str(ended.error)


def parquet(file: Path) -> None:
    """Write four rows in two row groups, with what JSON has no type for."""
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {
        "n": [1, 2, 3, 4], "at": [datetime(2026, 1, n, tzinfo=UTC) for n in range(1, 5)], "price": [Decimal("1.50")] * 4,
        "bytes": [b"text", b"\xff"] * 2, "share": [0.5, float("nan")] * 2, "tags": [["a"], None] * 2,
    }  # fmt: skip
    parquet.write_table(arrow.table(columns), file, row_group_size=2, compression="zstd")


async def test_a_parquet_file(tmp_path: Path) -> None:
    bucket(tmp_path)
    parquet(tmp_path / "b" / "a.parquet")
    ended = await run_in(tmp_path, machine(ItemReader=reader({"InputType": "PARQUET", "MaxItems": 3}, Key="a.parquet")))
    assert [row["n"] for row in ended.current_payload] == [1, 2, 3]
    assert ended.current_payload[:2] == [
        {"n": 1, "at": "2026-01-01T00:00:00+00:00", "price": "1.50", "bytes": "text", "share": 0.5, "tags": ["a"]},
        {"n": 2, "at": "2026-01-02T00:00:00+00:00", "price": "1.50", "bytes": "/w==", "share": None, "tags": None},
    ]


@pytest.mark.parametrize(
    ("parameters", "cause"),
    [
        ({"Key": "a.parquet"}, "The Parquet file cannot be read"),
        ({"Key": "a.parquet", "VersionId": "1"}, "VersionId is not supported"),
    ],
)
async def test_parquet_that_cannot_be_read(tmp_path: Path, parameters: dict[str, str], cause: str) -> None:
    pytest.importorskip("pyarrow")
    bucket(tmp_path, a__parquet="no parquet")
    ended = await run_in(tmp_path, machine(ItemReader=reader({"InputType": "PARQUET"}, **parameters)))
    assert cause in str(ended.error)


async def test_without_pyarrow_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    bucket(tmp_path, a__parquet="PAR1", a__zst="")
    (tmp_path / "b" / "a.zst").write_bytes(b"\x28\xb5\x2f\xfd")
    for config, key in (({"InputType": "PARQUET"}, "a.parquet"), ({"InputType": "JSONL"}, "a.zst")):
        ended = await run_in(tmp_path, machine(ItemReader=reader(config, Key=key)))
        assert "pip install 'conductor-local[parquet]'" in str(ended.error)


async def test_files_packed_with_zstd(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    bucket(tmp_path)
    (tmp_path / "b" / "a.jsonl.zstd").write_bytes(arrow.compress(b"1\n2\n", "zstd", asbytes=True))
    ended = await run_in(tmp_path, machine(ItemReader=reader({"InputType": "JSONL"}, Key="a.jsonl.zstd")))
    assert ended.current_payload == [1, 2]


# where items come from

SELECTED = {
    "value.$": "$$.Map.Item.Value", "source.$": "$$.Map.Item.Source", "index.$": "$$.Map.Item.Index", "item.$": "$$.Map.Item",
}  # fmt: skip


async def test_items_of_the_workflow_itself() -> None:
    ended = await run(machine(ItemSelector=SELECTED), ["x"])
    assert ended.current_payload[0]["item"] == {"Index": 0, "Value": "x", "Source": "STATE_DATA"}


async def test_items_of_an_object_have_keys() -> None:
    ended = await run(machine(ItemSelector={"item.$": "$$.Map.Item"}), {"b": 1, "a": [2]})
    assert [one["item"] for one in ended.current_payload] == [
        {"Index": 0, "Key": "b", "Value": 1, "Source": "STATE_DATA"},
        {"Index": 1, "Key": "a", "Value": [2], "Source": "STATE_DATA"},
    ]
    assert (await run(machine(), {"b": 1})).current_payload == [{"Key": "b", "Value": 1}]


async def test_items_of_files_tell_the_file_and_objects_the_bucket(tmp_path: Path) -> None:
    bucket(tmp_path, a__json='{"k":1}', c__json="[2]")
    listing = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}}
    config = {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}
    shown = {"source.$": "$$.Map.Item.Source"}
    for given, sources in (
        (reader({"InputType": "JSON"}, Key="a.json"), ["S3://b/a.json"]),
        (listing, ["S3://b", "S3://b"]),
        ({**listing, "ReaderConfig": config}, ["S3://b/a.json", "S3://b/c.json"]),
    ):
        ended = await run_in(tmp_path, machine(ItemReader=given, ItemSelector=shown))
        assert [one["source"] for one in ended.current_payload] == sources


class FakeS3(BaseHTTPRequestHandler):
    """As much of S3 as a map run needs: objects by path, and a list in two pages."""

    objects: dict[str, bytes]

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if "list-type=2" in query:
            is_second = "continuation-token=" in query
            more = "" if is_second else "<NextContinuationToken>t</NextContinuationToken>"
            entry = (
                f"<Contents><Key>{'k2' if is_second else 'k1'}</Key><Size>1</Size>{MODIFIED}<ETag>&quot;e&quot;</ETag></Contents>"
            )
            flag = "false" if is_second else "true"
            self._answer(200, f"<ListBucketResult><IsTruncated>{flag}</IsTruncated>{more}{entry}</ListBucketResult>".encode())
        elif path in self.objects:
            self._answer(200, self.objects[path])
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>")

    def do_PUT(self) -> None:
        self.objects[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, b"")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def s3() -> Iterator[tuple[str, dict[str, bytes]]]:
    """An S3-compatible endpoint: its URL and what it holds."""
    pytest.importorskip("botocore")
    FakeS3.objects = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), FakeS3) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", FakeS3.objects
        server.shutdown()


async def run_at(url: str, definition: Any, payload: Any = None) -> Instance:
    async with open_runtime(Settings(data=Path(":memory:"), sample=False, aws_endpoints=(f"s3={url}",))) as runtime:
        defined = await runtime.service.publish(definition)
        started = await runtime.service.start(defined.definition.id, {} if payload is None else payload)
        async with asyncio.timeout(PATIENCE_S):
            return plain(await runtime.service.wait(started.instance_id))


async def test_an_endpoint_holds_buckets_too(s3: tuple[str, dict[str, bytes]]) -> None:
    url, objects = s3
    objects["/b/in.json"] = '["é",2]'.encode()
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "out"}}
    compact = {**writer, "WriterConfig": {"Transformation": "COMPACT"}}
    ended = await run_at(url, machine(ItemReader=reader({"InputType": "JSON"}, Key="in.json"), ResultWriter=compact))
    manifest = json.loads(objects["/b/" + ended.current_payload["ResultWriterDetails"]["Key"]])
    assert json.loads(objects["/b/" + manifest["ResultFiles"]["SUCCEEDED"][0]["Key"]]) == ["é", 2]


async def test_an_endpoint_lists_page_by_page(s3: tuple[str, dict[str, bytes]]) -> None:
    listing = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}}
    found = (await run_at(s3[0], machine(ItemReader=listing))).current_payload
    assert [(one["Key"], one["Size"], one["Etag"]) for one in found] == [("k1", 1, '"e"'), ("k2", 1, '"e"')]
    assert found[0]["LastModified"] == 1_767_225_600


async def test_an_endpoint_holds_packed_inventories(s3: tuple[str, dict[str, bytes]]) -> None:
    url, objects = s3
    manifest = {"destinationBucket": "arn:aws:s3:::b", "fileSchema": "Bucket, Key", "files": [{"key": "1.csv.gz"}]}
    objects["/b/manifest.json"], objects["/b/1.csv.gz"] = json.dumps(manifest).encode(), gzip.compress(b'"b","k"\n')
    ended = await run_at(url, machine(ItemReader=reader({"InputType": "MANIFEST"}, Key="manifest.json")))
    assert ended.current_payload == [{"Bucket": "b", "Key": "k"}]


async def test_an_endpoint_may_refuse(s3: tuple[str, dict[str, bytes]]) -> None:
    ended = await run_at(s3[0], machine(ItemReader=reader({"InputType": "JSON"}, Key="none")))
    assert "The specified key does not exist. (Service: S3, Status Code: 404" in str(ended.error)


async def test_an_endpoint_may_be_away() -> None:
    ended = await run_at("http://127.0.0.1:1", machine(ItemReader=reader({"InputType": "JSON"}, Key="none")))
    assert "did not answer" in str(ended.error)


# batches and writers


async def test_batches_by_number() -> None:
    batcher = {"MaxItemsPerBatch": 2, "BatchInput": {"who.$": "$.who"}}
    ended = await run(machine(ItemsPath="$.list", ItemBatcher=batcher), {"who": "me", "list": [1, 2, 3]})
    assert ended.current_payload == [
        {"BatchInput": {"who": "me"}, "Items": [1, 2]},
        {"BatchInput": {"who": "me"}, "Items": [3]},
    ]


async def test_batches_by_size() -> None:
    ended = await run(machine(ItemBatcher={"MaxInputBytesPerBatch": 15}), [1, 2, 3])
    assert ended.current_payload == [{"Items": [1, 2]}, {"Items": [3]}]


async def test_an_item_larger_than_a_batch() -> None:
    ended = await run(machine(ItemBatcher={"MaxInputBytesPerBatch": 15}), ["a long text"])
    assert ended.error_details["error"] == "States.DataLimitExceeded"  # type: ignore[index]


async def test_all_items_of_a_failed_batch_have_failed() -> None:
    definition = machine(task("bad"), ItemBatcher={"MaxItemsPerBatch": 2}, ToleratedFailureCount=1)
    assert (await run(definition, [1, 2], {"bad": ValueError("bad")})).status == "FAILED"


async def test_results_are_written(tmp_path: Path) -> None:
    bucket(tmp_path)
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "out"}}
    definition = machine(task("check"), ResultWriter=writer, ToleratedFailureCount=1)
    ended = await run_in(tmp_path, definition, [1, 2], describe(fail_at(2), name="check"))
    details = ended.current_payload["ResultWriterDetails"]
    manifest = json.loads((tmp_path / "b" / details["Key"]).read_text())
    assert details["Bucket"] == "b"
    assert manifest["MapRunArn"] == ended.current_payload["MapRunArn"]
    assert manifest["MapRunArn"].startswith("arn:aws:states:us-east-1:000000000000:mapRun:m/each:")
    (succeeded,), (failed,) = manifest["ResultFiles"]["SUCCEEDED"], manifest["ResultFiles"]["FAILED"]
    (record,) = json.loads((tmp_path / "b" / succeeded["Key"]).read_text())
    assert (record["Input"], record["Output"], record["Status"]) == ("1", "1", "SUCCEEDED")
    (record,) = json.loads((tmp_path / "b" / failed["Key"]).read_text())
    assert (record["Input"], record["Error"], record["Status"]) == ("2", "ValueError", "FAILED")
    assert failed["Size"] == (tmp_path / "b" / failed["Key"]).stat().st_size


@pytest.mark.parametrize(("transformation", "result"), [("COMPACT", [[1, 2], [3]]), ("FLATTEN", [1, 2, 3])])
async def test_results_are_transformed(transformation: str, result: Any) -> None:
    ended = await run(machine(ResultWriter={"WriterConfig": {"Transformation": transformation}}), [[1, 2], [3]])
    assert ended.current_payload == result


async def test_results_as_lines_of_one_text() -> None:
    ended = await run(machine(ResultWriter={"WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"}}), [1, {"a": 2}])
    assert ended.current_payload == '1\n{"a":2}\n'


async def test_results_that_cannot_be_written() -> None:
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}}
    ended = await run(machine(ResultWriter=writer), [1])
    assert ended.error_details["error"] == "States.ResultWriterFailed"  # type: ignore[index]

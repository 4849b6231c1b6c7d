"""The file sink: one lifecycle event a line, on the disk before it says so, secrets masked."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from conductor_local.engine.events import AnyEvent, ExecutionStarted, ExecutionSucceeded, TaskScheduled
from conductor_local.errors import SettingsError, Unavailable
from conductor_local.payload import Payload
from conductor_local.runtime.ports import Published
from conductor_local.sinks.file import FileSink

AT = datetime(2026, 3, 1, 12, 0, 0, 5000, tzinfo=UTC)


def commit(execution_id: str, *events: AnyEvent) -> Published:
    return Published(cursor=1, execution_id=execution_id, definition_id="d", definition_name="flow", events=events)


def started(lifecycle_id: int = 1, **input: str) -> ExecutionStarted:
    return ExecutionStarted(seq=1, at=AT, lifecycle_id=lifecycle_id, input=Payload(input))


def lines(path: Path) -> list[dict[str, object]]:
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "events.jsonl"


@pytest.fixture
def descriptors(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The files that were forced to the disk."""
    forced: list[int] = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (forced.append(descriptor), fsync(descriptor)))
    return forced


async def test_each_lifecycle_event_is_a_line_of_json(path: Path) -> None:
    sink = FileSink(path)
    internal = TaskScheduled(
        seq=2, at=AT, node="a", resource="a", resource_kind="function", attempt=1, arguments=Payload(1)
    )  # fmt: skip
    ended = ExecutionSucceeded(seq=3, at=AT, lifecycle_id=2, output=Payload({}))
    await sink.publish([commit("i", started(password="x"), internal), commit("i", ended)])
    assert lines(path) == [
        {
            "id": "i:1", "type": "WORKFLOW_STARTED", "instanceId": "i", "workflowDefinitionId": "d", "workflowName": "flow",
            "startedAt": "2026-03-01T12:00:00.005Z", "initialPayload": {"password": "***"},
        },
        {
            "id": "i:2", "type": "WORKFLOW_COMPLETED", "instanceId": "i", "workflowName": "flow",
            "endedAt": "2026-03-01T12:00:00.005Z",
        },
    ]  # fmt: skip
    await sink.close()


async def test_what_was_published_is_on_the_disk(path: Path, descriptors: list[int]) -> None:
    sink = FileSink(path)
    await sink.publish([commit("i", started())])
    assert len(descriptors) == 1
    await sink.close()


async def test_a_file_is_continued(path: Path) -> None:
    for id in ("a", "b"):
        sink = FileSink(path)
        await sink.publish([commit(id, started())])
        await sink.close()
    assert [line["id"] for line in lines(path)] == ["a:1", "b:1"]


async def test_sinks_of_different_files_have_different_names(tmp_path: Path) -> None:
    first, second = FileSink(tmp_path / "a"), FileSink(tmp_path / "b")
    assert first.name != second.name
    await first.close()
    await second.close()


def test_a_place_that_cannot_be_written_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="Choose another --events-file"):
        FileSink(tmp_path / "file" / "events.jsonl")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
async def test_a_full_disk_is_unavailable() -> None:
    sink = FileSink(Path("/dev/full"))
    with pytest.raises(Unavailable, match="cannot write events to /dev/full"):
        await sink.publish([commit("i", started())])
    with suppress(OSError):  # it tries once more to write what it holds
        await sink.close()

"""The contract of `runtime.ports.EventSink` as tests. Every adapter passes all of it.

To test an adapter, subclass the suite in a test module and say how a sink is opened on a place and how what arrived there is read:

    import pytest

    pytest.register_assert_rewrite("conductor_local.testing.sink_suite")
    from conductor_local.testing.sink_suite import SinkSuite

    class TestMySink(SinkSuite):
        async def open_sink(self, place: Path) -> EventSink:
            return MySink(place / "events")            # `place` is a folder of its own

        async def arrived(self, place: Path) -> list[dict[str, Json]]:
            return read(place / "events")              # as decoded JSON, in order per instance

It needs pytest, and pytest-asyncio in auto mode. The builders at the end make small commits for further tests.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conductor_local.engine.events import AnyEvent, ExecutionStarted, ExecutionSucceeded, NodeEntered, NodeExited, TaskScheduled
from conductor_local.payload import Json, Payload
from conductor_local.runtime.lifecycle import lifecycle_event
from conductor_local.runtime.ports import EventSink, Published

AT = datetime(2026, 3, 1, 12, 0, 0, 5_000, tzinfo=UTC)


class SinkSuite:
    """Subclass it, and implement `open_sink` and `arrived`."""

    async def open_sink(self, place: Path) -> EventSink:
        """Return a sink that publishes to `place`."""
        raise NotImplementedError

    async def arrived(self, place: Path) -> list[dict[str, Json]]:
        """Return all events that arrived at `place`, repeats included: those of one instance in the order they arrived."""
        raise NotImplementedError

    @pytest.fixture
    async def sink(self, tmp_path: Path) -> AsyncIterator[EventSink]:
        sink = await self.open_sink(tmp_path)
        yield sink
        await sink.close()

    async def test_an_event_arrives_as_the_lifecycle_shows_it(self, sink: EventSink, tmp_path: Path) -> None:
        commits = run_of("i", steps=1)
        await sink.publish(commits)
        assert await self.arrived(tmp_path) == shown(commits)

    async def test_what_is_published_has_arrived_when_publish_returns(self, sink: EventSink, tmp_path: Path) -> None:
        for number in range(3):
            await sink.publish(run_of(f"i{number}"))
            assert {event["instanceId"] for event in await self.arrived(tmp_path)} == {f"i{each}" for each in range(number + 1)}

    async def test_events_that_are_not_of_the_lifecycle_stay_inside(self, sink: EventSink, tmp_path: Path) -> None:
        await sink.publish([commit("i", scheduled()), commit("i", started(), scheduled())])
        assert [event["type"] for event in await self.arrived(tmp_path)] == ["WORKFLOW_STARTED"]

    async def test_nothing_is_a_publication_too(self, sink: EventSink, tmp_path: Path) -> None:
        await sink.publish([])
        await sink.publish([commit("i", scheduled())])
        assert await self.arrived(tmp_path) == []

    async def test_secrets_do_not_arrive(self, sink: EventSink, tmp_path: Path) -> None:
        await sink.publish([commit("i", started({"email": "a@b.c", "password": "hunter2"}))])
        (event,) = await self.arrived(tmp_path)
        assert event["initialPayload"] == {"email": "a@b.c", "password": "***"}

    async def test_text_of_any_alphabet_arrives(self, sink: EventSink, tmp_path: Path) -> None:
        payload = {"name": "Åsa 名前 🙂", "line": "a\nb\u2028c\x00d"}
        await sink.publish([commit("größe/名:1", started(payload))])
        (event,) = await self.arrived(tmp_path)
        assert (event["id"], event["instanceId"], event["initialPayload"]) == ("größe/名:1:1", "größe/名:1", payload)

    async def test_a_payload_of_the_largest_usual_size_arrives_whole(self, sink: EventSink, tmp_path: Path) -> None:
        payload = {"text": "x" * 262_000}
        await sink.publish([commit("i", started(payload))])
        (event,) = await self.arrived(tmp_path)
        assert event["initialPayload"] == payload

    async def test_the_order_within_an_instance_is_kept(self, sink: EventSink, tmp_path: Path) -> None:
        runs = [run_of(f"i{number}", steps=10) for number in range(50)]
        for commits in zip(*runs, strict=True):
            await sink.publish(commits)
        await sink.publish(run_of("last", steps=300))
        found = by_instance(await self.arrived(tmp_path))
        assert found == by_instance(shown([each for run in [*runs, run_of("last", steps=300)] for each in run]))

    async def test_what_is_published_again_keeps_its_ids_and_order(self, sink: EventSink, tmp_path: Path) -> None:
        commits = run_of("i", steps=3)
        await sink.publish(commits[:2])
        await sink.publish(commits)
        assert without_repeats(await self.arrived(tmp_path)) == shown(commits)

    async def test_a_publication_that_is_given_up_may_be_made_again(self, sink: EventSink, tmp_path: Path) -> None:
        runs = [run_of(f"i{number}", steps=20) for number in range(20)]
        commits = [each for run in runs for each in run]
        publication = asyncio.create_task(sink.publish(commits))
        await asyncio.sleep(0)
        publication.cancel()
        with suppress(asyncio.CancelledError):
            await publication
        await sink.publish(commits)
        assert by_instance(without_repeats(await self.arrived(tmp_path))) == by_instance(shown(commits))

    async def test_a_sink_opened_again_goes_on(self, tmp_path: Path) -> None:
        names = set()
        for number in range(2):
            sink = await self.open_sink(tmp_path)
            await sink.publish(run_of(f"i{number}"))
            await sink.close()
            names.add(sink.name)
        assert sorted({event["instanceId"] for event in await self.arrived(tmp_path)}) == ["i0", "i1"]
        assert len(names) == 1, "the name is the key of the cursor: with another one everything is published again"

    async def test_sinks_of_different_places_have_different_names(self, sink: EventSink, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        other = await self.open_sink(tmp_path / "other")
        assert sink.name != other.name
        await other.close()


# --- small commits -------------------------------------------------------------------------------------------------------------


def commit(execution_id: str, *events: AnyEvent, cursor: int = 1) -> Published:
    """Make what the outbox hands on of one commit."""
    return Published(cursor=cursor, execution_id=execution_id, definition_id="d", definition_name="flow", events=events)


def started(payload: Json = None) -> ExecutionStarted:
    """Make the first event of an instance."""
    return ExecutionStarted(seq=1, at=AT, lifecycle_id=1, input=Payload({} if payload is None else payload))


def scheduled() -> TaskScheduled:
    """Make an event that is no part of the lifecycle."""
    return TaskScheduled(seq=2, at=AT, node="a", resource="a", resource_kind="function", attempt=1, arguments=Payload(1))


def run_of(execution_id: str, *, steps: int = 0) -> list[Published]:
    """Make the commits of a whole run: its start, each step, its end; the lifecycle ids are dense from 1."""
    runs: list[Sequence[AnyEvent]] = [[started({"of": execution_id})]]
    for number in range(1, steps + 1):
        at, node = AT + timedelta(milliseconds=number), f"step{number}"
        entered = NodeEntered(
            seq=3 * number, at=at, lifecycle_id=2 * number, node=node, title=node, kind="task", input=Payload({"n": number})
        )  # fmt: skip
        exited = NodeExited(
            seq=3 * number + 1, at=at, lifecycle_id=2 * number + 1, node=node, title=node, kind="task", output=Payload(number)
        )  # fmt: skip
        runs.append([entered, exited])
    runs.append([ExecutionSucceeded(seq=3 * steps + 3, at=AT, lifecycle_id=2 * steps + 2, output=Payload({}))])
    return [commit(execution_id, *events, cursor=number) for number, events in enumerate(runs, 1)]


def shown(commits: Iterable[Published]) -> list[dict[str, Json]]:
    """Return the lifecycle events of some commits."""
    found = (lifecycle_event(each, event) for each in commits for event in each.events)
    return [event for event in found if event is not None]


def by_instance(events: Iterable[dict[str, Json]]) -> dict[str, list[dict[str, Json]]]:
    """Sort events by instance, each one's in the order given."""
    found: dict[str, list[dict[str, Json]]] = {}
    for event in events:
        found.setdefault(event["instanceId"], []).append(event)
    return found


def without_repeats(events: Iterable[dict[str, Json]]) -> list[dict[str, Json]]:
    """Drop events whose id was there before, as a consumer does."""
    first: dict[str, dict[str, Json]] = {}
    for event in events:
        first.setdefault(event["id"], event)
    return list(first.values())

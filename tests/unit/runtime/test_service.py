"""The service: what it answers, what it refuses and in which words."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from conductor_local.engine.state import Status
from conductor_local.errors import Conflict, DefinitionError, InvalidRequest, NotFound, Unavailable
from conductor_local.program import Failure
from conductor_local.runtime import changes as changes_module
from conductor_local.runtime import service as service_module
from conductor_local.runtime.ports import Query, TaskCall

from .rig import T0, HandClock, Process, call, plain, process, until, wait, workflow

FLOW = workflow(call("a"))


@pytest.fixture
async def p() -> AsyncIterator[Process]:
    async with process() as p:
        yield p


async def hang(_: TaskCall) -> None:
    await asyncio.Event().wait()


# --- definitions


async def test_a_definition_gets_an_id_and_keeps_what_was_sent(p: Process) -> None:
    defined = await p.service.define(FLOW)
    assert defined.document() == {"id": defined.definition.id, **FLOW}
    assert (await p.service.definition(defined.definition.id)).document() == defined.document()
    assert (await p.service.definition("flow")).document() == defined.document()


async def test_a_definition_may_come_as_text(p: Process) -> None:
    defined = await p.service.define(msgspec.json.encode(FLOW))
    assert defined.definition.name == "flow"


async def test_the_client_does_not_choose_the_id(p: Process) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await p.service.define({"id": "mine", **FLOW})
    assert (caught.value.pointer, caught.value.code) == ("/id", "ID_NOT_ALLOWED")


async def test_a_wrong_definition_is_refused_with_its_problems(p: Process) -> None:
    with pytest.raises(DefinitionError) as caught:
        await p.service.define({**FLOW, "startAt": "gone"})
    assert "/startAt" in [problem.pointer for problem in caught.value.problems]
    assert await p.service.definitions() == []


async def test_an_unknown_function_is_a_warning(p: Process) -> None:
    defined = await p.service.define(workflow(call("sendd")))
    assert [(warning.code, warning.pointer) for warning in defined.warnings] == [("UNKNOWN_FUNCTION", "/steps/sendd/functionName")]
    assert defined.document()["warnings"]


async def test_a_name_is_given_once(p: Process) -> None:
    await p.service.define(FLOW)
    with pytest.raises(Conflict):
        await p.service.define(FLOW)


async def test_definitions_are_listed_oldest_first() -> None:
    clock = HandClock()
    async with process(clock=clock) as p:
        for name in ("b", "a", "c"):
            await p.service.define({**FLOW, "name": name})
            await clock.pass_by(1)
        assert [defined.definition.name for defined in await p.service.definitions()] == ["b", "a", "c"]


async def test_a_part_changes_only_the_fields_it_has() -> None:
    clock = HandClock()
    async with process(clock=clock) as p:
        old = (await p.service.define(FLOW)).definition
        await clock.pass_by(1)
        new = (await p.service.redefine(old.id, {"description": "what it does"})).definition
        assert new.document.value == {**FLOW, "description": "what it does"}
        assert (new.id, new.created_at, new.updated_at) == (old.id, T0, T0 + timedelta(seconds=1))
        assert new.digest != old.digest


async def test_a_whole_document_may_name_its_own_id(p: Process) -> None:
    id = (await p.service.define(FLOW)).definition.id
    changed = await p.service.redefine(id, {"id": id, **FLOW, "name": "renamed"})
    assert changed.document() == {"id": id, **FLOW, "name": "renamed"}
    with pytest.raises(NotFound):
        await p.service.definition("flow")


async def test_an_id_cannot_be_changed(p: Process) -> None:
    id = (await p.service.define(FLOW)).definition.id
    with pytest.raises(InvalidRequest) as caught:
        await p.service.redefine(id, {"id": "other"})
    assert caught.value.code == "ID_MISMATCH"


async def test_the_result_of_a_change_is_checked_as_a_whole(p: Process) -> None:
    id = (await p.service.define(FLOW)).definition.id
    with pytest.raises(DefinitionError):
        await p.service.redefine(id, {"startAt": "gone"})
    assert (await p.service.definition(id)).definition.document.value == FLOW


async def test_a_name_that_is_taken_cannot_be_taken_by_a_change(p: Process) -> None:
    await p.service.define({**FLOW, "name": "taken"})
    id = (await p.service.define(FLOW)).definition.id
    with pytest.raises(Conflict):
        await p.service.redefine(id, {"name": "taken"})


async def test_a_change_that_changes_nothing_is_no_conflict(p: Process) -> None:
    old = (await p.service.define(FLOW)).definition
    assert (await p.service.redefine(old.id, FLOW)).definition.digest == old.digest


async def test_only_an_id_can_be_redefined_or_deleted(p: Process) -> None:
    await p.service.define(FLOW)
    with pytest.raises(NotFound, match="with the id 'flow'"):
        await p.service.redefine("flow", {})
    with pytest.raises(NotFound, match="with the id 'flow'"):
        await p.service.delete_definition("flow")


async def test_publishing_defines_and_then_replaces(p: Process) -> None:
    first = (await p.service.publish(FLOW)).definition
    second = (await p.service.publish({**FLOW, "description": "new"})).definition
    assert (first.id, second.document.value["description"]) == (second.id, "new")
    assert len(await p.service.definitions()) == 1


async def test_publishing_drops_what_the_new_document_leaves_out(p: Process) -> None:
    await p.service.publish({**FLOW, "description": "old"})
    assert "description" not in (await p.service.publish(FLOW)).document()


async def test_a_name_that_is_the_id_of_another_is_still_a_name_of_its_own(p: Process) -> None:
    id = (await p.service.define(FLOW)).definition.id
    assert (await p.service.publish({**FLOW, "name": id})).definition.id != id


async def test_running_instances_keep_the_definition_they_started_with() -> None:
    go_on = asyncio.Event()
    async with process(functions={"a": lambda call: go_on.wait()}) as p:
        started = await p.start(workflow(call("a"), call("b")))
        await until(lambda: p.functions.calls)
        await p.service.redefine(started.workflow_definition_id, workflow(call("c")))
        await p.service.delete_definition(started.workflow_definition_id)
        go_on.set()
        assert (await p.wait(started.instance_id)).status == "COMPLETED"
        assert p.functions.names == ["a", "b"]
        with pytest.raises(NotFound):
            await p.service.start("flow", {})


# --- starting


async def test_a_new_instance_is_pending_and_durable(p: Process) -> None:
    started = plain(await p.start(FLOW, {"x": 1}))
    assert (started.status, started.initial_payload, started.current_payload) == ("PENDING", {"x": 1}, {"x": 1})
    assert (started.history, started.current_step_id, started.ended_at) == ([], None, msgspec.UNSET)
    assert await p.store.describe(started.instance_id)


async def test_an_id_goes_before_a_name(p: Process) -> None:
    by_id = (await p.service.define(FLOW)).definition
    await p.service.define({**FLOW, "name": by_id.id})
    assert (await p.service.start(by_id.id, {})).workflow_definition_name == "flow"


async def test_what_is_not_there_cannot_be_started(p: Process) -> None:
    with pytest.raises(NotFound, match="no workflow definition with the id or name 'nothing'"):
        await p.service.start("nothing", {})


async def test_a_key_starts_one_instance(p: Process) -> None:
    first = await p.start(FLOW, {"a": 1, "b": 2}, key="k")
    done = await p.wait(first.instance_id)
    again = plain(await p.start(FLOW, {"a": 1, "b": 2}, key="k"))
    assert again == done
    assert (await p.service.statistics()).instances == {"COMPLETED": 1}


async def test_the_order_of_fields_makes_no_other_payload(p: Process) -> None:
    first = await p.start(FLOW, {"a": 1, "b": {"c": 2, "d": 3}}, key="k")
    again = await p.start(FLOW, {"b": {"d": 3, "c": 2}, "a": 1}, key="k")
    assert again.instance_id == first.instance_id


async def test_a_key_with_another_payload_is_a_conflict(p: Process) -> None:
    await p.start(FLOW, {"a": 1}, key="k")
    for other in ({"a": True}, {"a": 1.0}, {"a": [1]}, {}):
        with pytest.raises(Conflict, match="idempotency key 'k' was used before with another payload"):
            await p.start(FLOW, other, key="k")


async def test_a_key_belongs_to_its_definition(p: Process) -> None:
    first = await p.start(FLOW, key="k")
    other = await p.start({**FLOW, "name": "other"}, key="k")
    assert first.instance_id != other.instance_id


async def test_concurrent_triggers_with_one_key_start_one_instance(p: Process) -> None:
    await p.service.define(FLOW)
    started = await asyncio.gather(*(p.service.start("flow", {}, name="k") for _ in range(20)))
    assert len({instance.instance_id for instance in started}) == 1
    await p.wait(started[0].instance_id)
    assert p.functions.names == ["a"]


async def test_a_payload_is_limited(p: Process) -> None:
    largest = {"x": "y" * (1_000 - len('{"x":""}'))}
    assert (await p.start(FLOW, largest)).status == "PENDING"
    with pytest.raises(InvalidRequest, match="1,001 bytes; at most 1,000") as caught:
        await p.start(FLOW, {"x": largest["x"] + "y"})
    assert (caught.value.pointer, caught.value.code) == ("/payload", "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(("payload", "pointer"), [({"a": [{1}]}, "/payload/a/0"), ({"a": float("nan")}, "/payload/a")])
async def test_a_payload_is_json(p: Process, payload: Any, pointer: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await p.start(FLOW, payload)
    assert (caught.value.pointer, caught.value.code) == (pointer, "NOT_JSON")


# --- cancel, redrive, delete


async def test_a_running_instance_is_cancelled() -> None:
    async with process(functions={"a": hang}) as p:
        started = await p.start(FLOW)
        await until(lambda: p.functions.calls)
        ended = plain(await p.service.cancel(started.instance_id, error="Enough", cause="nobody wants it"))
        assert (ended.status, ended.error, ended.error_details) == ("CANCELLED", "nobody wants it", {"error": "Enough"})
        assert ended.ended_at == "2026-03-01T12:00:00.000Z"


async def test_a_cancelled_instance_says_so_when_nobody_said_why() -> None:
    async with process(clock=HandClock()) as p:
        started = await p.start(workflow(wait(60)))
        assert (await p.service.cancel(started.instance_id)).error == "Cancelled."


async def test_a_pending_instance_is_cancelled(p: Process) -> None:
    p.faults.hold("commit")
    started = await p.start(FLOW)
    await p.faults.reached["commit"].wait()
    asking = asyncio.create_task(p.service.cancel(started.instance_id))
    await until(lambda: p.faults.counts["post"])
    p.faults.release("commit")
    assert (await asking).status == "CANCELLED"


async def test_what_has_ended_cannot_be_cancelled(p: Process) -> None:
    done = await p.run(FLOW)
    with pytest.raises(Conflict, match="has already ended as COMPLETED"):
        await p.service.cancel(done.instance_id)


async def test_a_request_that_nobody_acts_on_is_told_to_be_stored(p: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "ANSWER_S", 0.01)
    defined = await p.service.define(FLOW)
    await p.stop()
    started = await p.service.start(defined.definition.id, {})
    with pytest.raises(Unavailable, match="The request is stored"):
        await p.service.cancel(started.instance_id)


async def test_a_failed_instance_is_redriven_from_where_it_failed() -> None:
    outcomes: list[Any] = [Failure("No", "not yet"), {"b": 1}]
    async with process(functions={"b": lambda call: outcomes.pop(0)}) as p:
        failed = await p.run(workflow(call("a"), call("b")))
        assert (failed.status, failed.error, failed.current_step_id) == ("FAILED", "Error in step B: not yet", "b")
        redriven = await p.service.redrive(failed.instance_id)
        assert redriven.redrives == 1
        done = await p.wait(failed.instance_id)
        assert (done.status, p.functions.names) == ("COMPLETED", ["a", "b", "b"])
        assert [(record.step_id, record.status) for record in done.history or []] == [
            ("a", "SUCCESS"), ("b", "ERROR"), ("b", "SUCCESS"),
        ]  # fmt: skip
        assert done.error is msgspec.UNSET


async def test_a_cancelled_instance_is_redriven() -> None:
    clock = HandClock()
    async with process(clock=clock) as p:
        started = await p.start(workflow(wait(60)))
        await p.service.cancel(started.instance_id)
        assert (await p.service.redrive(started.instance_id)).status == "RUNNING"
        await clock.pass_by(60)
        assert (await p.wait(started.instance_id)).status == "COMPLETED"


async def test_only_what_ended_badly_can_be_redriven(p: Process) -> None:
    done = await p.run(FLOW)
    with pytest.raises(Conflict, match="is COMPLETED; only one that FAILED, TIMED_OUT or was CANCELLED can be redriven"):
        await p.service.redrive(done.instance_id)


async def test_an_ended_instance_is_deleted_with_its_events(p: Process) -> None:
    done = await p.run(FLOW)
    await p.service.delete_instance(done.instance_id)
    for ask in ("instance", "events", "delete_instance"):
        with pytest.raises(NotFound, match=f"no workflow instance with the id '{done.instance_id}'"):
            await getattr(p.service, ask)(done.instance_id)


async def test_what_runs_cannot_be_deleted() -> None:
    async with process(clock=HandClock()) as p:
        started = await p.start(workflow(wait(60)))
        await until(lambda: p.owner.is_idle)
        with pytest.raises(Conflict, match="is RUNNING; cancel it before"):
            await p.service.delete_instance(started.instance_id)


@pytest.mark.parametrize("ask", ["instance", "cancel", "redrive", "wait", "events", "delete_instance"])
async def test_an_instance_that_is_not_there_is_not_found(p: Process, ask: str) -> None:
    with pytest.raises(NotFound, match="no workflow instance with the id 'nothing'"):
        await getattr(p.service, ask)("nothing")


# --- lists


async def test_instances_are_listed_newest_first_without_histories_in_pages() -> None:
    clock = HandClock()
    async with process(clock=clock) as p:
        ids = []
        for _ in range(5):
            ids.append((await p.run(FLOW)).instance_id)
            await clock.pass_by(1)
        first = await p.service.instances(Query(limit=3))
        assert isinstance(first.cursor, str)
        second = await p.service.instances(Query(limit=3, cursor=first.cursor))
        assert [item.instance_id for item in (*first.items, *second.items)] == ids[::-1]
        assert second.cursor is msgspec.UNSET
        assert {item.history for item in first.items} == {msgspec.UNSET}


async def test_instances_are_filtered(p: Process) -> None:
    done = await p.run(FLOW)
    await p.run({**FLOW, "name": "other"})
    query = Query(statuses=frozenset({Status.SUCCEEDED}), definition_id=done.workflow_definition_id)
    assert [item.instance_id for item in (await p.service.instances(query)).items] == [done.instance_id]


# --- events


async def test_following_yields_what_is_there_and_what_comes_and_ends() -> None:
    go_on = asyncio.Event()
    async with process(functions={"a": lambda call: go_on.wait()}) as p:
        started = await p.start(FLOW)
        await until(lambda: p.functions.calls)
        seen = []
        async for event in p.service.follow(started.instance_id):
            seen.append(event.seq)
            go_on.set()
        assert seen == [event.seq for event in await p.service.events(started.instance_id)]
        assert seen == list(range(1, len(seen) + 1))


async def test_following_resumes_behind_a_number(p: Process) -> None:
    done = await p.run(FLOW)
    last = (await p.service.events(done.instance_id))[-1].seq
    assert [event.seq async for event in p.service.follow(done.instance_id, after=last - 2)] == [last - 1, last]
    assert [event.seq async for event in p.service.follow(done.instance_id, after=last)] == []


async def test_following_reads_long_histories_in_batches(p: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    done = await p.run(workflow(*(call("a", name=f"Step{n}") for n in range(5))))
    all_of_them = await p.service.events(done.instance_id)
    monkeypatch.setattr(service_module, "READ_MAX", 3)
    assert [event.seq async for event in p.service.follow(done.instance_id)] == [event.seq for event in all_of_them]
    assert len((await p.service.instance(done.instance_id)).history or []) == 5


async def test_a_reader_sees_what_another_process_did(p: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_module, "POLL_S", 0.01)
    async with process(p.store) as other:
        await until(lambda: p.owner.is_fenced or p.owner.wake())
        started = await other.start(FLOW)
        assert (await p.wait(started.instance_id)).status == "COMPLETED"


async def test_the_feed_gives_all_commits_in_order(p: Process) -> None:
    ids = {(await p.run(FLOW)).instance_id for _ in range(2)}
    commits, end = await p.service.feed.page(None, 500)
    assert [commit.cursor for commit in commits] == sorted({commit.cursor for commit in commits})
    assert {commit.execution_id for commit in commits} == ids
    assert await p.service.feed.page(str(commits[0].cursor), 1) == ([commits[1]], str(commits[1].cursor))
    assert await p.service.feed.page(end, 500) == ([], end)


@pytest.mark.parametrize("cursor", ["x", "1.2", "-1", "", "9" * 30])
async def test_what_the_feed_did_not_give_is_no_cursor(p: Process, cursor: str) -> None:
    with pytest.raises(InvalidRequest, match="not a cursor"):
        await p.service.feed.page(cursor, 500)


async def test_following_the_feed_begins_now_or_where_it_is_told(p: Process) -> None:
    first = await p.run(FLOW)
    feed = p.service.feed.follow(None)
    coming = asyncio.ensure_future(anext(feed))
    await until(lambda: p.faults.counts["outbox"])
    second = await p.run(FLOW)
    assert (await coming)[0].execution_id == second.instance_id
    earlier = p.service.feed.follow("0")
    assert (await anext(earlier))[0].execution_id == first.instance_id
    await feed.aclose()
    await earlier.aclose()


# --- the process


async def test_statistics_count_what_is_stored_and_what_was_done() -> None:
    async with process(functions={"b": lambda call: Failure("No")}) as p:
        await p.run(workflow(call("a"), call("b")))
        await p.run({**FLOW, "name": "other"})
        figures = await p.service.statistics()
        assert figures.instances == {"FAILED": 1, "COMPLETED": 1}
        assert (figures.function_calls, figures.function_failures, figures.functions_running, figures.backlog) == (3, 1, 0, 0)


async def test_a_process_is_ready_once_it_owns_the_partition(p: Process) -> None:
    assert await p.service.ready() == {}
    await p.stop()
    assert await p.service.ready() == {"worker": "waiting for the store"}


async def test_functions_are_those_registered(p: Process) -> None:
    assert [view.name for view in p.service.functions()] == ["a", "b", "c", "pay", "send"]

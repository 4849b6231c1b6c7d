"""The record of an event: the contract's value, CloudEvents in the headers, and a value that fits."""

import msgspec

from conductor_local.engine.events import ExecutionFailed
from conductor_local.payload import Json
from conductor_local.program import Failure
from conductor_local.sinks.cloud_events import Record, record_of
from conductor_local.testing.sink_suite import AT, commit, scheduled, shown, started

AMPLE = 1_000_000


def made(payload: Json, value_bytes_max: int = AMPLE) -> Record:
    record = record_of(commit("i:1", started(payload)), started(payload), value_bytes_max)
    assert record is not None
    return record


def test_the_value_is_what_every_sink_gives() -> None:
    assert [msgspec.json.decode(made({"n": 1}).value)] == shown([commit("i:1", started({"n": 1}))])


def test_the_key_is_the_instance() -> None:
    assert made({}).key == b"i:1"


def test_the_attributes_are_headers_of_the_binary_mode() -> None:
    assert dict(made({}).headers) == {
        "ce_specversion": "1.0", "ce_id": "i:1:1", "ce_source": "/workflows/definitions/d", "ce_type": "WORKFLOW_STARTED",
        "ce_subject": "i:1", "ce_time": "2026-03-01T12:00:00.005Z", "content-type": "application/json",
    }  # fmt: skip


def test_the_source_is_a_uri_whatever_the_definition_is_called() -> None:
    subject = msgspec.structs.replace(commit("i", started()), definition_id="a b/ö")
    record = record_of(subject, started(), AMPLE)
    assert record is not None
    assert dict(record.headers)["ce_source"] == "/workflows/definitions/a%20b%2F%C3%B6"


def test_the_record_has_the_time_of_the_event() -> None:
    assert made({}).at_ms == round(AT.timestamp() * 1000)


def test_an_event_outside_the_lifecycle_has_no_record() -> None:
    assert record_of(commit("i"), scheduled(), AMPLE) is None


def test_a_payload_that_does_not_fit_is_left_out_with_its_size() -> None:
    value = msgspec.json.decode(made({"text": "x" * 5_000}, 1_000).value)
    assert value["initialPayload"] == {"omittedBytes": 5_011}
    assert (value["id"], value["type"], value["workflowName"]) == ("i:1:1", "WORKFLOW_STARTED", "flow")


def test_a_text_that_does_not_fit_is_left_out_with_its_size() -> None:
    event = ExecutionFailed(seq=2, at=AT, lifecycle_id=2, failure=Failure(error="E", cause="y" * 5_000))
    record = record_of(commit("i", event), event, 1_000)
    assert record is not None
    assert "bytes omitted" in msgspec.json.decode(record.value)["error"]


def test_a_value_that_fits_exactly_is_whole() -> None:
    size = len(made({"text": "x" * 500}).value)
    assert made({"text": "x" * 500}, size) == made({"text": "x" * 500})
    assert made({"text": "x" * 500}, size - 1) != made({"text": "x" * 500})

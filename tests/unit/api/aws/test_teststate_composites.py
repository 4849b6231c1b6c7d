"""TestState of Map and Parallel states, which are always mocked."""

import json
from typing import Any

from .trying import answer, error, refused, result

BODY = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
OTHER = {"StartAt": "Q", "States": {"Q": {"Type": "Pass", "End": True}}}
DISTRIBUTED = {**BODY, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
THRESHOLD = "States.ExceedToleratedFailureThreshold"


def map_state(processor: dict[str, Any] = DISTRIBUTED, **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}


def parallel(**fields: Any) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": [BODY, OTHER], "End": True, **fields}


async def test_a_map_shows_how_its_items_are_made() -> None:
    state = map_state(ItemsPath="$.v", ItemSelector={"i.$": "$$.Map.Item.Value"}, ItemBatcher={"MaxItemsPerBatch": 2})
    got = await answer(state, input='{"v": [1, 2, 3]}', mock=result([0]), inspectionLevel="DEBUG")
    assert got["inspectionData"] == {
        "input": '{"v": [1, 2, 3]}', "afterInputPath": '{"v": [1, 2, 3]}', "afterItemsPath": "[1, 2, 3]",
        "afterItemSelector": '[{"i":1},{"i":2},{"i":3}]', "maxConcurrency": 0,
        "afterItemBatcher": '[{"Items":[{"i":1},{"i":2}]},{"Items":[{"i":3}]}]',
        "afterResultSelector": "[0]", "afterResultPath": "[0]",
    }  # fmt: skip


async def test_a_map_in_jsonata_shows_little() -> None:
    state = map_state(BODY, QueryLanguage="JSONata", Items="{% $states.input %}", MaxConcurrency=2)
    got = await answer(state, input=[1], mock=result([5]), inspectionLevel="TRACE")
    assert got == {"status": "SUCCEEDED", "output": "[5]", "inspectionData": {"input": "[1]", "maxConcurrency": 2}}


async def test_what_a_map_reads_first_can_fail() -> None:
    state = map_state(BODY, ItemsPath="$.v", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "C"}])
    got = await answer(state, input={"v": 1}, mock=result([]), inspectionLevel="DEBUG")
    assert (got["status"], got["error"]) == ("FAILED", "States.Runtime")
    assert list(got["inspectionData"]) == ["input", "afterInputPath"]


async def test_failed_iterations_fail_the_map_when_there_are_too_many() -> None:
    async def after(failed: int, **fields: Any) -> str:
        configuration = {"mapIterationFailureCount": failed}
        got = await answer(map_state(**fields), input=[1, 2, 3, 4], mock=result([0]), stateConfiguration=configuration)
        return got.get("error", got["status"])

    assert [await after(failed) for failed in (0, 1)] == ["SUCCEEDED", THRESHOLD]
    assert [await after(failed, ToleratedFailureCount=2) for failed in (2, 3)] == ["SUCCEEDED", THRESHOLD]
    assert [await after(failed, ToleratedFailurePercentage=50) for failed in (2, 3)] == ["SUCCEEDED", THRESHOLD]
    assert await after(2, ToleratedFailurePercentage=50, ToleratedFailureCount=1) == THRESHOLD


async def test_the_threshold_can_be_caught() -> None:
    state = map_state(Catch=[{"ErrorEquals": [THRESHOLD], "Next": "C"}])
    got = await answer(state, input=[1], mock=result([0]), stateConfiguration={"mapIterationFailureCount": 1})
    assert (got["status"], got["nextState"]) == ("CAUGHT_ERROR", "C")


async def test_retries_of_the_threshold_count_too() -> None:
    retry = [{"ErrorEquals": ["E"]}, {"ErrorEquals": [THRESHOLD], "MaxAttempts": 1}]
    state = map_state(Retry=retry, Catch=[{"ErrorEquals": [THRESHOLD], "Next": "C"}])
    for made, status in ((0, "RETRIABLE"), (1, "CAUGHT_ERROR")):
        configuration = {"mapIterationFailureCount": 1, "retrierRetryCount": made}
        got = await answer(state, input=[1], mock=result([0]), stateConfiguration=configuration)
        assert got["status"] == status


async def test_a_mocked_error_is_the_maps_own_whatever_is_tolerated() -> None:
    configuration = {"mapIterationFailureCount": 3, "errorCausedByState": "P"}
    got = await answer(map_state(ToleratedFailureCount=1), input=[1, 2, 3], mock=error("E"), stateConfiguration=configuration)
    assert (got["status"], got["error"]) == ("FAILED", "E")


async def test_not_more_iterations_can_fail_than_there_are() -> None:
    told = "ValidationException: Map iteration failure count must be less than or equal to the number of Map iterations"
    for mock in (result([0]), error("E")):
        assert await refused(map_state(), input=[1], mock=mock, stateConfiguration={"mapIterationFailureCount": 2}) == told


def reading(config: dict[str, Any], call: str = "getObject") -> dict[str, Any]:
    parameters = {"Bucket": "b", **({"Key": "k"} if call == "getObject" else {})}
    reader = {"Resource": f"arn:aws:states:::s3:{call}", "Parameters": parameters, **({"ReaderConfig": config} if config else {})}
    return map_state(ItemReader=reader, ItemSelector={"i.$": "$$.Map.Item.Value"})


async def read(config: dict[str, Any], body: str, call: str = "getObject") -> dict[str, Any]:
    configuration = {"mapItemReaderData": body}
    return await answer(
        reading(config, call), mock=result([]), stateConfiguration=configuration, inspectionLevel="DEBUG"
    )  # fmt: skip


async def test_a_readers_data_gives_the_items() -> None:
    csv = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 1}
    cases = [
        ({"InputType": "JSON", "ItemsPointer": "/a"}, '{"a": [1, 2]}', [1, 2], "[1,2]"),
        ({"InputType": "JSONL"}, '{"n": 1}\n{"n": 2}\n', [{"n": 1}, {"n": 2}], None),
        (csv, "x,y\n1,2\n3,4\n", [{"x": "1", "y": "2"}], None),
    ]
    for config, body, items, pointed in cases:
        shown = (await read(config, body))["inspectionData"]
        assert json.loads(shown["afterItemSelector"]) == [{"i": item} for item in items]
        assert shown.get("afterItemsPointer") == pointed
    listed = await read({}, '[{"Key": "k"}]', "listObjectsV2")
    assert json.loads(listed["inspectionData"]["afterItemSelector"]) == [{"i": {"Key": "k"}}]


async def test_a_readers_data_that_cannot_be_used_fails_the_map() -> None:
    for config, body, call in [
        ({"InputType": "JSON"}, "nope", "getObject"),
        ({"ManifestType": "S3_INVENTORY"}, "{}", "getObject"),
        ({}, "{}", "listObjectsV2"),
    ]:
        got = await read(config, body, call)
        assert (got["status"], got["error"]) == ("FAILED", "States.ItemReaderFailed")


async def test_what_is_configured_must_have_an_effect() -> None:
    for configuration, state, text in [
        ({"mapItemReaderData": "[]"}, map_state(), "'mapItemReaderData' is only supported for Map states with an ItemReader"),
        ({"mapIterationFailureCount": 0}, parallel(), "'mapIterationFailureCount' is only supported for Map states"),
        ({"errorCausedByState": "R"}, parallel(), "'errorCausedByState' names no state inside the tested state: 'R'"),
    ]:
        told = await refused(state, input=[], mock=error("E"), stateConfiguration=configuration)
        assert told == f"ValidationException: The field {text}."


async def test_the_shape_of_a_mock_follows_the_state() -> None:
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}}
    for state, mocked, text in [
        (map_state(BODY), {}, "an array."),
        (map_state(ResultWriter=writer), [], "a JSON object."),
        (parallel(), {}, "an array."),
    ]:
        assert await refused(state, mock=result(mocked)) == f"ValidationException: Mocked result must be {text}"
    assert (await answer(map_state(ResultWriter=writer), input=[1], mock=result({"MapRunArn": "a"})))["status"] == "SUCCEEDED"
    assert await refused(parallel(), mock=result([1])) == (
        "ValidationException: Mocked result must contain the same number of items as number of Parallel branches."
    )


async def test_a_parallel_keeps_the_text_of_its_mock() -> None:
    got = await answer(parallel(Parameters={"n.$": "$.n"}), input={"n": 1}, mock={"result": "[1,  2]"}, inspectionLevel="DEBUG")
    assert got["output"] == "[1,  2]"
    assert got["inspectionData"] == {"input": '{"n": 1}', "afterResultSelector": "[1,  2]", "afterResultPath": "[1,  2]"}


async def test_without_a_mock_they_are_refused() -> None:
    told = "InvalidDefinition: TestState API does not support Map or Parallel states. "
    told += "Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"
    assert [await refused(state) for state in (map_state(), parallel())] == [told, told]


async def test_a_reader_whose_own_fields_fail_fails_the_map() -> None:
    reader = {
        "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket.$": "$.no", "Key": "k"},
    }  # fmt: skip
    got = await answer(map_state(ItemReader=reader), mock=result([]), stateConfiguration={"mapItemReaderData": "[]"})
    assert (got["status"], got["error"]) == ("FAILED", "States.Runtime")

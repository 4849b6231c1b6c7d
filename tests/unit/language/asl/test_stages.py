"""Every stage of a state's data, by the slots that the state runs with."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from conductor_local.language.asl.recorded_scope import RecordedScope
from conductor_local.language.asl.stages import Seen, read_stages
from conductor_local.program import Failure

ENTRY = datetime(2030, 1, 1, tzinfo=UTC)
LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:f"


def seen(state: dict[str, Any], language: str = "JSONPath", **known: Any) -> Seen:
    scope = RecordedScope(**{"input": {}, "node": "A", "entered_at": ENTRY, "started_at": ENTRY, "now": ENTRY, **known})
    return read_stages("A", {**state}, language).seen(scope)


def values(state: dict[str, Any], language: str = "JSONPath", **known: Any) -> dict[str, Any]:
    found = seen(state, language, **known)
    assert found.error is None
    return {stage.name: stage.value for stage in found.stages}


TASK = {
    "Type": "Task", "Resource": LAMBDA, "InputPath": "$.a", "Parameters": {"n.$": "$.n"}, "ResultSelector": {"r.$": "$.x"},
    "ResultPath": "$.got", "OutputPath": "$.got", "Assign": {"v.$": "$.x"}, "End": True,
}  # fmt: skip


def test_a_task_by_paths_goes_through_every_stage_in_order() -> None:
    shown = values(TASK, input={"a": {"n": 1}}, has_result=True, result={"x": 2}, variables={"w": 0})
    assert list(shown.items()) == [
        ("input", {"a": {"n": 1}}),
        ("afterInputPath", {"n": 1}),
        ("afterParameters", {"n": 1}),
        ("result", {"x": 2}),
        ("afterResultSelector", {"r": 2}),
        ("afterResultPath", {"a": {"n": 1}, "got": {"r": 2}}),
        ("output", {"r": 2}),
        ("variables", {"w": 0, "v": 2}),
    ]


def test_without_a_result_it_ends_before_the_result() -> None:
    assert list(values(TASK, input={"a": {"n": 1}})) == ["input", "afterInputPath", "afterParameters"]


def test_an_error_ends_it_where_it_happened() -> None:
    found = seen(TASK, input={"a": {}})
    assert [stage.name for stage in found.stages] == ["input", "afterInputPath"]
    assert found.error is not None
    assert found.error.message.startswith("The JSONPath '$.n' specified for the field 'n.$' could not be found in the input")


def test_a_task_in_jsonata_has_arguments() -> None:
    state = {
        "Type": "Task",
        "Resource": LAMBDA,
        "Arguments": "{% $states.input.n %}",
        "Output": "{% $states.result + 1 %}",
        "End": True,
    }
    shown = values(state, "JSONata", input={"n": 1}, has_result=True, result=5)
    assert shown == {"input": {"n": 1}, "afterArguments": 1, "result": 5, "output": 6}


def test_the_language_of_the_state_overrules_that_of_its_machine() -> None:
    assert "afterInputPath" not in values({"Type": "Succeed", "QueryLanguage": "JSONata"})


def test_a_pass_gives_its_result_or_its_parameters() -> None:
    given = {"Type": "Pass", "Parameters": {"n.$": "$.n"}, "ResultPath": "$.r", "End": True}
    assert values(given, input={"n": 1})["output"] == {"n": 1, "r": {"n": 1}}
    assert values({**given, "Result": 7}, input={"n": 1})["output"] == {"n": 1, "r": 7}


def test_a_choice_shows_what_its_rule_assigns() -> None:
    rules = [{"Variable": "$.n", "NumericEquals": 1, "Next": "B", "Assign": {"v": "one"}}]
    state = {"Type": "Choice", "Choices": rules, "Default": "C", "Assign": {"v": "other"}}
    assert values(state, input={"n": 1})["variables"] == {"v": "one"}
    assert values(state, input={"n": 2})["variables"] == {"v": "other"}


def test_a_fail_has_no_output() -> None:
    assert list(values({"Type": "Fail", "Error": "E"})) == ["input", "afterInputPath"]


def test_a_caught_failure_shows_what_the_catcher_makes() -> None:
    catch = [{"ErrorEquals": ["E"], "ResultPath": "$.e", "Assign": {"c.$": "$.Error"}, "Next": "B"}]
    shown = values({**TASK, "Catch": catch}, input={"a": {"n": 1}}, failure=Failure("E", "why"))
    assert shown["output"] == {"a": {"n": 1}, "e": {"Error": "E", "Cause": "why"}}
    assert shown["variables"] == {"c": "E"}
    assert "output" not in values({**TASK, "Catch": catch}, input={"a": {"n": 1}}, failure=Failure("F"))


def machine_map(**fields: Any) -> dict[str, Any]:
    processor = {
        "StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}},
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    }  # fmt: skip
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}


def test_a_map_shows_its_items_as_they_are_made_into_inputs_and_its_limits() -> None:
    state = machine_map(
        ItemsPath="$.v", ItemSelector={"i.$": "$$.Map.Item.Value"}, ItemBatcher={"MaxItemsPerBatch": 2, "BatchInput": {"b": 0}},
        MaxConcurrencyPath="$.c", ToleratedFailureCount=1, ToleratedFailurePercentage=2.5,
    )  # fmt: skip
    shown = values(state, input={"v": [1, 2, 3], "c": 4}, has_result=True, result=[])
    assert shown["afterItemsPath"] == [1, 2, 3]
    assert shown["afterItemSelector"] == [{"i": 1}, {"i": 2}, {"i": 3}]
    batches = [{"BatchInput": {"b": 0}, "Items": [{"i": 1}, {"i": 2}]}, {"BatchInput": {"b": 0}, "Items": [{"i": 3}]}]
    assert shown["afterItemBatcher"] == batches
    limits = shown["maxConcurrency"], shown["toleratedFailureCount"], shown["toleratedFailurePercentage"]
    assert limits == (4, 1, 2.5)
    assert shown["output"] == []


def test_a_map_in_jsonata_says_its_items_by_a_name_of_ours() -> None:
    shown = values(machine_map(Items="{% $states.input.v %}"), "JSONata", input={"v": [1]})
    assert shown == {"input": {"v": [1]}, "afterItems": [1], "maxConcurrency": 0}


def test_items_that_were_read_are_shown_where_a_pointer_cuts_them_out() -> None:
    reader = {
        "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON", "ItemsPointer": "/a"},
        "Parameters": {"Bucket": "b", "Key": "k"},
    }  # fmt: skip
    assert values(machine_map(ItemReader=reader), items_read=[1, 2])["afterItemsPointer"] == [1, 2]
    assert "afterItemsPointer" not in values(machine_map(ItemReader=reader))


def test_randomness_is_drawn_in_the_order_of_the_engine() -> None:
    state = {
        "Type": "Pass", "Parameters": {"a.$": "States.MathRandom(0, 1000000)"}, "End": True,
        "Assign": {"b.$": "States.MathRandom(0, 1000000)"},
    }  # fmt: skip
    bits = count(1)
    shown = values(state, draw=lambda: next(bits) << 58)
    assert shown["output"]["a"] < shown["variables"]["b"]


def test_without_randomness_every_draw_is_the_same() -> None:
    state = {"Type": "Pass", "Parameters": {"a.$": "States.UUID()", "b.$": "States.UUID()"}, "End": True}
    output = values(state)["output"]
    assert output["a"] == output["b"]


def test_a_scope_has_no_arguments_but_its_input() -> None:
    scope = RecordedScope(input=1, node="A", entered_at=ENTRY, started_at=ENTRY, now=ENTRY)
    assert scope.arguments == 1

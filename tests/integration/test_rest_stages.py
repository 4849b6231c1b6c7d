"""The data of one visit of a state, stage by stage, over REST: worked out anew from what the events tell."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.integration.rest_server import Json, Server, serving

from conductor_local.functions.registry import describe

LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:"


async def charge(event: Any) -> Any:
    if event.get("broken"):
        raise ValueError("the card is broken")
    return {"paid": event["amount"], "password": "hush", "noise": 1}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(describe(charge, name="charge")) as server:
        yield server


async def visit(server: Server, id: str, node: str, place: int = 0) -> Json:
    entered = [one for one in await server.events(id) if one["type"] == "NodeEntered" and one["node"] == node]
    found: Json = await server.get(f"/workflows/instances/{id}/stages", event=entered[place]["seq"])
    return found


def values(found: Json) -> Json:
    return {stage["name"]: stage["value"] for stage in found["stages"] if "value" in stage}


PATHS: Json = {
    "name": "Paths",
    "StartAt": "Note",
    "States": {
        "Note": {"Type": "Pass", "Assign": {"rate.$": "$.rate"}, "Next": "Charge"},
        "Charge": {
            "Type": "Task",
            "Resource": LAMBDA + "charge",
            "InputPath": "$.order",
            "Parameters": {"amount.$": "States.MathAdd($.net, $rate)", "id.$": "States.UUID()"},
            "ResultSelector": {"paid.$": "$.paid", "password.$": "$.password"},
            "ResultPath": "$.receipt",
            "OutputPath": "$.receipt",
            "Assign": {"paid.$": "$.paid"},
            "End": True,
        },
    },
}


async def test_every_stage_of_a_jsonpath_task_is_shown_and_secrets_are_masked(server: Server) -> None:
    ended = await server.run(PATHS, {"rate": 2, "order": {"net": 40}})
    found = await visit(server, ended["instanceId"], "Charge")
    assert found["language"] == "JSONPath"
    shown = values(found)
    assert list(shown) == [
        "input", "afterInputPath", "afterParameters", "result", "afterResultSelector", "afterResultPath", "output", "variables"
    ]  # fmt: skip
    assert shown["input"] == {"rate": 2, "order": {"net": 40}}
    assert shown["afterInputPath"] == {"net": 40}
    assert shown["afterParameters"]["amount"] == 42
    assert len(shown["afterParameters"]["id"]) == 36  # what was drawn then, not what would be drawn now
    assert shown["result"] == {"paid": 42, "password": "***", "noise": 1}
    assert shown["afterResultSelector"] == {"paid": 42, "password": "***"}
    assert shown["afterResultPath"]["receipt"] == shown["output"] == {"paid": 42, "password": "***"}
    assert shown["variables"] == {"rate": 2, "paid": 42}


async def test_a_value_that_depends_on_chance_is_said_to_be_unknown_unless_it_was_recorded(server: Server) -> None:
    state = {**PATHS["States"]["Charge"], "ResultSelector": {"id.$": "States.UUID()"}, "Assign": {}}
    machine = {**PATHS, "States": {**PATHS["States"], "Charge": state}}
    ended = await server.run(machine, {"rate": 2, "order": {"net": 40}})
    found = await visit(server, ended["instanceId"], "Charge")
    unknown = {stage["name"] for stage in found["stages"] if "random" in stage.get("unavailable", "")}
    assert unknown == {"afterResultSelector", "afterResultPath"}
    assert values(found)["output"] == ended["currentPayload"]


JSONATA: Json = {
    "name": "Expressions",
    "QueryLanguage": "JSONata",
    "StartAt": "Charge",
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": LAMBDA + "charge",
            "Arguments": {"amount": "{% $states.input.net + 2 %}", "broken": "{% $states.input.broken %}"},
            "Output": "{% $states.result.paid %}",
            "Assign": {"paid": "{% $states.result.paid %}"},
            "Catch": [{"ErrorEquals": ["ValueError"], "Output": "{% $states.errorOutput.Error %}", "Next": "Sorry"}],
            "End": True,
        },
        "Sorry": {
            "Type": "Pass",
            "Output": {"sorry": "{% $states.input %}", "by": "{% $states.context.State.Name %}"},
            "End": True,
        },
    },
}


async def test_a_jsonata_task_has_arguments_and_output(server: Server) -> None:
    ended = await server.run(JSONATA, {"net": 40, "broken": False})
    found = await visit(server, ended["instanceId"], "Charge")
    assert found["language"] == "JSONata"
    shown = values(found)
    assert list(shown) == ["input", "afterArguments", "result", "output", "variables"]
    assert (shown["afterArguments"], shown["output"], shown["variables"]) == ({"amount": 42, "broken": False}, 42, {"paid": 42})


async def test_a_caught_failure_shows_what_the_catcher_made_of_it(server: Server) -> None:
    ended = await server.run(JSONATA, {"net": 40, "broken": True})
    shown = values(await visit(server, ended["instanceId"], "Charge"))
    assert list(shown) == ["input", "afterArguments", "output"]
    assert shown["output"] == "ValueError"
    assert values(await visit(server, ended["instanceId"], "Sorry"))["output"] == {"sorry": "ValueError", "by": "Sorry"}


TEAM: Json = {
    "name": "Team",
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "Set",
                    "States": {
                        "Set": {"Type": "Pass", "Assign": {"shift": 10}, "Next": "Each"},
                        "Each": {
                            "Type": "Map",
                            "ItemsPath": "$.people",
                            "ItemSelector": {"name.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index"},
                            "ItemProcessor": {
                                "StartAt": "Greet",
                                "States": {
                                    "Greet": {
                                        "Type": "Pass",
                                        "Parameters": {"who.$": "$$.Map.Item.Value", "n.$": "States.MathAdd($.at, $shift)"},
                                        "ResultPath": "$.said",
                                        "End": True,
                                    }
                                },
                            },
                            "End": True,
                        },
                    },
                }
            ],
            "End": True,
        }
    },
}


async def test_a_state_inside_a_map_inside_a_branch_sees_its_item_and_the_variables_around_it(server: Server) -> None:
    ended = await server.run(TEAM, {"people": ["Ada", "Bob"]})
    shown = values(await visit(server, ended["instanceId"], "Greet", place=1))
    assert shown["input"] == {"name": "Bob", "at": 1}
    assert shown["afterParameters"] == shown["result"] == {"who": "Bob", "n": 11}
    assert shown["afterResultPath"] == {"name": "Bob", "at": 1, "said": {"who": "Bob", "n": 11}}
    assert shown["variables"] == {"shift": 10}


async def test_a_map_shows_its_items_and_what_is_made_of_each(server: Server) -> None:
    ended = await server.run(TEAM, {"people": ["Ada", "Bob"]})
    shown = values(await visit(server, ended["instanceId"], "Each"))
    assert shown["afterItemsPath"] == ["Ada", "Bob"]
    assert shown["afterItemSelector"] == [{"name": "Ada", "at": 0}, {"name": "Bob", "at": 1}]
    assert [one["said"]["who"] for one in shown["output"]] == ["Ada", "Bob"]


async def test_the_values_of_many_items_are_not_worked_out(server: Server) -> None:
    ended = await server.run(TEAM, {"people": list(range(101))})
    found = await visit(server, ended["instanceId"], "Each")
    [selector] = [stage for stage in found["stages"] if stage["name"] == "afterItemSelector"]
    assert selector == {"name": "afterItemSelector", "unavailable": "It has more than 100 parts, which are not worked out here."}
    assert len(values(found)["afterItemsPath"]) == 101


async def test_an_expression_that_fails_ends_the_stages_with_its_error(server: Server) -> None:
    machine = {
        "name": "Wrong", "StartAt": "A",
        "States": {"A": {"Type": "Pass", "InputPath": "$.order", "Parameters": {"x.$": "$.none"}, "End": True}},
    }  # fmt: skip
    ended = await server.run(machine, {"order": {"a": 1}})
    found = await visit(server, ended["instanceId"], "A")
    assert values(found) == {"input": {"order": {"a": 1}}, "afterInputPath": {"a": 1}}
    assert found["error"].startswith("States.Runtime: An error occurred while executing the state 'A'")


async def test_a_state_that_is_not_over_shows_what_it_was_given(server: Server) -> None:
    wait = {"name": "Waiting", "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    id = await server.start(wait, {"a": 1})
    while not any(event["type"] == "NodeEntered" for event in await server.events(id)):
        await asyncio.sleep(0.01)
    assert values(await visit(server, id, "W"))["input"] == {"a": 1}


async def test_a_step_of_the_steps_language_shows_what_is_recorded(server: Server) -> None:
    step = {"type": "function", "functionName": "charge", "inputPath": "$.order", "resultPath": "$.receipt"}
    ended = await server.run({"name": "Steps", "startAt": "pay", "steps": {"pay": step}}, {"order": {"amount": 3}})
    found = await visit(server, ended["instanceId"], "pay")
    assert found["language"] == "steps"
    shown = values(found)
    assert (shown["arguments"], shown["result"]["paid"]) == ({"amount": 3}, 3)
    assert shown["output"] == {"order": {"amount": 3}, "receipt": {"paid": 3, "password": "***", "noise": 1}}


async def test_there_are_no_stages_of_what_is_no_entry_of_a_state(server: Server) -> None:
    id = (await server.run(JSONATA, {"net": 40, "broken": False}))["instanceId"]
    path = f"/workflows/instances/{id}/stages"
    assert [await server.status(path, event=seq) for seq in (1, 99_999)] == [404, 404]
    assert await server.status("/workflows/instances/nobody/stages", event=1) == 404
    assert [await server.status(path, **wrong) for wrong in ({}, {"event": "x"}, {"event": 2, "vent": 1})] == [400, 400, 400]

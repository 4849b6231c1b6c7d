"""Definition files of both languages and both notations, and `${NAME}` in them."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import Conductor, Server

LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:"
MACHINE = {"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": "${CallArn}", "Comment": "in ${Place}", "End": True}}}
YAML = """\
StartAt: Rest
States:
  Rest: {Type: Wait, Seconds: 5, Next: Say}
  Say:
    Type: Pass
    Result: hello ${Who}
    End: true
"""
GIVEN = ("--substitute", f"CallArn={LAMBDA}logAnalytics", "--substitute", "Place=here=there")


def write(name: str, document: Any) -> None:
    Path(name).write_text(document if isinstance(document, str) else json.dumps(document, indent=2))


def test_an_unresolved_name_is_an_error_with_its_place(conductor: Conductor) -> None:
    write("order.asl.json", MACHINE)
    outcome = conductor("validate", "order.asl.json", "--substitute", "Place=here")
    assert outcome.code == 2
    assert "order.asl.json:6:19: error UNRESOLVED_SUBSTITUTION: nothing is given for ${CallArn}" in outcome.out
    assert "--substitute CallArn=VALUE" in outcome.out
    assert "Place" not in outcome.out


def test_what_is_filled_in_is_what_is_checked(conductor: Conductor) -> None:
    write("order.asl.json", MACHINE)
    assert conductor("validate", "order.asl.json", *GIVEN).code == 0
    wrong = conductor("validate", "order.asl.json", "--substitute", "CallArn=nowhere", "--substitute", "Place=x")
    assert (wrong.code, "The resource provided nowhere is not recognized" in wrong.out) == (2, True)


def test_what_is_unresolved_can_be_left(conductor: Conductor) -> None:
    write("say.yaml", YAML)
    assert conductor("validate", "say.yaml").code == 2
    assert conductor("validate", "say.yaml", "--allow-unresolved").code == 0


def test_in_the_steps_language_it_is_text(conductor: Conductor) -> None:
    step = {"name": "Costs ${price}", "type": "wait", "seconds": 0}
    write("priced.json", {"name": "Priced", "startAt": "only", "steps": {"only": step}})
    assert conductor("validate", "priced.json").code == 0


@pytest.mark.parametrize("given", ["NAME", "=x", "a-b=x", "${A}=x"])
def test_a_substitution_is_a_name_and_a_value(conductor: Conductor, given: str) -> None:
    write("say.yaml", YAML)
    outcome = conductor("validate", "say.yaml", "--substitute", given)
    assert (outcome.code, "takes NAME=VALUE" in outcome.err) == (2, True)


def test_run_runs_a_machine_from_yaml(conductor: Conductor) -> None:
    write("say.asl.yaml", YAML)
    outcome = conductor("run", "say.asl.yaml", "--virtual-time", "--substitute", "Who=Ada", "-o", "json")
    instance = json.loads(outcome.out)
    assert (instance["workflowDefinitionName"], instance["currentPayload"]) == ("say", "hello Ada")
    assert [record["stepId"] for record in instance["history"]] == ["Rest", "Say"]


def test_run_of_a_machine_calls_the_function_of_a_lambda_arn(conductor: Conductor) -> None:
    write("order.asl.json", MACHINE)
    outcome = conductor("run", "order.asl.json", "--virtual-time", "-p", '{"n": 1}', *GIVEN, "-o", "json")
    instance = json.loads(outcome.out)
    assert instance["currentPayload"] == {"n": 1, "analyticsLogged": True}
    assert instance["history"][0]["functionName"] == "logAnalytics"


def test_problems_of_yaml_show_the_line(conductor: Conductor) -> None:
    write("say.yml", YAML.replace("Next: Say", "Next: Gone"))
    outcome = conductor("run", "say.yml", "--allow-unresolved")
    assert outcome.code == 2
    assert "say.yml:3:40: error MISSING_TRANSITION_TARGET: Missing 'Next' target: Gone" in outcome.err
    assert "  Rest: {Type: Wait, Seconds: 5, Next: Gone}" in outcome.err


def test_create_sends_the_filled_in_machine_under_the_name_of_its_file(conductor: Conductor, server: Server) -> None:
    write("order.asl.json", MACHINE)
    server.answers = {"POST /workflows/definitions": {"id": "1", "name": "order"}}
    assert conductor("definitions", "create", "order.asl.json", *GIVEN).code == 0
    (request,) = server.requests
    assert dict(request.url.params) == {"name": "order"}
    sent = json.loads(request.content)["States"]["Call"]
    assert (sent["Resource"], sent["Comment"]) == (f"{LAMBDA}logAnalytics", "in here=there")


def test_create_sends_json_as_it_was_written(conductor: Conductor, server: Server) -> None:
    text = '{\n  "name": "N", "startAt": "a",\n  "steps": {"a": {"type": "wait", "seconds": 1}}\n}\n'
    write("n.json", text)
    server.answers = {"POST /workflows/definitions": {"id": "1", "name": "N"}}
    assert conductor("definitions", "create", "n.json").code == 0
    assert (server.requests[0].content.decode(), server.requests[0].url.query) == (text, b"")


def test_problems_the_server_finds_in_yaml_are_placed_in_the_file(conductor: Conductor, server: Server) -> None:
    write("say.yaml", YAML)
    problem = {"pointer": "/States/Say/Result", "code": "ODD", "message": "is odd", "line": 1, "column": 99}
    answer = httpx.Response(400, json={"status": 400, "detail": "wrong", "errors": [problem]})
    server.answers = {"POST /workflows/definitions": answer}
    outcome = conductor("definitions", "create", "say.yaml", "--substitute", "Who=Ada")
    assert (outcome.code, "say.yaml:6:13: error ODD: is odd" in outcome.err) == (2, True)


def test_update_takes_machines(conductor: Conductor, server: Server) -> None:
    write("say.yaml", YAML)
    path = "/workflows/definitions/say"
    server.answers = {f"GET {path}": {"id": "say", "name": "say"}, f"PUT {path}": {"id": "say", "name": "say"}}
    assert conductor("definitions", "update", "say", "say.yaml", "--substitute", "Who=Ada").code == 0
    assert json.loads(server.requests[-1].content)["States"]["Say"]["Result"] == "hello Ada"


def test_list_and_show_know_states(conductor: Conductor, server: Server) -> None:
    machine = {"id": "1", "name": "order", "Comment": "Takes orders", **MACHINE}
    machine["States"] = {"Call": {"Type": "Task", "Resource": f"{LAMBDA}charge:live", "Next": "Done"}, "Done": {"Type": "Succeed"}}
    server.answers = {"GET /workflows/definitions": [machine], "GET /workflows/definitions/order": machine}
    listed = conductor("definitions", "list").out
    assert listed.splitlines()[1].split() == ["1", "order", "2", "Takes", "orders"]
    shown = conductor("definitions", "show", "order").out
    assert "Takes orders" in shown
    assert ["Call", "Task", "charge", "Done"] in [line.split() for line in shown.splitlines()]

"""Commands against a server: what they ask, what they show, what its refusals become."""

import json

import httpx
import pytest

from conductor_local.cli import exits

from .conftest import Conductor, Server, events_answer

INSTANCE = {
    "instanceId": "i-1",
    "workflowDefinitionId": "d-1",
    "workflowDefinitionName": "Signup",
    "status": "COMPLETED",
    "initialPayload": {"password": "hunter22"},
    "currentPayload": {"password": "hunter22", "email": "ada@example.com"},
    "currentStepId": None,
    "history": [
        {
            "stepId": "check",
            "functionName": "validateUserData",
            "status": "SUCCESS",
            "startedAt": "2026-03-01T10:00:00.000Z",
            "endedAt": "2026-03-01T10:00:00.500Z",
            "input": {"password": "hunter22"},
            "output": {"password": "hunter22"},
            "attempts": 1,
        }
    ],
    "startedAt": "2026-03-01T10:00:00.000Z",
    "endedAt": "2026-03-01T10:00:01.000Z",
}
STARTED = {"type": "WORKFLOW_STARTED", "instanceId": "i-1", "workflowName": "Signup", "startedAt": "2026-03-01T10:00:00.000Z"}
FINISHED = {"type": "WORKFLOW_COMPLETED", "instanceId": "i-1", "workflowName": "Signup", "endedAt": "2026-03-01T10:00:01.000Z"}


def refusal(status: int, detail: str, *problems: dict[str, object]) -> httpx.Response:
    return httpx.Response(status, json={"status": status, "detail": detail, "message": detail, "errors": list(problems)})


def test_functions_are_listed_with_their_place(conductor: Conductor, server: Server) -> None:
    server.answers = {"GET /workflows/functions": [{"name": "greet", "file": "functions.py", "line": 3}, {"name": "logAnalytics"}]}
    outcome = conductor("functions")
    assert outcome.out.splitlines() == [
        "NAME          WHERE           DESCRIPTION",
        "greet         functions.py:3",
        "logAnalytics  built in",
    ]


def test_json_output_is_what_the_server_said(conductor: Conductor, server: Server) -> None:
    server.answers = {"GET /workflows/functions": [{"name": "greet"}]}
    assert json.loads(conductor("functions", "-o", "json").out) == [{"name": "greet"}]


def test_a_missing_server_is_told_with_how_to_start_one(conductor: Conductor, server: Server) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    server.answers = {"GET /workflows/functions": refuse}
    outcome = conductor("functions", "--url", "http://127.0.0.1:9")
    assert outcome.code == exits.UNAVAILABLE
    assert outcome.err == "error: No Conductor server at http://127.0.0.1:9. Start one with: conductor dev\n"


def test_something_else_at_the_address_is_told(conductor: Conductor, server: Server) -> None:
    server.answers = {"GET /workflows/functions": httpx.Response(200, text="<html>")}
    outcome = conductor("functions")
    assert outcome.code == exits.UNAVAILABLE
    assert "is not a Conductor server" in outcome.err


def test_an_address_that_is_none_is_wrong_usage(conductor: Conductor) -> None:
    assert conductor("functions", "--url", "http://:x").code == exits.USAGE


def test_port_says_where_the_server_is(conductor: Conductor, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "4123")
    conductor("functions")
    assert server.requests[0].url.port == 4123


def test_an_env_file_says_where_the_server_is(conductor: Conductor, server: Server) -> None:
    from pathlib import Path

    Path(".env").write_text("PORT=4124\nCONDUCTOR_TOKEN=sesame-open\n")
    conductor("functions")
    assert server.requests[0].url.port == 4124
    assert server.requests[0].headers["authorization"] == "Bearer sesame-open"


def test_the_url_option_beats_the_environment(conductor: Conductor, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDUCTOR_URL", "http://other.example:1")
    conductor("functions", "--url", "localhost:2")
    assert str(server.requests[0].url) == "http://localhost:2/workflows/functions"


def test_a_refused_token_says_how_to_pass_one(conductor: Conductor, server: Server) -> None:
    server.answers = {"GET /workflows/functions": refusal(401, "A token is needed.")}
    outcome = conductor("functions")
    assert outcome.code == exits.USAGE
    assert "CONDUCTOR_TOKEN" in outcome.err


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, exits.NOT_FOUND),
        (409, exits.CONFLICT),
        (400, exits.USAGE),
        (413, exits.USAGE),
        (503, exits.UNAVAILABLE),
        (500, exits.BUG),
    ],
)
def test_a_refusal_becomes_the_exit_code_of_its_error(conductor: Conductor, server: Server, status: int, code: int) -> None:
    server.answers = {"GET /workflows/instances/i-1": refusal(status, "Because.")}
    outcome = conductor("instances", "show", "i-1")
    assert outcome.code == code
    assert "Because." in outcome.err


def test_problems_of_a_created_definition_point_into_the_file(conductor: Conductor, server: Server) -> None:
    from pathlib import Path

    problem = {
        "pointer": "/startAt",
        "code": "NO_SUCH_STEP",
        "message": "no step 'b'",
        "hint": "did you mean 'a'?",
        "line": 2,
        "column": 14,
    }
    server.answers = {"POST /workflows/definitions": refusal(400, "Invalid.", problem)}
    Path("flow.json").write_text('{\n  "startAt": "b"\n}')
    outcome = conductor("definitions", "create", "flow.json")
    assert outcome.code == exits.USAGE
    assert outcome.err.splitlines() == [
        "flow.json:2:14: error NO_SUCH_STEP: no step 'b'",
        '      "startAt": "b"',
        "                 ^",
        "    hint: did you mean 'a'?",
    ]


def test_a_definition_is_sent_as_it_stands_in_the_file(conductor: Conductor, server: Server) -> None:
    server.answers = {"POST /workflows/definitions": {"id": "d-1", "name": "Signup", "steps": {}}}
    outcome = conductor("definitions", "create", "-", stdin='{ "name" :"Signup"}')
    assert server.requests[0].content == b'{ "name" :"Signup"}'
    assert outcome.out.startswith("Created Signup (d-1)\n")


def test_a_definition_is_updated_by_name(conductor: Conductor, server: Server) -> None:
    found = {"id": "d-1", "name": "Signup", "steps": {}}
    server.answers = {"GET /workflows/definitions/Signup": found, "PUT /workflows/definitions/d-1": found}
    assert conductor("definitions", "update", "Signup", "-", stdin="{}").code == exits.DONE


def test_an_id_is_quoted_in_the_path(conductor: Conductor, server: Server) -> None:
    conductor("definitions", "show", "a/b?c")
    assert server.requests[0].url.raw_path == b"/workflows/definitions/a%2Fb%3Fc"


def test_trigger_sends_payload_and_key(conductor: Conductor, server: Server) -> None:
    server.answers = {"POST /workflows/signup/trigger": {**INSTANCE, "status": "PENDING"}}
    outcome = conductor("trigger", "signup", "-p", '{"email": "ada@example.com"}', "--idempotency-key", "k")
    assert json.loads(server.requests[0].content) == {"payload": {"email": "ada@example.com"}}
    assert server.requests[0].headers["idempotency-key"] == "k"
    assert "Watch it with: conductor instances watch i-1" in outcome.out


@pytest.mark.parametrize(("given", "stdin"), [("@user.json", ""), ("-", '{"a": 1}')])
def test_a_payload_comes_from_a_file_or_stdin(conductor: Conductor, server: Server, given: str, stdin: str) -> None:
    from pathlib import Path

    Path("user.json").write_text('{"a": 1}')
    server.answers = {"POST /workflows/signup/trigger": {**INSTANCE, "status": "PENDING"}}
    conductor("trigger", "signup", "-p", given, stdin=stdin)
    assert json.loads(server.requests[0].content) == {"payload": {"a": 1}}


@pytest.mark.parametrize("given", ["{email}", "@absent.json", ""])
def test_a_payload_that_cannot_be_read_is_wrong_usage(conductor: Conductor, given: str) -> None:
    outcome = conductor("trigger", "signup", "-p", given)
    assert outcome.code == exits.USAGE
    assert outcome.err.startswith("error: ")


@pytest.mark.parametrize(
    ("status", "code"), [("COMPLETED", 0), ("FAILED", 1), ("TIMED_OUT", 3), ("CANCELLED", 4)]
)  # fmt: skip
def test_waiting_ends_with_the_code_of_the_instance(conductor: Conductor, server: Server, status: str, code: int) -> None:
    server.answers = {
        "POST /workflows/signup/trigger": {**INSTANCE, "status": "PENDING"},
        "GET /workflows/instances/i-1/events": events_answer((1, STARTED), (2, FINISHED)),
        "GET /workflows/instances/i-1": {**INSTANCE, "status": status},
    }
    assert conductor("trigger", "signup", "--wait").code == code


def test_waiting_with_json_prints_the_instance_unmasked(conductor: Conductor, server: Server) -> None:
    server.answers = {
        "POST /workflows/signup/trigger": {**INSTANCE, "status": "PENDING"},
        "GET /workflows/instances/i-1/events": events_answer((1, STARTED), (2, FINISHED)),
        "GET /workflows/instances/i-1": INSTANCE,
    }
    assert json.loads(conductor("trigger", "signup", "--wait", "-o", "json").out) == INSTANCE


def test_an_instance_is_shown_without_its_secrets(conductor: Conductor, server: Server) -> None:
    server.answers = {"GET /workflows/instances/i-1": INSTANCE}
    shown = conductor("instances", "show", "i-1").out
    assert "hunter22" not in shown
    assert "ada@example.com" in shown
    assert "validateUserData" in shown


def test_watching_with_json_prints_a_line_for_each_event(conductor: Conductor, server: Server) -> None:
    server.answers = {
        "GET /workflows/instances/i-1/events": events_answer((1, STARTED), (2, FINISHED)),
        "GET /workflows/instances/i-1": INSTANCE,
    }
    lines = conductor("instances", "watch", "i-1", "-o", "json").out.splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["WORKFLOW_STARTED", "WORKFLOW_COMPLETED"]


def test_watching_goes_on_where_a_broken_stream_ended(conductor: Conductor, server: Server) -> None:
    answers = iter([events_answer((1, STARTED)), events_answer((2, FINISHED))])
    statuses = iter(["RUNNING", "COMPLETED", "COMPLETED"])
    server.answers = {
        "GET /workflows/instances/i-1/events": lambda request: next(answers)(request),
        "GET /workflows/instances/i-1": lambda request: httpx.Response(200, json={**INSTANCE, "status": next(statuses)}),
    }
    lines = conductor("instances", "watch", "i-1", "-o", "json").out.splitlines()
    asked = [request.headers.get("last-event-id") for request in server.requests if request.url.path.endswith("/events")]
    assert (len(lines), asked) == (2, [None, "1"])


def test_no_instances_is_told_on_stderr(conductor: Conductor, server: Server) -> None:
    server.answers = {"GET /workflows/instances": {"items": []}}
    outcome = conductor("instances", "list")
    assert outcome.out == ""
    assert "conductor trigger" in outcome.err


def test_the_next_page_is_told(conductor: Conductor, server: Server) -> None:
    server.answers = {"GET /workflows/instances": {"items": [INSTANCE], "cursor": "abc"}}
    assert "--cursor abc" in conductor("instances", "list").err

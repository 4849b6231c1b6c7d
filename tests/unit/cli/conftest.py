"""Runs the command line inside the test process, against answers written in the test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from conductor_local.cli.main import execute


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Answers = Mapping[str, object]
Conductor = Callable[..., Outcome]


@dataclass
class Server:
    """Answers requests from a table of `METHOD /path` and remembers them. A callable answer gets the request."""

    answers: Answers
    requests: list[httpx.Request]

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.get(f"{request.method} {request.url.path}")
        if answer is None:
            detail = f"There is no {request.url.path}."
            return httpx.Response(404, json={"status": 404, "detail": detail, "message": detail})
        if isinstance(answer, httpx.Response):
            return answer
        return answer(request) if callable(answer) else httpx.Response(200, json=answer)


def events_answer(*events: tuple[int, Mapping[str, object]]) -> Callable[[httpx.Request], httpx.Response]:
    """Answer with a stream of events that have these ids."""
    import json

    text = "".join(f"id: {id}\nevent: {event['type']}\ndata: {json.dumps(event)}\n\n" for id, event in events)
    return lambda request: httpx.Response(200, text=text, headers={"content-type": "text/event-stream"})


@pytest.fixture
def server() -> Server:
    return Server({}, [])


@pytest.fixture
def conductor(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Conductor:
    """Run one command line in an empty folder, with nothing of the developer's own environment."""
    for variable in ("CONDUCTOR_URL", "CONDUCTOR_TOKEN", "CONDUCTOR_TRACEBACK", "HOST", "NO_COLOR", "PORT"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, stdin: str | bytes = "") -> Outcome:
        with CliRunner().isolation(stdin) as (out, err, _):
            code = execute(arguments, transport=server.transport())
            return Outcome(code, out.getvalue().decode(), err.getvalue().decode())

    return run

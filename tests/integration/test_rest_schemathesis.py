"""Random requests made from the OpenAPI document: no 5xx, and every answer as the document says."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from conductor_local.api.app import create_app
from conductor_local.api.openapi import document
from conductor_local.api.server import bind, serve, url_of
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime

EXAMPLES = 12
"""Per operation; enough to meet every kind of parameter, few enough for every run."""
CHECKS: list[Any] = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class Server(threading.Thread):
    """A server with a loop of its own, because schemathesis calls it from outside."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._settings = Settings(data=path / "conductor.db", time_scale=0)
        self._listener = bind(self._settings.host, 0)
        self._is_up = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._ending = asyncio.Event()
        self.url = url_of(self._listener, self._settings.host)

    def run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with open_runtime(self._settings) as runtime:
            app = create_app(runtime.service, self._settings)
            up = lambda _: self._is_up.set()  # noqa: E731
            await serve(app, self._settings, on_started=up, listener=self._listener, stop=self._ending)

    def __enter__(self) -> "Server":
        self.start()
        assert self._is_up.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ending.set)
        self.join(20)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("schemathesis")) as server:
        yield server


SCHEMA = schemathesis.openapi.from_dict(document(Settings()))
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_answers_are_as_described(operation: Any, mode: GenerationMode, server: Server) -> None:
    if mode is GenerationMode.NEGATIVE and not (
        operation.body or operation.query or operation.headers or operation.path_parameters
    ):
        return  # nothing to get wrong

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        # A stream of the whole server never ends by itself; streams have tests of their own.
        case.query = {name: value for name, value in (case.query or {}).items() if name != "follow"}
        case.call_and_validate(base_url=server.url, checks=CHECKS, headers={"Accept": "application/json"}, timeout=20)

    check()

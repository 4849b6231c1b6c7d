"""Puts the app together: the routes, what they share, and what stands around them."""

from litestar import Litestar

from conductor_local.api import console
from conductor_local.api.aws.endpoint import endpoint
from conductor_local.api.deps import Deps, Streams
from conductor_local.api.metrics import Metrics
from conductor_local.api.problems import answer_problem
from conductor_local.api.rest import definitions, events, executions, functions, inspection, logs, map_runs, system, tasks
from conductor_local.api.security import Shield
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings

HANDLERS = (
    *definitions.HANDLERS,
    *executions.HANDLERS,
    *inspection.HANDLERS,
    *map_runs.HANDLERS,
    *events.HANDLERS,
    *logs.HANDLERS,
    *tasks.HANDLERS,
    *functions.HANDLERS,
    *system.HANDLERS,
)


def create_app(service: Service, settings: Settings, *, metrics: Metrics | None = None) -> Litestar:
    """Return the app. The caller opens and closes the service; `server.serve` runs the app."""
    deps = Deps(service=service, settings=settings, metrics=metrics or Metrics(), streams=Streams())
    app = Litestar(
        [*HANDLERS, *console.HANDLERS, endpoint],
        exception_handlers={Exception: answer_problem},
        logging_config=None,
        openapi_config=None,
        request_max_body_size=settings.body_bytes_max,
    )
    return _finished(app, deps)


def create_probes(service: Service, settings: Settings) -> Litestar:
    """Return an app that only answers whether the process lives and works, and its figures: for one without the API."""
    deps = Deps(service=service, settings=settings, metrics=Metrics(), streams=Streams())
    app = Litestar([*system.PROBES], exception_handlers={Exception: answer_problem}, logging_config=None, openapi_config=None)
    return _finished(app, deps)


def _finished(app: Litestar, deps: Deps) -> Litestar:
    app.state["deps"] = deps
    # Litestar's own middleware runs behind the routing; what refuses must stand before it, and what counts around that.
    app.asgi_handler = deps.metrics.around(Shield(app.asgi_handler, deps.settings))
    return app

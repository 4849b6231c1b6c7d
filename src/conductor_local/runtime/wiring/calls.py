"""What answers the calls of tasks: Python functions, activities, this process's own executions, AWS's services, map runs."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from conductor_local.functions.aws import AwsCalls
from conductor_local.functions.aws_clients import Clients
from conductor_local.functions.aws_endpoints import Endpoints
from conductor_local.functions.dispatch_all import Runners
from conductor_local.functions.executions_api import OwnApi
from conductor_local.functions.map_run import MapRuns, WithMapRuns, buckets_at
from conductor_local.runtime.map_runs import Items
from conductor_local.runtime.ports import Clock, FunctionRunner, StatesApi
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings

MakeApi = Callable[[Service, Settings, Clock], StatesApi]
"""Makes what answers tasks that call AWS's API of Step Functions."""


@dataclass(frozen=True, slots=True)
class Calls:
    """`runner` makes every call; `runners` and `map_runs` are parts of it."""

    runner: FunctionRunner
    runners: Runners
    map_runs: MapRuns


def calls_of(
    settings: Settings, service: Service, items: Items, activities: FunctionRunner, functions: FunctionRunner, clock: Clock,
    make_api: MakeApi | None,
) -> Calls:  # fmt: skip
    """Connect every kind of call; without `make_api` tasks cannot call AWS's API of this process."""
    endpoints, clients = Endpoints(settings.aws_endpoints, os.environ), Clients(settings.region, os.environ)
    aws, own_api = AwsCalls(endpoints, os.environ), OwnApi(clients)
    if make_api is not None:
        own_api.attach(partial(make_api, service, settings, clock))
    runners = Runners(functions, activities, service, service.tasks, settings.connections, aws, own_api)
    map_runs = MapRuns(items, buckets_at(settings.buckets, endpoints, clients))
    return Calls(WithMapRuns(map_runs, runners), runners, map_runs)

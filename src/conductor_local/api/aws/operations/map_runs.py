"""Runs of distributed Maps: DescribeMapRun, ListMapRuns, UpdateMapRun."""

from conductor_local.api.aws.addresses import not_found
from conductor_local.api.aws.arns import MapRunArn, parse
from conductor_local.api.aws.call import Call
from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.found import Found, find, shown, stored_name
from conductor_local.api.aws.map_runs import describe_map_run as described
from conductor_local.api.aws.map_runs import list_item
from conductor_local.api.aws.paging import page
from conductor_local.errors import Conflict
from conductor_local.payload import Json
from conductor_local.runtime.map_run_views import MapRunView

_LIMITS = {
    "maxConcurrency": "max_concurrency",
    "toleratedFailurePercentage": "tolerated_failure_percentage",
    "toleratedFailureCount": "tolerated_failure_count",
}


async def describe_map_run(call: Call) -> dict[str, Json]:
    """Tell all about a run."""
    execution, run = await find_map_run(call, call.params["mapRunArn"])
    return described(execution, run)


async def list_map_runs(call: Call) -> dict[str, Json]:
    """List the runs of an execution, newest first."""
    execution = await find(call, call.params["executionArn"])
    runs = list(enumerate(await call.service.runs.of(execution.head.id)))
    shown_runs, more = page(call, runs, lambda run: run[0])
    return {"mapRuns": [list_item(execution, run) for _, run in shown_runs], **more}


async def update_map_run(call: Call) -> dict[str, Json]:
    """Change the limits of a run that is under way."""
    execution, run = await find_map_run(call, call.params["mapRunArn"])
    limits = {name: call.params[member] for member, name in _LIMITS.items() if member in call.params}
    if not limits:
        text = "At least one of maxConcurrency, toleratedFailurePercentage, and toleratedFailureCount must be specified"
        raise AwsError("ValidationException", text, reason="MISSING_REQUIRED_PARAMETER")
    try:
        await call.service.runs.update(execution.head.id, run.run, **limits)
    except Conflict:
        text = f"Map Run has completed and cannot be updated: '{call.params['mapRunArn']}'"
        raise AwsError("ValidationException", text, reason="CANNOT_UPDATE_COMPLETED_MAP_RUN") from None
    return {}


async def find_map_run(call: Call, text: str) -> tuple[Found, MapRunView]:
    """Return a run by its ARN, and its execution. Raises `AwsError` InvalidArn, ResourceNotFound."""
    arn = parse(text, MapRunArn)
    head = await call.service.runs.execution(arn.run)
    if head is not None:
        execution = await shown(call, head)
        for run in await call.service.runs.of(head.id):
            if (run.run, run.label, head.definition_name) == (arn.run, arn.label, stored_name(call, arn.scope, arn.machine)):
                return execution, run
    raise not_found(text)

"""What can be asked of executions that were started: DescribeExecution, ListExecutions, StopExecution, RedriveExecution."""

import uuid
from contextlib import suppress

from conductor_local.api.aws.arns import ExecutionArn, MachineArn, parse
from conductor_local.api.aws.call import Call
from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.executions import STATUS_NAMES, describe_execution, list_item
from conductor_local.api.aws.found import find, shown, stored_name
from conductor_local.api.aws.map_runs import map_run_of
from conductor_local.api.aws.operations.map_runs import find_map_run
from conductor_local.api.aws.operations.starts import trace_header
from conductor_local.api.aws.paging import cursor, next_token, page, results_max
from conductor_local.engine.state import ENDED, REDRIVABLE, Head
from conductor_local.errors import Conflict, NotFound
from conductor_local.payload import Json
from conductor_local.runtime.addresses import ALIAS, VERSION
from conductor_local.runtime.map_run_views import MapRunView, is_pending_redrive
from conductor_local.runtime.ports import Page, Query

PENDING_REDRIVE = "PENDING_REDRIVE"
_SCAN = 100
"""How many executions are looked at in one reading of the store while a filter is in force."""


async def describe_execution_(call: Call) -> dict[str, Json]:
    """Tell all about one execution."""
    found = await find(call, call.params["executionArn"])
    include_data = call.params.get("includedData") != "METADATA_ONLY"
    answer = describe_execution(found.head, machine=found.machine, arn=found.arn, include_data=include_data)
    return {**answer, **trace_header(found.head), **map_run_of(found)}


async def stop_execution(call: Call) -> dict[str, Json]:
    """End an execution; one that has ended stays as it is."""
    found = await find(call, call.params["executionArn"])
    if found.head.status not in ENDED:
        with suppress(Conflict):  # it ended meanwhile, or is parked
            await call.service.cancel(found.head.id, error=call.params.get("error"), cause=call.params.get("cause"))
        found = await find(call, call.params["executionArn"])
    return {"stopDate": found.head.ended_at or found.head.at}


async def redrive_execution(call: Call) -> dict[str, Json]:
    """Run an unsuccessful execution again from where it failed; the same client token again gives the same answer."""
    text = call.params["executionArn"]
    found = await find(call, text)
    if parse(text, ExecutionArn).label is not None:
        raise AwsError("ValidationException", f"Invalid ARN: '{text}'", reason="API_DOES_NOT_SUPPORT_LABELED_ARNS")
    token = call.params.get("clientToken") or str(uuid.uuid4())
    try:
        redriven = await call.service.redrive_once(found.head.id, token)
    except Conflict as error:
        status = STATUS_NAMES[found.head.status]
        reason = str(error) if found.head.status in REDRIVABLE else f"Execution is {status} and cannot be redriven"
        raise AwsError("ExecutionNotRedrivable", reason) from None
    return {"redriveDate": redriven}


async def list_executions(call: Call) -> dict[str, Json]:
    """List the executions of a machine, of one of its versions or aliases, or of a map run; newest first."""
    named = {"stateMachineArn": _of_machine, "mapRunArn": _of_map_run}
    match [(read, call.params[name]) for name, read in named.items() if name in call.params]:
        case [(read, arn)]:
            return await read(call, arn)
        case _:
            raise AwsError("ValidationException", "Exactly one of stateMachineArn and mapRunArn must be specified")


async def _of_map_run(call: Call, text: str) -> dict[str, Json]:
    execution, run = await find_map_run(call, text)
    items = await call.service.runs.items(execution.head.id, run.run)
    wanted = [(index, head) for index, head in enumerate(items) if _is_wanted(call, head, {}, run)]
    rows, more = page(call, wanted, lambda row: row[0])
    return {"executions": [await _of_item(call, head, run) for _, head in rows], **more}


async def _of_item(call: Call, head: Head, run: MapRunView) -> dict[str, Json]:
    found = await shown(call, head)
    item_count = len(head.input.value["Items"]) if run.is_batched else 1
    status = {"status": PENDING_REDRIVE} if is_pending_redrive(run, head) else {}
    return {**list_item(head, machine=found.machine, arn=found.arn), **status, **map_run_of(found), "itemCount": item_count}


async def _of_machine(call: Call, text: str) -> dict[str, Json]:
    arn = parse(text, MachineArn)
    if call.params.get("statusFilter") == PENDING_REDRIVE:
        raise AwsError("ValidationException", "The PENDING_REDRIVE status filter needs a map run ARN")
    try:
        found = await call.service.machines.resolve(stored_name(call, arn.scope, arn.name), arn.qualifier)
    except NotFound:
        raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{text}'") from None
    if found.definition.machine.is_express:
        raise AwsError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
    qualified = {ALIAS: arn.alias} if arn.alias else {VERSION: arn.qualifier} if arn.qualifier else {}
    id = found.definition.id if arn.label is None else f"{found.definition.id}/{arn.label}"
    heads, position = await _scan(call, id, qualified)
    return {"executions": [await _item(call, head) for head in heads], **next_token(call, position)}


async def _item(call: Call, head: Head) -> dict[str, Json]:
    found = await shown(call, head)
    return list_item(head, machine=found.machine, arn=found.arn)


async def _scan(call: Call, definition_id: str, labels: dict[str, str]) -> tuple[list[Head], str | None]:
    """Read on until a page is full or nothing is left; return the heads that are wanted and the place behind them."""
    wanted, position = results_max(call), cursor(call)
    statuses = frozenset(status for status, name in STATUS_NAMES.items() if name == call.params.get("statusFilter"))
    heads: list[Head] = []
    while True:
        query = Query(
            definition_id=definition_id, statuses=statuses, limit=min(wanted - len(heads), _SCAN),
            cursor=None if position is None else str(position),
        )  # fmt: skip
        found: Page = await call.service.executions.list(query)
        heads += [head for head in found.heads if _is_wanted(call, head, labels)]
        position = found.cursor
        if position is None or len(heads) == wanted:
            return heads, position


def _is_wanted(call: Call, head: Head, labels: dict[str, str], run: MapRunView | None = None) -> bool:
    status, redriven = call.params.get("statusFilter"), call.params.get("redriveFilter")
    name = PENDING_REDRIVE if run is not None and is_pending_redrive(run, head) else STATUS_NAMES[head.status]
    return (
        (status is None or name == status)
        and (redriven is None or (redriven == "REDRIVEN") == (head.redrives > 0))
        and all(head.labels.get(name) == value for name, value in labels.items())
    )

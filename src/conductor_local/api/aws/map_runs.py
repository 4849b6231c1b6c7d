"""DescribeMapRun and ListMapRuns: one run of a distributed Map in AWS's shapes."""

from conductor_local.api.aws.arns import ExecutionArn, MachineArn, MapRunArn, parse
from conductor_local.api.aws.found import Found
from conductor_local.payload import Json
from conductor_local.runtime.map_run_views import RUN_LABEL, Counts, MapRunView


def map_run_arn(execution: Found, run: MapRunView) -> str:
    """Return the ARN of a run of an execution."""
    machine = parse(execution.machine.arn, MachineArn)
    return str(MapRunArn(machine.scope, machine.name, run.label, run.run))


def map_run_of(child: Found) -> dict[str, Json]:
    """Return the member that tells the run which started an execution; nothing when none did."""
    run, arn = child.head.labels.get(RUN_LABEL), parse(child.arn, ExecutionArn)
    if run is None or arn.label is None:
        return {}
    return {"mapRunArn": str(MapRunArn(arn.scope, arn.machine, arn.label, run))}


def list_item(execution: Found, run: MapRunView) -> dict[str, Json]:
    """Show a run as a list does."""
    machine = f"{execution.machine.arn}/{run.label}"
    return {
        "executionArn": execution.arn, "mapRunArn": map_run_arn(execution, run), "stateMachineArn": machine,
        "startDate": run.started_at, **_stopped(run),
    }  # fmt: skip


def describe_map_run(execution: Found, run: MapRunView) -> dict[str, Json]:
    """Show all of a run."""
    redriven = {} if run.redriven_at is None else {"redriveDate": run.redriven_at}
    counted = {"redriveCount": run.redrives} if run.redrives else {}
    return {
        "mapRunArn": map_run_arn(execution, run), "executionArn": execution.arn, "status": run.status,
        "startDate": run.started_at, **_stopped(run), "maxConcurrency": run.max_concurrency,
        "toleratedFailurePercentage": run.tolerated_failure_percentage, "toleratedFailureCount": run.tolerated_failure_count,
        "itemCounts": _counts(run.items), "executionCounts": _counts(run.executions), **counted, **redriven,
    }  # fmt: skip


def _stopped(run: MapRunView) -> dict[str, Json]:
    return {} if run.ended_at is None else {"stopDate": run.ended_at}


def _counts(counts: Counts) -> dict[str, Json]:
    """Tell counts; what is rare only when there is some. AWS counts a success as a result written even without a writer."""
    rare = {"failuresNotRedrivable": counts.failures_not_redrivable, "pendingRedrive": counts.pending_redrive}
    return {
        "pending": counts.pending, "running": counts.running, "succeeded": counts.succeeded, "failed": counts.failed,
        "timedOut": counts.timed_out, "aborted": counts.aborted, "total": counts.total, "resultsWritten": counts.succeeded,
        **{name: count for name, count in rare.items() if count},
    }  # fmt: skip

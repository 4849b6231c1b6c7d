"""What is particular to a Map that is mocked: what its reader is supposed to have read, how many iterations to have failed."""

from collections.abc import Iterable
from dataclasses import replace

from conductor_local.api.aws.teststate.mocks import Mock
from conductor_local.api.aws.teststate.request import Configuration
from conductor_local.api.aws.teststate.texts import refusal
from conductor_local.engine.effects import Invoke
from conductor_local.errors import EvaluationError
from conductor_local.language.asl.recorded_scope import RecordedScope
from conductor_local.language.asl.stages import Stage, Stages
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure, MapRun, Node, Resource
from conductor_local.runtime.ports import MAP_ITEMS, Failed, Succeeded, TaskCall
from conductor_local.runtime.service import Service

EXCEEDED = Failure("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded")


async def mocked_map(
    service: Service, node: Node, stages: Stages, scope: RecordedScope, mock: Mock, configuration: Configuration
) -> tuple[RecordedScope, Mock]:
    """Return scope and mock with what the configuration says of a Map; of another state it says nothing. Raises `AwsError`."""
    if configuration.reader_data is not None:
        found = await _items_read(service, node, configuration.reader_data, scope)
        if isinstance(found, Failure):
            return scope, Mock(failure=found)
        scope = replace(scope, items_read=found)
    if configuration.failed_iterations is not None:
        mock = after_failures(mock, configuration.failed_iterations, stages.seen(scope).stages)
    return scope, mock


async def _items_read(service: Service, node: Node, body: str, scope: RecordedScope) -> Json | Failure:
    """Return the items that the reader of a Map finds in a text, or why it finds none."""
    if not isinstance(node, MapRun) or node.items is not None:
        raise refusal("The field 'mapItemReaderData' is only supported for Map states with an ItemReader.")
    try:
        reader = node.order(scope)["reader"]
    except EvaluationError as error:
        return Failure(error.error, error.message)
    invoke = Invoke(
        id="items", due_at=scope.now, node=node.name, resource=Resource(MAP_ITEMS, ""), attempt=1,
        arguments=Payload({"reader": reader, "body": body}),
    )  # fmt: skip
    call = TaskCall(
        execution_id=scope.execution_id, execution_name=scope.execution_name, definition_name=scope.definition_name, invoke=invoke
    )  # fmt: skip
    found = await service.call_once(call)
    return found.failure if isinstance(found, Failed) else found.result.value if isinstance(found, Succeeded) else []


def after_failures(mock: Mock, failed: int, stages: Iterable[Stage]) -> Mock:
    """Return the mock as it is after `failed` iterations: a result is none when the Map does not tolerate so many.

    A mocked error is the Map's own, however many have failed (recorded 2025-11). Raises `AwsError` when there are fewer iterations.
    """
    values = {stage.name: stage.value for stage in stages}
    found = [values[name] for name in ("afterItemBatcher", "afterItemSelector", "afterItemsPath", "afterItems") if name in values]
    total = len(found[0]) if found else None
    if total is not None and failed > total:
        raise refusal("Map iteration failure count must be less than or equal to the number of Map iterations")
    if mock.result is None:
        return mock
    count, percentage = values.get("toleratedFailureCount"), values.get("toleratedFailurePercentage")
    return Mock(failure=EXCEEDED) if _is_exceeded(failed, total, count, percentage) else mock


def _is_exceeded(failed: int, total: int | None, count: int | None, percentage: float | None) -> bool:
    """Tell whether more failed than is tolerated; without any limit nothing is, with both the first one that is passed counts."""
    if count is None and percentage is None:
        return failed > 0
    is_over_percentage = percentage is not None and total is not None and failed * 100 > percentage * total
    return is_over_percentage or (count is not None and failed > count)

"""TestState: try one state out. The parts are in `api/aws/teststate`."""

import dataclasses
from collections.abc import Callable
from functools import partial
from itertools import count
from secrets import randbits
from uuid import uuid4

from msgspec.structs import replace

from conductor_local.api.aws.call import Call
from conductor_local.api.aws.teststate.inspection import error_details, inspection_data
from conductor_local.api.aws.teststate.map_mock import mocked_map
from conductor_local.api.aws.teststate.mocks import Mock
from conductor_local.api.aws.teststate.request import INFO, TRACE, Request, read_request
from conductor_local.api.aws.teststate.trial import Ended, Trial, before, with_work
from conductor_local.api.aws.texts import error_and_cause, text
from conductor_local.engine import events as ev
from conductor_local.engine.entropy import entropy
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.messages import encode_token
from conductor_local.engine.state import Execution
from conductor_local.language.asl import Identity
from conductor_local.language.asl.recorded_scope import RecordedScope
from conductor_local.language.asl.stages import Stage, Stages, read_stages
from conductor_local.payload import Json, Payload
from conductor_local.program import Limits, Node
from conductor_local.runtime.ports import Deferred, Failed, Succeeded, TaskCall
from conductor_local.runtime.service import Service


async def test_state(call: Call) -> dict[str, Json]:
    """Run a state with an input; see AWS's API reference, "TestState". Raises `AwsError`."""
    request = read_request(call.params)
    tested, identity = request.tested, _identity(call, request)
    program, node = tested.compiled(identity, Limits(payload_bytes=call.settings.payload_bytes_max))
    stages = read_stages(tested.name, tested.state, tested.language, identity=identity)
    execution = _execution(call, request)
    scope, mock = _scope(request, execution), request.mock
    if mock is not None:
        program = with_work(program, tested.name)
        scope, mock = await mocked_map(call.service, node, stages, scope, mock, request.configuration)
    answer = partial(_called, call.service, request) if mock is None else partial(_mocked, mock)
    retries = _retries(node, mock, request.configuration.retries)
    ended = await Trial(program, tested.name, call.service.clock, answer).run(execution, retries)
    shown = _shown(ended.left)
    if request.level != INFO:
        shown["inspectionData"] = _inspected(request, stages, node, _after(scope, execution, retries, ended), ended)
    return shown


def _identity(call: Call, request: Request) -> Identity:
    """Return whose state it is; the context is that of a synchronous Express execution (recorded 2025-11)."""
    return Identity(
        partition=call.partition, region=call.region, account=call.account, counts_redrives=False,
        role_arn=request.role_arn or f"arn:{call.partition}:iam::{call.account}:role/conductor",
        context={} if request.context is None else request.context.value,
    )  # fmt: skip


def _execution(call: Call, request: Request) -> Execution:
    arn = f"arn:{call.partition}:states:{call.region}:{call.account}:stateMachine:{uuid4()}"
    variables = {} if request.variables is None else request.variables.value
    return before(
        request.tested, arn, call.service.clock.now(), randbits(64), request.input.payload,
        {name: Payload(value) for name, value in variables.items()},
    )  # fmt: skip


def _retries(node: Node, mock: Mock | None, made: int) -> list[int]:
    """Return how often each Retrier has tried already: the one that takes the mocked error as often as the caller says."""
    failure = None if mock is None else mock.failure
    taking = next((retrier for retrier in node.retry if failure is not None and retrier.matches(failure)), None)
    return [made if retrier is taking else 0 for retrier in node.retry]


async def _called(service: Service, request: Request, call: TaskCall) -> Succeeded | Failed | Deferred:
    return await service.call_once(replace(call, is_traced=request.level == TRACE, reveals_secrets=request.reveals_secrets))


async def _mocked(mock: Mock, _call: TaskCall) -> Succeeded | Failed:
    if mock.failure is not None:
        return Failed(mock.failure)
    assert mock.result is not None
    return Succeeded(mock.result.payload)


def _shown(left: AnyEvent) -> dict[str, Json]:
    match left:
        case ev.NodeExited(output=output, next=following):
            shown = {"status": "SUCCEEDED", "output": text(output)}
            return shown if following is None else {**shown, "nextState": following}
        case ev.NodeCaught(failure=failure, output=output, next=following):
            return {"status": "CAUGHT_ERROR", "output": text(output), "nextState": following, **error_and_cause(failure)}
        case ev.RetryScheduled(failure=failure):
            return {"status": "RETRIABLE", **error_and_cause(failure)}
        case _:
            assert isinstance(left, ev.NodeFailed)
            return {"status": "FAILED", **error_and_cause(left.failure)}


def _inspected(request: Request, stages: Stages, node: Node, scope: RecordedScope, ended: Ended) -> dict[str, Json]:
    found = list(stages.seen(scope).stages)
    if scope.variables and found[-1].name != "variables":
        found.append(Stage("variables", scope.variables))  # a state that failed assigned nothing
    details = error_details(ended.left, node)
    return {
        **inspection_data(request.tested, found, request.texts), **(ended.trace or {}),
        **({"errorDetails": details} if details else {}),
    }  # fmt: skip


def _scope(request: Request, execution: Execution) -> RecordedScope:
    """Return what the state can see before its work."""
    head = execution.head
    return RecordedScope(
        input=request.input.value, variables={} if request.variables is None else request.variables.value,
        node=request.tested.name, entered_at=head.at, now=head.at, execution_id=head.id,
        execution_name=head.name, execution_input=request.input.value, definition_id=head.definition_id,
        definition_name=head.definition_name, started_at=head.started_at, draw=_draws(execution),
    )  # fmt: skip


def _after(scope: RecordedScope, execution: Execution, retries: list[int], ended: Ended) -> RecordedScope:
    """Return what the state could see when it was left."""
    left, invoke, result = ended.left, ended.invoke, ended.result
    return dataclasses.replace(
        scope, result=None if result is None else result.value, has_result=result is not None, now=left.at, retries=sum(retries),
        failure=left.failure if isinstance(left, ev.NodeCaught) else None,
        task_token=None if invoke is None else encode_token(execution.head.id, invoke.id), draw=_draws(execution),
    )  # fmt: skip


def _draws(execution: Execution) -> Callable[[], int]:
    """Return what draws the randomness that the state draws on the kernel."""
    numbers = count(execution.head.draws + 1)
    return lambda: entropy(execution.head.seed, next(numbers))

"""`inspectionData`: the stages that AWS shows for each type of state (recorded 2025-11 to 2026-02), and how an error was handled.

AWS shows less than there is: no result of a Map or Parallel, nothing of a Parallel's input; a Pass with a Result shows neither
InputPath nor Parameters, one without no result.
"""

from collections.abc import Iterable

from conductor_local.api.aws.teststate.definition import Tested
from conductor_local.api.aws.teststate.texts import Text, shown
from conductor_local.engine import events as ev
from conductor_local.engine.events import AnyEvent
from conductor_local.language.asl.stages import Stage
from conductor_local.payload import Json
from conductor_local.program import Failure, Node

_ALL = ("input", "variables")
_RESULT_BY_PATHS = ("afterResultSelector", "afterResultPath")
_ITEMS = ("afterItemSelector", "afterItemBatcher", "afterItemsPointer")
_NUMBERS = ("maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage")
_BY_PATHS = {
    "Task": ("afterInputPath", "afterParameters", "result", *_RESULT_BY_PATHS),
    "Pass": ("afterInputPath", "afterParameters", *_RESULT_BY_PATHS),
    "Map": ("afterInputPath", "afterItemsPath", *_ITEMS, *_NUMBERS, *_RESULT_BY_PATHS),
    "Parallel": _RESULT_BY_PATHS,
}
_IN_JSONATA = {"Task": ("afterArguments", "result"), "Map": (*_ITEMS, *_NUMBERS)}


def inspection_data(tested: Tested, stages: Iterable[Stage], texts: list[Text]) -> dict[str, Json]:
    """Show the stages that were reached; numbers stay numbers, all else is JSON text."""
    names = {*_ALL, *_names(tested)}
    return {
        stage.name: stage.value if stage.name in _NUMBERS else shown(stage.value, texts)
        for stage in stages
        if stage.name in names
    }  # fmt: skip


def _names(tested: Tested) -> tuple[str, ...]:
    if tested.is_jsonata:
        return _IN_JSONATA.get(tested.kind, ())
    if tested.kind == "Pass" and "Result" in tested.state:
        return ("result", *_RESULT_BY_PATHS)
    return _BY_PATHS.get(tested.kind, ("afterInputPath",))


def error_details(left: AnyEvent, node: Node) -> dict[str, Json]:
    """Show which handlers took an error: a Retrier also when it has no attempts left; nothing when none did."""
    match left:
        case ev.RetryScheduled(failure=failure, at=at, retry_at=retry_at):
            return {**_retrier(failure, node), "retryBackoffIntervalSeconds": round((retry_at - at).total_seconds())}
        case ev.NodeCaught(failure=failure):
            index = next(index for index, catcher in enumerate(node.catch) if catcher.matches(failure))
            return {"catchIndex": index, **_retrier(failure, node)}
        case ev.NodeFailed(failure=failure):
            return _retrier(failure, node)
        case _:
            return {}


def _retrier(failure: Failure, node: Node) -> dict[str, Json]:
    index = next((index for index, retrier in enumerate(node.retry) if retrier.matches(failure)), None)
    return {} if index is None else {"retryIndex": index}

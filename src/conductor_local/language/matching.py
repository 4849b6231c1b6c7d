"""Which failures a `retry` or `catch` handles (ASL spec, "Error names"; reference sheet 12.1 and 12.2).

Rules: names match exactly, with case. `States.ALL` stands for every failure but `States.DataLimitExceeded` and `States.Runtime`;
`States.TaskFailed` for every failure but those two and timeouts. A missed heartbeat is reported as `States.Timeout`, as AWS does;
a handler may name it that or `States.HeartbeatTimeout`, which no other timeout is. `States.Runtime` is never handled, not even by
name.
"""

from collections.abc import Callable, Iterable

from conductor_local.program import ErrorName, Failure

Matcher = Callable[[Failure], bool]

_TIMEOUTS = frozenset({ErrorName.TIMEOUT, ErrorName.HEARTBEAT_TIMEOUT})
_NOT_IN_ALL = frozenset({ErrorName.DATA_LIMIT, ErrorName.RUNTIME})
_NOT_IN_TASK_FAILED = _NOT_IN_ALL | _TIMEOUTS


def matcher(names: Iterable[str]) -> Matcher:
    """Compile the names of an `errorEquals` into a test of failures."""
    listed = frozenset(names)
    exact = listed - {ErrorName.RUNTIME} | (_TIMEOUTS if ErrorName.TIMEOUT in listed else frozenset())
    if ErrorName.ALL in listed:
        spared = _NOT_IN_ALL
    elif ErrorName.TASK_FAILED in listed:
        spared = _NOT_IN_TASK_FAILED
    elif ErrorName.HEARTBEAT_TIMEOUT in listed:
        return lambda failure: failure.error in exact or failure.is_missed_heartbeat
    else:
        return lambda failure: failure.error in exact
    hears = ErrorName.HEARTBEAT_TIMEOUT in listed
    return lambda failure: failure.error in exact or failure.error not in spared or (hears and failure.is_missed_heartbeat)

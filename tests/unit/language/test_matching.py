import pytest

from conductor_local.language.matching import matcher
from conductor_local.program import Failure


@pytest.mark.parametrize(
    ("names", "error", "matches"),
    [
        (["Boom"], "Boom", True),
        (["Boom"], "boom", False),
        (["Boom", "Bang"], "Bang", True),
        (["Boom"], None, False),
        (["Bo*"], "Boom", False),
        ([], "Boom", False),
        (["States.ALL"], "Boom", True),
        (["States.ALL"], None, True),
        (["States.ALL"], "States.Timeout", True),
        (["States.ALL"], "States.DataLimitExceeded", False),
        (["States.ALL"], "States.Runtime", False),
        (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
        (["States.Runtime"], "States.Runtime", False),
        (["States.TaskFailed"], "Boom", True),
        (["States.TaskFailed"], "States.TaskFailed", True),
        (["States.TaskFailed"], None, True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.TaskFailed"], "States.HeartbeatTimeout", False),
        (["States.TaskFailed"], "States.Runtime", False),
        (["States.TaskFailed"], "States.DataLimitExceeded", False),
        (["States.TaskFailed", "States.Timeout"], "States.HeartbeatTimeout", True),
        (["States.Timeout"], "States.HeartbeatTimeout", True),
        (["States.HeartbeatTimeout"], "States.Timeout", False),
        (["States.Timeout"], "Boom", False),
    ],
)
def test_error_names_match_as_the_states_language_says(names, error, matches):
    assert matcher(names)(Failure(error)) is matches


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["States.HeartbeatTimeout"], True),
        (["States.TaskFailed", "States.HeartbeatTimeout"], True),
        (["States.Timeout"], True),
        (["States.TaskFailed"], False),
        (["Boom"], False),
    ],
)
def test_a_missed_heartbeat_is_a_timeout_of_its_own_kind(names, expected):
    missed = Failure("States.Timeout", is_missed_heartbeat=True)
    assert matcher(names)(missed) is expected

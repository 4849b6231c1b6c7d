"""Engine and projection give AWS's histories for programs built by hand; the front end has no part in it."""

import pytest

from .mirror import NotMirrored, mirror
from .replay.cases import Case, folder, load
from .replay.verdicts import Verdict, judge

pytestmark = pytest.mark.skipif(not folder().is_dir(), reason="the recordings from AWS are not here (CONDUCTOR_AWS_RECORDED)")


def is_mirrored(case: Case) -> bool:
    try:
        mirror(case.definition)
    except NotMirrored:
        return False
    return True


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    return [
        judge(case, lambda case: mirror(case.definition)) for case in load(folder()) if not case.is_outside and is_mirrored(case)
    ]


def test_programs_built_by_hand_give_the_recorded_answers(verdicts: list[Verdict]) -> None:
    assert [(verdict.id, verdict.path, verdict.expected, verdict.got) for verdict in verdicts if verdict.status == "fail"] == []
    assert sum(verdict.status == "pass" for verdict in verdicts) > 90


@pytest.mark.parametrize(
    "name",
    [
        "test_state_fail", "test_fixed_timeout_lambda", "test_fixed_timeout_service_lambda", "test_heartbeat_no_timeout",
        "test_raise_custom_exception", "test_parallel_state[PARALLEL_STATE]", "test_parallel_state_nested",
        "test_parallel_state_catch", "test_parallel_state_fail", "test_parallel_state_retry", "test_map_state_nested",
        "test_map_state_items_variable_sampling[number]", "test_map_state_items_input_types[object]",
        "test_undefined_reference[BASE_UNDEFINED_ARGUMENTS]", "test_wait_timestamp_jsonata[NO_Z]",
        "test_parallel_catch_error[PARALLEL_CATCH_ERROR_OUTPUT_WITH_RETRY]", "test_base[BASE_RAISE_FAILURE]",
        "test_map_catch_error[MAP_CATCH_ERROR_OUTPUT_WITH_RETRY]",
    ],
)  # fmt: skip
def test_each_kind_of_history_is_among_them(verdicts: list[Verdict], name: str) -> None:
    assert {verdict.status for verdict in verdicts if verdict.id.rpartition("::")[2] == name} == {"pass"}

"""The intermediate representation."""

from dataclasses import FrozenInstanceError, fields

import pytest

from conductor_local.program import Body, Failure, Limits, Map, Node, Parallel, Pass, Program, Retrier

LEAF = Body("L", {"L": Pass(name="L", title="L")})
MAP = Map(name="M", title="M", items=lambda scope: scope.input, body=LEAF)
BRANCH = Body("M", {"M": MAP})
PARALLEL = Parallel(name="P", title="P", branches=(LEAF, BRANCH))
PROGRAM = Program(body=Body("P", {"P": PARALLEL, "Q": Pass(name="Q", title="Q")}))


def test_the_root_is_at_the_empty_path() -> None:
    assert PROGRAM.body_at(()) is PROGRAM.body


def test_a_branch_is_at_its_index() -> None:
    assert PROGRAM.body_at(("P", 1)) is BRANCH


def test_every_iteration_of_a_map_runs_the_same_body() -> None:
    assert PROGRAM.body_at(("P", 1, "M", 0)) is PROGRAM.body_at(("P", 1, "M", 999)) is LEAF


@pytest.mark.parametrize("path", [("Q", 0), ("nowhere", 0), ("P", 0, "L", 0)])
def test_a_place_that_is_not_there_raises_key_error(path: tuple[str | int, ...]) -> None:
    with pytest.raises(KeyError):
        PROGRAM.body_at(path)


@pytest.mark.parametrize("frozen", [PROGRAM, LEAF, MAP, Retrier(matches=lambda _: True)])
def test_nodes_and_programs_cannot_be_changed(frozen: object) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(frozen, fields(frozen)[0].name, 5)  # type: ignore[arg-type]


def test_the_defaults_are_those_of_the_specification() -> None:
    retrier = Retrier(matches=lambda _: True)
    assert (retrier.interval_s, retrier.attempts_max, retrier.backoff_rate) == (1, 3, 2)
    assert (retrier.delay_max_s, retrier.jitter) == (None, False)
    assert Limits() == Limits(payload_bytes=262_144, events=None)
    assert Node(name="N", title="N").retry == ()


def test_failures_are_compared_by_value() -> None:
    assert Failure("E", "c") == Failure("E", "c") != Failure("E")

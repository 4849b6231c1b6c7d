"""Every exception says what happened and, where it can, what to do."""

import inspect

import pytest

from conductor_local import errors
from conductor_local.errors import Bug, ConductorError, DefinitionError, EvaluationError, Fenced, InvalidRequest, NotFound, Problem

ALL = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]


@pytest.mark.parametrize("kind", ALL)
def test_every_error_has_one_root_and_is_in_the_tree(kind: type[Exception]) -> None:
    assert issubclass(kind, ConductorError)
    assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("kind", [ConductorError, NotFound, Fenced, Bug])
def test_the_docstring_is_the_default_message(kind: type[ConductorError]) -> None:
    assert kind().message == str(kind()) == (kind.__doc__ or "").splitlines()[0]


def test_a_message_of_its_own_comes_first() -> None:
    assert NotFound("no definition 'x'").message == "no definition 'x'"


def test_a_definition_error_tells_its_first_problem_and_how_many_more() -> None:
    first = Problem(pointer="/steps/a", code="X", message="wrong step")
    second = Problem(pointer="", code="Y", message="wrong document")
    assert DefinitionError([first]).message == "wrong step at /steps/a"
    assert DefinitionError([second, first]).message == "wrong document at / (and 1 more)"
    assert DefinitionError([second, first]).problems == (second, first)


def test_an_invalid_request_says_where() -> None:
    error = InvalidRequest("not a number", pointer="/limit")
    assert (error.message, error.pointer, error.code) == ("not a number", "/limit", "INVALID_REQUEST")
    assert InvalidRequest(code="TOO_LARGE").message == "The request is not valid."


def test_an_evaluation_error_carries_the_name_that_handlers_match() -> None:
    error = EvaluationError("States.Runtime", "no such path")
    assert (error.error, error.message) == ("States.Runtime", "no such path")

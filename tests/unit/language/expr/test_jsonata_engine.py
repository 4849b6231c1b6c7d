"""The seam to the JSONata library."""

import sys
import threading

import pytest

from conductor_local.language.expr.jsonata import engine


def forget_in_another_thread(evaluators: list[engine.Evaluator]) -> None:
    forgetting = threading.Thread(target=evaluators.clear)
    forgetting.start()
    forgetting.join()


def test_an_expression_of_a_program_may_be_forgotten_by_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    faults: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda fault: faults.append(str(fault.exc_value)))
    forget_in_another_thread([engine.compile("1 + 1", {})])
    assert "dropped on another thread" in str(faults.pop())  # what keeping is for
    forget_in_another_thread([engine.keep(engine.compile("1 + 1", {}))])
    assert faults == []

"""Problems of definitions on the screen."""

import pytest

from conductor_local.cli.problems import show_problems
from conductor_local.errors import Problem


def shown(problem: Problem, text: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    show_problems([problem], file="flow.json", text=text)
    return capsys.readouterr().out.splitlines()


def problem(**fields: object) -> Problem:
    return Problem(**{"pointer": "/a", "code": "BAD", "message": "it is bad", **fields})  # type: ignore[arg-type]


def test_the_caret_stands_under_the_column(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(problem(line=2, column=3), '{\n "a": 1}', capsys)
    assert lines == ["flow.json:2:3: error BAD: it is bad", '     "a": 1}', "      ^"]


def test_without_a_line_the_pointer_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(problem(), "{}", capsys) == ["flow.json: error BAD: it is bad (at /a)"]


def test_a_long_line_is_cut_around_the_column(capsys: pytest.CaptureFixture[str]) -> None:
    _, line, caret = shown(problem(line=1, column=501), "x" * 500 + "!" + "x" * 500, capsys)
    assert len(line) <= 124
    assert line[caret.index("^")] == "!"


def test_tabs_do_not_move_the_caret(capsys: pytest.CaptureFixture[str]) -> None:
    _, line, caret = shown(problem(line=1, column=3), "\t\t!", capsys)
    assert line[caret.index("^")] == "!"


def test_a_separator_inside_a_text_is_no_line_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(problem(line=2, column=1), '{"a": "\u2028",\nb}', capsys)[1] == "    b}"


def test_a_warning_is_called_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert "warning BAD" in shown(problem(severity="warning"), "", capsys)[0]

"""Problems of a definition as a compiler shows them: place, code, message, the line with a caret, the hint."""

from collections.abc import Iterable, Sequence

import click

from conductor_local.cli.terminal import say
from conductor_local.errors import DefinitionError, Problem

_COLOURS = {"error": "red", "warning": "yellow"}
_LINE_MAX = 120
_LEAD = 40


class BadDefinition(DefinitionError):
    """A definition from a file is not valid; knows the file's name and text."""

    def __init__(self, problems: Sequence[Problem], *, file: str, text: str) -> None:
        super().__init__(problems)
        self.file = file
        self.text = text


def show_problems(problems: Iterable[Problem], *, file: str, text: str = "", err: bool = False) -> None:
    """Print each problem; without `text` only the JSON pointer says where it is."""
    lines = [line.rstrip("\r") for line in text.split("\n")]
    for problem in problems:
        say(_headline(problem, file), err=err)
        for line in _excerpt(problem, lines):
            say(line, err=err)
        if problem.hint:
            say(f"    {click.style('hint:', fg='cyan')} {problem.hint}", err=err)


def _headline(problem: Problem, file: str) -> str:
    place = f"{file}:{problem.line}:{problem.column}" if problem.line else file
    label = click.style(f"{problem.severity} {problem.code}", fg=_COLOURS.get(problem.severity, "red"), bold=True)
    pointer = f" (at {problem.pointer or '/'})" if not problem.line else ""
    return f"{click.style(place, bold=True)}: {label}: {problem.message}{pointer}"


def _excerpt(problem: Problem, lines: Sequence[str]) -> list[str]:
    """Return the source line and a caret under the column; a long line is cut around the column."""
    if not 0 < problem.line <= len(lines):
        return []
    line, column = lines[problem.line - 1], max(problem.column - 1, 0)
    start = max(column - _LEAD, 0) if len(line) > _LINE_MAX else 0
    shown = line[start : start + _LINE_MAX].expandtabs(1)
    caret = click.style("^", fg="green", bold=True)
    return [f"    {shown}", f"    {' ' * (column - start)}{caret}"]

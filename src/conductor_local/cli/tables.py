"""Tables in plain text: aligned columns, as wide as they need to be, the last one cut to the terminal."""

import sys
from collections.abc import Sequence

import click

from conductor_local.cli.terminal import cut, is_terminal, say, width

_GAP = "  "


def say_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Print rows under headings, or `empty` on stderr when there are none."""
    if not rows:
        say(empty, err=True)
        return
    widths = [max(len(click.unstyle(cell)) for cell in column) for column in zip(headings, *rows, strict=True)]
    say(click.style(_line([heading.upper() for heading in headings], widths), bold=True))
    for row in rows:
        say(_line(row, widths))


def say_fields(fields: Sequence[tuple[str, str]]) -> None:
    """Print names and values, one a line, values aligned."""
    longest = max(len(name) for name, _ in fields)
    for name, value in fields:
        say(f"{click.style(name.ljust(longest), dim=True)}{_GAP}{_fitted(value, longest + len(_GAP))}")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (space - len(click.unstyle(cell))) for cell, space in zip(cells[:-1], widths, strict=False)]
    before = sum(widths[:-1]) + len(_GAP) * len(padded)
    return _GAP.join([*padded, _fitted(cells[-1], before)]).rstrip()


def _fitted(text: str, before: int) -> str:
    """Cut what would run over the edge of a terminal; what has colours is short."""
    is_coloured = len(click.unstyle(text)) != len(text)
    return text if is_coloured or not is_terminal(sys.stdout) else cut(text, max(width() - before, 8))

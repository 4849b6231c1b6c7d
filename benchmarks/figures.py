"""Figures: what was measured, beside the probe and the target, and the table of all."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

HEADER = ("", "Conductor", "spread", "beside", "spread", "ratio", "target", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a figure should be: a share or multiple of the figure beside it (`relative`), or an absolute value."""

    bound: float
    at_least: bool = False
    relative: bool = False

    def is_met(self, value: float, ratio: float | None) -> bool:
        measured = ratio if self.relative else value
        assert measured is not None
        return measured >= self.bound if self.at_least else measured <= self.bound

    def text(self, unit: str, beside: str) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.bound:g} × {beside}" if self.relative else f"{sign} {self.bound:g} {unit}"


@dataclass(slots=True, kw_only=True)
class Figure:
    """One line: a sample per round, in the order measured. Without a target it is shown for what it is.

    `beside` says what the samples of kind "probe" are: the bare probe's, or the product's own with the work in the steps language.
    """

    workload: str
    name: str
    unit: str
    target: Target | None = None
    beside: str = "probe"
    engine: list[float] = field(default_factory=list)
    probe: list[float] = field(default_factory=list)

    def add(self, kind: str, value: float) -> None:
        (self.engine if kind == "engine" else self.probe).append(value)

    @property
    def value(self) -> float:
        return statistics.median(self.engine)

    @property
    def ratio(self) -> float | None:
        """Median of the rounds' own ratios: both halves of a round saw the same weather."""
        pairs = [engine / probe for engine, probe in zip(self.engine, self.probe, strict=False) if probe]
        return statistics.median(pairs) if pairs else None

    @property
    def is_met(self) -> bool | None:
        return self.target.is_met(self.value, self.ratio) if self.target else None

    def row(self) -> tuple[str, ...]:
        met = {True: "met", False: "MISSED", None: ""}[self.is_met]
        target = self.target.text(self.unit, self.beside) if self.target else ""
        probe = (_number(statistics.median(self.probe)), _spread(self.probe)) if self.probe else ("", "")
        ratio = f"{self.ratio:.2f}" if self.ratio else ""
        label = f"{self.workload}  {self.name}, {self.unit}"
        return (label, _number(self.value), _spread(self.engine), *probe, ratio, target, met)

    def document(self) -> dict[str, Any]:
        return {
            "workload": self.workload, "name": self.name, "unit": self.unit, "conductor": self.value,
            "conductor_rounds": self.engine, "beside": self.beside, "probe": statistics.median(self.probe) if self.probe else None,
            "probe_rounds": self.probe, "ratio": self.ratio,
            "target": self.target.text(self.unit, self.beside) if self.target else None, "met": self.is_met,
        }  # fmt: skip


def machine_figure(figure: Figure) -> Figure:
    """Make the line of the same work as a state machine, beside `figure`, which is in the steps language: at most 15 % worse."""
    at_least = figure.unit.endswith("/s")
    target = Target(bound=0.85 if at_least else 1.15, at_least=at_least, relative=True)
    name = f"{figure.name} (States Language)"
    return Figure(workload=figure.workload, name=name, unit=figure.unit, target=target, beside="steps")


def table(figures: Sequence[Figure]) -> str:
    """Lay all figures out in columns; the spread is lowest to highest round."""
    rows = [HEADER, *(figure.row() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if column in (0, 6, 7) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def percentile(samples: Sequence[float], share: float) -> float:
    """Return the sample below which `share` of all lie."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _spread(values: Sequence[float]) -> str:
    return f"{_number(min(values))}–{_number(max(values))}"

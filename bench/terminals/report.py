"""Figures, their aims, and the table of them."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Compare(StrEnum):
    """What an aim is about."""

    MOST = "≤"
    ABOVE_FLOOR = "≤ floor +"
    OF_FLOOR = "≥ of the floor"


@dataclass(frozen=True)
class Aim:
    """What a figure should be."""

    compare: Compare
    value: float

    def __str__(self) -> str:
        return f"{self.compare} {self.value:g}"

    def is_met(self, ours: float, floor: float, ratio: float) -> bool:
        """Return whether a figure reaches it.

        Args:
            ours: The figure.
            floor: That of the floor.
            ratio: Ours to the floor's.
        """
        match self.compare:
            case Compare.MOST:
                return ours <= self.value
            case Compare.ABOVE_FLOOR:
                return ours - floor <= self.value
            case Compare.OF_FLOOR:
                return ratio >= self.value


@dataclass(frozen=True)
class Row:
    """One figure of all sides; None where a side has none.

    Attributes:
        figure: What was measured, with its unit.
        ours: Ours.
        aim: What it should be.
        floor: That of the least that could do.
        terminado: That of terminado.
        note: What else is to be said.
        turns: The middle of each turn's ratio to the floor's turn just before it,
            where that is told: whatever else the machine does meets both.
    """

    figure: str
    ours: float | None
    aim: Aim | None = None
    floor: float | None = None
    terminado: float | None = None
    note: str = ""
    turns: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours to the floor's."""
        if self.turns is not None:
            return self.turns
        return self.ours / self.floor if self.ours is not None and self.floor else None

    @property
    def verdict(self) -> str:
        """Whether the aim is met."""
        if self.aim is None or self.ours is None:
            return ""
        is_met = self.aim.is_met(self.ours, self.floor or 0.0, self.ratio or 0.0)
        return "met" if is_met else "MISSED"


@dataclass
class Runs:
    """The samples of one side, run by run."""

    runs: list[list[float]] = field(default_factory=list)

    def add(self, run: Sequence[float]) -> None:
        """Add the samples of one run."""
        self.runs.append(list(run))

    def quantile(self, share: float) -> float:
        """Return the median over the runs of each one's quantile."""
        return statistics.median(quantile(run, share) for run in self.runs)


def quantile(sample: Sequence[float], share: float) -> float:
    """Return the smallest value that at least that share of a sample does not exceed.

    Raises:
        ValueError: There is no sample.
    """
    if not sample:
        raise ValueError("no sample")
    ordered = sorted(sample)
    place = max(1, -int(-share * len(ordered) // 1))
    return ordered[place - 1]


def table(rows: Sequence[Row]) -> str:
    """Return the table that people read."""
    head = ("figure", "ours", "aim", "", "floor", "ratio", "terminado")
    lines = [
        (
            row.figure,
            number(row.ours) if row.ours is not None or not row.note else row.note,
            str(row.aim or ""),
            row.verdict,
            number(row.floor),
            number(row.ratio),
            number(row.terminado),
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in (head, *lines)) for i in range(len(head))]
    text = [
        "  ".join(
            cell.ljust(width) if i in {0, 2, 3} else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (head, *lines)
    ]
    notes = [f"{row.figure}: {row.note}" for row in rows if row.note]
    return "\n".join([*text, *notes])


def number(value: float | None) -> str:
    """Return a figure as people read it."""
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004

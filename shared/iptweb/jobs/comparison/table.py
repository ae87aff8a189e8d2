"""The table `IPT_COMPARE`, which the wrapper of a comparison writes run by run."""

import math
import re
from dataclasses import dataclass
from typing import Final

__all__ = ["SERIAL", "Row", "read_table"]

SERIAL: Final = "serial"
_LABEL: Final = re.compile(r"serial|[1-9][0-9]{0,6}")
_REPEAT: Final = re.compile(r"[1-9][0-9]?")
_CODE: Final = re.compile(r"-?[0-9]{1,4}")
_COLUMNS: Final = 4
_MOST_ROWS: Final = 100


@dataclass(frozen=True)
class Row:
    """One run.

    Attributes:
        label: `serial`, or the count of threads or ranks.
        repeat: From 1.
        exit_code: Of the program.
        seconds: How long it took.
    """

    label: str
    repeat: int
    exit_code: int
    seconds: float

    @property
    def count(self) -> int:
        """The number of threads or ranks, 0 for the serial program."""
        return 0 if self.label == SERIAL else int(self.label)


def read_table(text: str) -> list[Row]:
    """Return the runs that have ended; a line that is none, or half of one, is not."""
    rows: list[Row] = []
    # What follows the last line break may still be written.
    for line in text.split("\n")[:-1]:
        row = _read_row(line.split("\t"))
        if row is not None:
            rows.append(row)
    return rows[:_MOST_ROWS]


def _read_row(columns: list[str]) -> Row | None:
    if len(columns) != _COLUMNS:
        return None
    label, repeat, code, taken = columns
    if not (
        _LABEL.fullmatch(label) and _REPEAT.fullmatch(repeat) and _CODE.fullmatch(code)
    ):
        return None
    try:
        seconds = float(taken)
    except ValueError:
        return None
    if not math.isfinite(seconds) or seconds < 0:
        return None
    return Row(label, int(repeat), int(code), seconds)

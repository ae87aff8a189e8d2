"""A comparison as callers get it."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from .answers import ComparisonRun, OutputDifference, Report
from .difference import Difference, find_difference
from .outputs import Output
from .table import SERIAL, Row

__all__ = ["TOLERANCE", "to_report"]

TOLERANCE: Final = 1e-6

Reader = Callable[[str], Output | None]


@dataclass(frozen=True)
class _Verdict:
    """Whether a parallel program printed what the serial one did; None: not known."""

    same: bool | None
    difference: OutputDifference | None = None


def to_report(
    rows: Sequence[Row], read: Reader, *, tolerance: float, done: bool
) -> Report:
    """Return the runs with their speed-up, and how their outputs differ.

    Args:
        rows: The runs that have ended.
        read: Returns the output of a label's first run, None where there is none.
        tolerance: How far numbers may be apart, in parts of the larger one.
        done: Whether there will be no more runs.
    """
    labels = list(dict.fromkeys(row.label for row in rows))
    serial = read(SERIAL) if SERIAL in labels else None
    verdicts = {
        label: _Verdict(same=None)
        if label == SERIAL or serial is None
        else _compare(serial, read(label), tolerance)
        for label in labels
    }
    medians = {label: _median(rows, label) for label in labels}
    return {
        "done": done,
        "tolerance": tolerance,
        "runs": [_to_run(row, verdicts[row.label], medians) for row in rows],
        "message": _message(rows, serial, done=done),
    }


def _to_run(
    row: Row, verdict: _Verdict, medians: dict[str, float | None]
) -> ComparisonRun:
    serial, own = medians.get(SERIAL), medians[row.label]
    speed_up = serial / own if serial is not None and own else None
    return {
        "label": row.label,
        "count": row.count,
        "repeat": row.repeat,
        "exit_code": row.exit_code,
        "seconds": row.seconds,
        "speed_up": speed_up,
        "efficiency": None if speed_up is None else speed_up / (row.count or 1),
        "same": verdict.same,
        "difference": verdict.difference,
    }


def _median(rows: Sequence[Row], label: str) -> float | None:
    """Return the usual time of a label's runs; one that failed took no time to tell."""
    times = [row.seconds for row in rows if row.label == label and row.exit_code == 0]
    return statistics.median(times) if times else None


def _compare(serial: Output, parallel: Output | None, tolerance: float) -> _Verdict:
    if parallel is None:
        return _Verdict(same=None)
    whole = serial.whole and parallel.whole
    found = find_difference(serial.up_to(parallel), parallel.up_to(serial), tolerance)
    if found is None:
        return _Verdict(same=True if whole else None)
    return _Verdict(same=False, difference=_to_difference(found, serial, parallel))


def _to_difference(
    found: Difference, serial: Output, parallel: Output
) -> OutputDifference:
    return {
        "line": found.line,
        "word": found.word,
        "serial": found.serial,
        "parallel": found.parallel,
        "relative": found.relative,
        "serial_lines": len(serial.lines) if serial.whole else None,
        "parallel_lines": len(parallel.lines) if parallel.whole else None,
    }


def _message(rows: Sequence[Row], serial: Output | None, *, done: bool) -> str:
    if not rows:
        return (
            "Nothing was compared; see what the job printed."
            if done
            else "No program has run to its end yet."
        )
    failed = next((r for r in rows if r.label == SERIAL and r.exit_code != 0), None)
    if failed is not None:
        return f"The serial program failed: it ended with code {failed.exit_code}."
    if serial is not None and not serial.lines:
        return "The serial program prints nothing, so only the times are compared."
    return ""

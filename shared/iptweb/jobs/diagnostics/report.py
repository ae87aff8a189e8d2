"""Diagnostics as callers get them, no more of them than an answer takes."""

import json
from typing import Final

from .answers import Complaint, Diagnostics, Place
from .model import Diagnostic, Note, Report
from .places import HomePlaces

__all__ = ["to_report"]

# An answer is one frame of 128 KiB, its rest included.
_MOST_BYTES: Final = 100_000
_MOST: Final = 500
_RANKS: Final = {"error": 0, "warning": 1, "note": 2}


def to_report(report: Report, places: HomePlaces) -> Diagnostics:
    """Return diagnostics with their places in the home.

    Where they are too many the errors come before the warnings, but what is kept
    stays in the compiler's order.
    """
    entries = [_to_entry(diagnostic, places) for diagnostic in report.diagnostics]
    order = sorted(
        range(len(entries)), key=lambda index: _RANKS[entries[index]["severity"]]
    )
    kept: list[int] = []
    left = _MOST_BYTES
    for index in order[:_MOST]:
        left -= len(json.dumps(entries[index], ensure_ascii=False).encode())
        if left < 0:
            break
        kept.append(index)
    return {
        "diagnostics": [entries[index] for index in sorted(kept)],
        "truncated": report.truncated or len(kept) < len(entries),
    }


def _to_entry(diagnostic: Diagnostic, places: HomePlaces) -> Complaint:
    return {
        **_to_place(diagnostic, places),
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "option": diagnostic.option,
        "notes": [
            {**_to_place(note, places), "message": note.message}
            for note in diagnostic.notes
        ],
    }


def _to_place(place: Diagnostic | Note, places: HomePlaces) -> Place:
    return {
        "file": places.name(place.file),
        "path": places.find(place.file),
        "line": place.line,
        "column": place.column,
    }

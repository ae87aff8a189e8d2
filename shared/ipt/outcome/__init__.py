"""From the chosen transforms to new files and a report, checked by the compiler."""

from __future__ import annotations

from ipt.outcome.finish import compile_command, finish, output_name
from ipt.outcome.note import Note
from ipt.outcome.outcome import Change, NewFile, Outcome, Parallelized, Unchanged

__all__ = [
    "Change",
    "NewFile",
    "Note",
    "Outcome",
    "Parallelized",
    "Unchanged",
    "compile_command",
    "finish",
    "output_name",
]

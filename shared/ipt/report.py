"""The report at the end of a run, for people."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipt.dialogue.console import Console
    from ipt.outcome import Change, Parallelized, Unchanged

__all__ = ["show_result", "show_unchanged", "unified_diff"]

# What the first directive of a place does not show.
_TOLD = ("IPT111", "IPT115", "IPT117", "IPT119", "IPT204")


def show_result(console: Console, outcome: Parallelized, written: str) -> None:
    """Write what was done.

    Args:
        console: Where to.
        outcome: The parallel program.
        written: The file it was written to, empty if it was not.
    """
    for note in outcome.notes:
        console.note(note)
    console.line()
    count = len(outcome.changes)
    what = "loop" if all(map(_is_loop, outcome.changes)) else "place"
    console.painted(f"Report: {count} {what}{'s' * (count > 1)} parallelized", "bold")
    has_files = len({loop.file for loop in outcome.changes}) > 1
    for loop in outcome.changes:
        file = f"{loop.file}, " if has_files else ""
        console.paragraph(f"{loop.function}, {file}line {loop.line}:", "  ")
        console.paragraph(loop.directive, "    ")
        for finding in loop.findings:
            if finding.code in _TOLD:
                console.paragraph(finding.message, "    ")
        for assumption in loop.assumptions:
            console.paragraph(f"taken as true, not proved: {assumption}.", "    ")
    if written:
        console.line()
        console.line(f"Written: {written}")
        console.line(f"Compile: {outcome.command}")


def _is_loop(change: Change) -> bool:
    return change.directive.startswith("#pragma omp parallel for")


def show_unchanged(console: Console, outcome: Unchanged) -> None:
    """Write why nothing was done."""
    for note in outcome.notes:
        console.note(note)
    console.line()
    console.paragraph(outcome.reason)


def unified_diff(before: bytes, after: bytes, name: str, new_name: str) -> str:
    """Return the changes as a unified diff."""
    lines = difflib.unified_diff(
        before.decode("utf-8", "replace").splitlines(keepends=True),
        after.decode("utf-8", "replace").splitlines(keepends=True),
        name,
        new_name,
    )
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)

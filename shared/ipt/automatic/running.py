"""From a program to its parallel version without a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Analyzer
from ipt.automatic.choosing import choose
from ipt.automatic.rewriting import restructure
from ipt.outcome import Note, Unchanged, finish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.outcome import Outcome
    from ipt.restructure import Restructuring

__all__ = ["parallelize_automatically"]

_NOTHING_PROVED = (
    "No loop is both proved parallel and worth it, so nothing was written. "
    "`ipt analyze` tells why; without --auto you can vouch for what is not proved."
)


def parallelize_automatically(
    analyzer: Analyzer,
    options: Sequence[str] = (),
    *,
    exact: bool = False,
    restructuring: bool = False,
) -> tuple[Outcome, list[Restructuring]]:
    """Choose what is proved and worth it, and apply it.

    Args:
        analyzer: Of the program.
        options: The user's compiler options.
        exact: Whether to leave alone what changes the last digits of a result.
        restructuring: Whether to rewrite loops where that frees a better one.

    Returns:
        What came out, and how loops were rewritten first.
    """
    program = analyzer.program
    rewrites: list[Restructuring] = []
    if restructuring:
        program, rewrites = restructure(program, options)
        analyzer = Analyzer(program)
    transforms = choose(program, analyzer, exact=exact)
    if not transforms:
        return Unchanged(_NOTHING_PROVED), rewrites
    notes = tuple(_note(each) for each in rewrites)
    return finish(program, transforms, notes, options), rewrites


def _note(rewrite: Restructuring) -> Note:
    """Show what a loop was rewritten to."""
    place = rewrite.loop.span.place
    title = f"{rewrite.function.name}, line {place.line}: {rewrite.kind.value}"
    return Note(title, rewrite.after, rewrite.findings, place.name)

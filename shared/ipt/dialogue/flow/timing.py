"""Lines that take the time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ipt.dialogue.flow.lines import named_lines
from ipt.dialogue.flow.trial import holds, refuse_failing
from ipt.dialogue.questions import Choice, Question
from ipt.dialogue.texts import HELP
from ipt.errors import TransformRefused
from ipt.listing import listing_of, spelled
from ipt.transform import Timing

if TYPE_CHECKING:
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.model import Function, Statement
    from ipt.source import Span

__all__ = ["ask_timing"]

_AUTOMATIC = "parallel"


def ask_timing(work: Work) -> Asking[None]:
    """Ask whether times are taken, and of what."""
    answer = yield Question(
        "timing",
        "yes_no",
        "Add lines that print how long the parallel parts take?",
        HELP["timing"],
        "no",
        (Choice("details", "details: yes, of lines that you name"),),
        why="the program's own output is all that is needed to check it.",
        notes=work.take_notes(),
    )
    if answer == "no":
        return
    found = _around_places(work)
    if answer == "details":
        found = yield from _ask_details(work, found)
    for timing in found:
        _add(work, timing)


def _around_places(work: Work) -> list[Timing]:
    """Return timings around the outermost statements of all that was chosen."""
    found: list[Timing] = []
    done: list[Statement] = []
    for each in work.chosen:
        around = _outermost(each.function, each.span)
        if around and around[0] not in done:
            done += around
            found.append(Timing(each.function, around[0], around))
    return found


def _outermost(function: Function, span: Span) -> tuple[Statement, ...]:
    """Return the statements of a function's body that hold a place."""
    return tuple(
        each
        for each in function.body.body
        if each.span.start < span.end and span.start < each.span.end
    )


def _ask_details(work: Work, automatic: list[Timing]) -> Asking[list[Timing]]:
    found = []
    functions = list(dict.fromkeys(each.function for each in work.chosen))
    for function in functions:
        mine = [each for each in automatic if each.function is function]
        found += yield from _ask_lines(work, function, mine)
    if not found:
        return []
    answer = yield Question(
        "timing.print",
        "yes_no",
        "Print the times?",
        HELP["print"],
        "yes",
        why="a time that nobody sees is of no use.",
    )
    return [replace(each, prints=answer == "yes") for each in found]


def _ask_lines(
    work: Work, function: Function, automatic: list[Timing]
) -> Asking[list[Timing]]:
    def timings(answer: str) -> list[Timing]:
        if answer.lower() == _AUTOMATIC:
            return automatic
        return [
            Timing(function, each.statements[0], each.statements)
            for each in named_lines(function, answer)
        ]

    def check(answer: str) -> None:
        refuse_failing(work, *timings(answer))

    answer = yield Question(
        f"timing.lines.{work.function_id(function)}",
        "lines",
        f"Which lines of {function.name} are timed (parallel: around the parallel "
        "parts)?",
        HELP["lines"],
        _AUTOMATIC,
        why="these are the parts that were made faster.",
        listing=listing_of(function),
        check=check,
    )
    return timings(answer)


def _add(work: Work, timing: Timing) -> None:
    try:
        timing.validate()
    except TransformRefused as refused:
        work.note("No time is taken here", refused.findings)
        return
    lines = spelled(timing.target())
    if holds(work, f"No time is taken of lines {lines}", timing):
        work.chosen.append(timing)

"""Sections: different work side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Status
from ipt.analysis.sync import analyze_sections, find_sections
from ipt.dialogue.flow.decisions import ask_decisions
from ipt.dialogue.flow.excerpts import lines_of_span
from ipt.dialogue.flow.lines import named_lines, refuse_taken
from ipt.dialogue.flow.trial import holds
from ipt.dialogue.flow.work import said
from ipt.dialogue.questions import BadAnswer, Question
from ipt.dialogue.texts import HELP
from ipt.listing import listed_lines, listing_of, select, spelled
from ipt.outcome import Note
from ipt.transform.sections import Sections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.sync.sections import SectionsVerdict
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.listing import Selection
    from ipt.model import Function, Statement

__all__ = ["ask_sections", "recommended_sections", "why_no_sections"]

_LEAST = 2


def why_no_sections(work: Work, function: Function) -> str:
    """Return why no sections can be made in a function, empty if they can."""
    lines = listed_lines(function).values()
    free = [each for each in lines if not work.is_taken(each.statements[0].span)]
    return "" if len(free) >= _LEAST else "It has fewer than two lines to share out."


def recommended_sections(work: Work, function: Function) -> SectionsVerdict | None:
    """Return the sections that the analysis would make, None if there are none."""
    found = work.once(
        "sections", function, lambda: find_sections(work.analyzer, function)
    )
    for each in found:
        if not any(work.is_taken(s.span) for group in each.groups for s in group):
            return each
    return None


def ask_sections(work: Work, function: Function) -> Asking[None]:
    """Ask for the parts that run side by side, and make them sections."""
    number = work.times("sections", function)
    name = f"{work.function_id(function)}.sections"
    name += "" if number == 1 else f".{number}"
    groups = yield from _ask_groups(work, name, function)
    if not groups:
        return
    verdict = analyze_sections(work.analyzer, function, groups)
    accepted = yield from ask_decisions(
        work, name, verdict.decisions, "no sections are made"
    )
    if accepted is None:
        return
    made = Sections(analyze_sections(work.analyzer, function, groups, accepted))
    if holds(work, "No sections are made", made):
        work.choose(made, made.span)


def _ask_groups(
    work: Work, name: str, function: Function
) -> Asking[list[tuple[Statement, ...]]]:
    found = recommended_sections(work, function)

    def check(answer: str) -> None:
        _refuse_wrong(work, function, named_lines(function, answer))

    if found:
        work.notes.append(_shown(found))
    answer = yield Question(
        name,
        "lines",
        "Which lines run side by side?",
        HELP["sections"],
        ",".join(spelled(each) for each in found.groups) if found else "none",
        why=f"{found.advice}." if found else "ipt sees no lines that would gain.",
        notes=work.take_notes(),
        listing=listing_of(function),
        check=check,
    )
    return [each.statements for each in select(function, answer)]


def _shown(found: SectionsVerdict) -> Note:
    """Return the lines that the analysis would choose."""
    statements = [each for group in found.groups for each in group]
    lines = [line for each in statements for line in lines_of_span(each.span)]
    file = found.function.span.source.name
    return Note("What could run side by side", tuple(lines), (), file)


def _refuse_wrong(
    work: Work, function: Function, selected: Sequence[Selection]
) -> None:
    """Refuse parts that cannot be sections.

    Raises:
        BadAnswer: With the reasons.
    """
    if not selected:
        return
    if len(selected) < _LEAST:
        raise BadAnswer("Name at least two parts, such as 12,13 or 12-15,16-20.")
    groups = [each.statements for each in selected]
    refuse_taken(work, [each for group in groups for each in group])
    verdict = analyze_sections(work.analyzer, function, groups)
    if verdict.status is Status.REFUSED:
        raise BadAnswer(said(verdict.refusals))

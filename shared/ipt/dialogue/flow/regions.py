"""Parallel regions: from a range of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Status
from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.regions import analyze_region, find_regions
from ipt.dialogue.flow.decisions import ask_decisions
from ipt.dialogue.flow.details import ask_threads
from ipt.dialogue.flow.lines import named_lines, refuse_taken
from ipt.dialogue.flow.printing import prints
from ipt.dialogue.flow.protection import ask_protections
from ipt.dialogue.flow.protection_place import IN_REGIONS, Place
from ipt.dialogue.flow.schedule import ask_schedule
from ipt.dialogue.flow.trial import holds
from ipt.dialogue.flow.work import said
from ipt.dialogue.questions import BadAnswer, Choice, Question, yes_no
from ipt.dialogue.texts import HELP
from ipt.listing import listing_of, select, spelled
from ipt.outcome import Note
from ipt.transform import ParallelRegion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis import Assumption
    from ipt.analysis.regions import RegionVerdict
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.model import For, Function, Statement

__all__ = ["ask_region", "recommended_region", "why_no_region"]

_DETAILS = Choice("details", "details: yes, and show every part")
_ALL = "The lines would come once a thread, other than the serial program prints them."
_NEITHER = "Each thread would print them then; leave them out of the region instead."
_KINDS = {
    "for": "iterations are shared out",
    "single": "one thread, the others wait",
    "master": "the main thread, the others wait",
    "every": "every thread",
}


def why_no_region(work: Work, function: Function) -> str:
    """Return why no region can be made in a function, empty if one can."""
    if not function.body.body:
        return f"{function.name} has no statement."
    if all(work.is_taken(each.span) for each in function.body.body):
        return "Every line of it is in something that was chosen before."
    return ""


def recommended_region(work: Work, function: Function) -> RegionVerdict | None:
    """Return the region that the analysis would make, None if there is none."""
    found = work.once(
        "regions", function, lambda: find_regions(work.analyzer, function)
    )
    for each in found:
        is_free = not any(work.is_taken(s.span) for s in each.statements)
        if each.is_recommended and is_free:
            return each
    return None


def ask_region(work: Work, function: Function) -> Asking[None]:
    """Ask for the lines of a region, and make it."""
    name = f"{work.function_id(function)}.region{work.times('region', function)}"
    statements = yield from _ask_lines(work, name, function)
    if not statements:
        return
    verdict = analyze_region(work.analyzer, function, statements)
    use = yield from _ask_use(work, name, verdict)
    if use == "no":
        return
    yield from _make(work, name, verdict, has_details=use == "details")


def _ask_lines(
    work: Work, name: str, function: Function
) -> Asking[tuple[Statement, ...]]:
    found = recommended_region(work, function)

    def check(answer: str) -> None:
        selected = named_lines(function, answer)
        if len(selected) > 1:
            raise BadAnswer("A region is one range of lines, such as 12-40.")
        for each in selected:
            _refuse_wrong(work, function, each.statements)

    answer = yield Question(
        name,
        "lines",
        "Which lines does the region hold?",
        HELP["region"],
        spelled(found.statements) if found else "none",
        why=f"{found.advice}." if found else "ipt sees no region that would gain.",
        notes=work.take_notes(),
        listing=listing_of(function),
        check=check,
    )
    selected = select(function, answer)
    return selected[0].statements if selected else ()


def _refuse_wrong(
    work: Work, function: Function, statements: Sequence[Statement]
) -> None:
    """Refuse a region that cannot be made.

    Raises:
        BadAnswer: With the reasons.
    """
    refuse_taken(work, statements)
    verdict = analyze_region(work.analyzer, function, statements)
    if verdict.status is Status.REFUSED:
        raise BadAnswer(said(verdict.refusals))


def _ask_use(work: Work, name: str, verdict: RegionVerdict) -> Asking[str]:
    work.notes.append(_note(verdict))
    return (
        yield Question(
            f"{name}.use",
            "yes_no",
            "Make this region?",
            HELP["use"],
            yes_no(default=verdict.is_recommended),
            (_DETAILS,),
            why=f"{verdict.advice or 'it is right'}.",
            notes=work.take_notes(),
        )
    )


def _note(verdict: RegionVerdict) -> Note:
    lines = []
    for part in verdict.walk():
        first, *_ = part.statement.span.text.splitlines() or [""]
        go_on = ", and nobody waits behind it" if part.nowait else ""
        text = f"{first.strip()}   <- {_KINDS[part.kind]}{go_on}"
        lines.append((part.statement.span.line, text))
    title = f"The region of lines {spelled(verdict.statements)}"
    file = verdict.function.span.source.name
    return Note(title, tuple(lines), verdict.findings, file)


def _make(
    work: Work, name: str, verdict: RegionVerdict, *, has_details: bool
) -> Asking[None]:
    protections = yield from ask_printing_thread(work, name, verdict)
    if has_details:
        place = _place(work, name, verdict, protections)
        protections += yield from ask_protections(work, place)
    verdict = _judged(work, verdict, protections)
    accepted = yield from ask_decisions(
        work, name, verdict.decisions, "no region is made"
    )
    if accepted is None:
        return
    settled = _judged(work, verdict, protections, accepted)
    schedules = (yield from _ask_schedules(work, name, settled)) if has_details else {}
    threads = (yield from ask_threads(name)) if has_details else 0
    region = ParallelRegion(settled, schedules, threads)
    if holds(work, "No region is made", region):
        work.choose(region, region.span)


def _judged(
    work: Work,
    verdict: RegionVerdict,
    protections: Sequence[Protection],
    accepted: Sequence[Assumption] = (),
) -> RegionVerdict:
    """Return the verdict on a region with more lines done by one thread."""
    return analyze_region(
        work.analyzer, verdict.function, verdict.statements, accepted, protections
    )


def _place(
    work: Work, name: str, verdict: RegionVerdict, known: tuple[Protection, ...]
) -> Place:
    def problem(protections: Sequence[Protection]) -> BadAnswer | None:
        found = _judged(work, verdict, (*known, *protections))
        if found.status is Status.REFUSED:
            return BadAnswer(said(found.refusals))
        return None

    return Place(name, verdict.function, IN_REGIONS, problem)


def ask_printing_thread(
    work: Work, name: str, verdict: RegionVerdict
) -> Asking[tuple[Protection, ...]]:
    """Ask which thread does what prints, if something does.

    Returns:
        What the main thread does.
    """
    printing = [
        part.statements
        for part in verdict.walk()
        if part.kind in ("single", "master")
        and any(prints(work.program, each) for each in part.statements)
    ]
    if not printing:
        return ()
    listed = ", ".join(spelled(each) for each in printing)
    answer = yield Question(
        f"{name}.printing",
        "choice",
        f"Which threads print what lines {listed} write?",
        HELP["printing"],
        "one",
        (
            Choice("one", "one: the first that arrives (single)"),
            Choice("master", "master: the main thread"),
            Choice("all", "all: each thread", _ALL),
            Choice("neither", "neither: nothing is to be done about it", _NEITHER),
        ),
        why="then it is printed once, as the serial program does.",
        notes=work.take_notes(),
    )
    if answer == "one":
        return ()
    found = tuple(Protection(ProtectionKind.MASTER, each) for each in printing)
    refused = _judged(work, verdict, found).status is Status.REFUSED
    return () if refused else found


def _ask_schedules(
    work: Work, name: str, verdict: RegionVerdict
) -> Asking[dict[For, str]]:
    """Ask how the iterations of each loop of a region are shared out."""
    found: dict[For, str] = {}
    for part in verdict.loops:
        if part.verdict is None:
            continue
        loop = part.verdict.loop
        work.note(f"The loop of line {loop.span.line}")
        schedule = yield from ask_schedule(
            work,
            f"{name}.line{loop.span.line}",
            part.verdict.schedule,
            has_details=True,
            binds=False,
        )
        if schedule.clause:
            found[loop] = schedule.clause
    return found

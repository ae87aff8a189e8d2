"""The loops of a function, outer ones first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Status
from ipt.dialogue.flow.decisions import ask_decisions
from ipt.dialogue.flow.details import ask_details, parallel_for
from ipt.dialogue.flow.excerpts import loop_note
from ipt.dialogue.flow.printing import ask_printing, is_printing
from ipt.dialogue.flow.protection import ask_protections, ask_suggested
from ipt.dialogue.flow.protection_place import loop_place, protected
from ipt.dialogue.flow.restructuring import ask_restructuring
from ipt.dialogue.flow.schedule import ask_schedule
from ipt.dialogue.flow.trial import holds
from ipt.dialogue.questions import Choice, Question, yes_no
from ipt.dialogue.texts import HELP

if TYPE_CHECKING:
    from ipt.analysis import LoopVerdict
    from ipt.analysis.protection import Protection
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.model import Function
    from ipt.transform import ParallelFor

__all__ = ["DETAILS", "ask_loops", "loop_name"]

DETAILS = Choice("details", "details: yes, and show every clause")


def loop_name(work: Work, function: Function, number: int) -> str:
    """Return what the ids of a loop's questions begin with."""
    return f"{work.function_id(function)}.loop{number}"


def ask_loops(work: Work, function: Function) -> Asking[None]:
    """Offer every loop that is not part of something chosen before."""
    for number, loop in enumerate(work.loops(function), start=1):
        if loop in work.asked or work.is_taken(loop.span):
            work.asked.append(loop)
            continue
        work.asked.append(loop)
        verdict = work.analyzer.analyze(function, loop)
        name = loop_name(work, function, number)
        work.notes.append(loop_note(work, function, number, verdict))
        if any(work.is_denied(name, each) for each in verdict.decisions):
            work.note("The loop stays serial, as you did not vouch for that before.")
            continue
        if verdict.status is Status.REFUSED:
            yield from ask_restructuring(work, name, function, loop)
            chosen = yield from _ask_protected(work, name, verdict)
        else:
            chosen = yield from _ask_loop(work, name, verdict)
        if chosen is not None:
            work.choose(chosen, loop.span)


def _ask_loop(
    work: Work, name: str, verdict: LoopVerdict
) -> Asking[ParallelFor | None]:
    why = verdict.advice
    if verdict.status is Status.NEEDS_DECISION and verdict.is_recommended:
        why += ", if what is asked next holds"
    answer = yield Question(
        name,
        "yes_no",
        "Run the iterations of this loop in parallel?",
        HELP["loop"],
        yes_no(default=verdict.is_recommended),
        (DETAILS,),
        why=why + ".",
        notes=work.take_notes(),
    )
    if answer == "no":
        return None
    accepted = yield from ask_decisions(
        work, name, verdict.decisions, "the loop stays serial"
    )
    if accepted is None:
        return None
    settled = work.analyzer.analyze(verdict.function, verdict.loop, accepted)
    if answer == "details":
        return (yield from ask_details(work, name, settled))
    schedule = yield from ask_schedule(work, name, settled.schedule)
    return parallel_for(settled, schedule)


def _ask_protected(
    work: Work, name: str, verdict: LoopVerdict
) -> Asking[ParallelFor | None]:
    """Ask for lines that make a loop right when one thread at a time runs them."""
    place = loop_place(work, name, verdict, is_refused=True)
    protections: tuple[Protection, ...] = ()
    if is_printing(place.suggested):
        protections = yield from ask_printing(work, place)
    elif place.suggested:
        protections = yield from ask_suggested(work, place)
    if not protections:
        protections = yield from ask_protections(work, place)
    if not protections:
        return None
    found = protected(work, verdict, protections)
    accepted = yield from ask_decisions(
        work, name, found.decisions, "the loop stays serial"
    )
    if accepted is None:
        return None
    settled = protected(work, verdict, protections, accepted)
    schedule = yield from ask_schedule(work, name, settled.schedule)
    made = parallel_for(settled, schedule)
    return made if holds(work, "The loop stays serial", made) else None

"""Loops on a device."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ipt.analysis import Status
from ipt.analysis.sync import map_clauses
from ipt.dialogue.flow.decisions import ask_decisions
from ipt.dialogue.flow.excerpts import loop_note
from ipt.dialogue.flow.expressions import refuse_effects
from ipt.dialogue.flow.trial import holds
from ipt.dialogue.questions import Choice, Question
from ipt.dialogue.texts import HELP
from ipt.transform.target import Target

if TYPE_CHECKING:
    from ipt.analysis import LoopVerdict
    from ipt.analysis.sync import MapClause, TargetVerdict
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.model import Function

__all__ = ["ask_target", "why_no_target"]

_DETAILS = Choice("details", "details: yes, and show what is copied")
_KINDS = {"to": "in", "from": "out", "tofrom": "inout"}
_CLAUSES = {word: kind for kind, word in _KINDS.items()}
_LABELS = {
    "in": "in: copied there",
    "out": "out: copied back",
    "inout": "inout: copied there and back",
}


def why_no_target(work: Work, function: Function) -> str:
    """Return why no loop can run on a device, empty if one can."""
    for loop in work.loops(function):
        verdict = work.analyzer.analyze(function, loop)
        if verdict.status is not Status.REFUSED and not work.is_taken(loop.span):
            return ""
    return "No loop is left that could run on a device."


def ask_target(work: Work, function: Function) -> Asking[None]:
    """Offer every loop that can run in parallel to a device."""
    for number, loop in enumerate(work.loops(function), start=1):
        verdict = work.analyzer.analyze(function, loop)
        if work.is_taken(loop.span) or verdict.status is Status.REFUSED:
            continue
        name = f"{work.function_id(function)}.loop{number}.target"
        work.notes.append(loop_note(work, function, number, verdict))
        made = yield from _ask_loop(work, name, verdict)
        if made is not None:
            work.asked.append(loop)
            work.choose(made, made.span)


def _ask_loop(work: Work, name: str, verdict: LoopVerdict) -> Asking[Target | None]:
    answer = yield Question(
        name,
        "yes_no",
        "Run this loop on the device?",
        HELP["target"],
        "yes" if verdict.is_recommended else "no",
        (_DETAILS,),
        why="its iterations are independent; a test tells whether the copies pay.",
        notes=work.take_notes(),
    )
    if answer == "no":
        return None
    accepted = yield from ask_decisions(
        work, name, verdict.decisions, "the loop stays where it is"
    )
    if accepted is None:
        return None
    settled = work.analyzer.analyze(verdict.function, verdict.loop, accepted)
    found = map_clauses(work.analyzer, settled)
    if found.status is Status.REFUSED:
        work.note("The loop stays where it is", found.refusals)
        return None
    lengths = yield from _ask_lengths(name, found)
    if lengths is None:
        work.note("The loop stays where it is: a length is not known")
        return None
    made = Target(map_clauses(work.analyzer, settled, lengths))
    if answer == "details":
        made = yield from _ask_maps(name, made)
    return made if holds(work, "The loop stays where it is", made) else None


def _ask_lengths(name: str, verdict: TargetVerdict) -> Asking[dict[str, str] | None]:
    """Ask how long arrays are; None if somebody does not know."""

    def check(answer: str) -> None:
        if answer.lower() != "none":
            refuse_effects(answer, "A length is an expression such as n * n")

    lengths: dict[str, str] = {}
    for each in verdict.decisions:
        (array,) = each.names
        answer = yield Question(
            f"{name}.length.{array}",
            "text",
            f"How many elements has {array} (none: not known)?",
            HELP["length"],
            "none",
            why="only you can know; without it the loop stays where it is.",
            check=check,
        )
        if answer.lower() == "none":
            return None
        lengths[array] = answer
    return lengths


def _ask_maps(name: str, made: Target) -> Asking[Target]:
    """Ask in which direction each array is copied; less than needed is refused."""
    maps = []
    for each in made.verdict.maps:
        answer = yield Question(
            f"{name}.map.{each.name}",
            "choice",
            f"Which way is {each.name}{each.section} copied?",
            HELP["map"],
            _KINDS[each.kind],
            tuple(Choice(w, label, _missing(each, w)) for w, label in _LABELS.items()),
            why="that is what the loop reads and writes of it.",
        )
        maps.append(replace(each, kind=_CLAUSES[answer]))
    return Target(replace(made.verdict, maps=tuple(maps)))


def _missing(found: MapClause, word: str) -> str:
    if word == "inout" or _KINDS[found.kind] == word:
        return ""
    if word == "in":
        return f"The loop writes {found.name}, and that would not come back."
    return f"The loop reads {found.name}, which would not be there."

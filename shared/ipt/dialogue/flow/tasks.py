"""Tasks: calls of a function by itself, done by other threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Status
from ipt.analysis.sync import analyze_tasks
from ipt.dialogue.flow.decisions import ask_decisions
from ipt.dialogue.flow.expressions import refuse_effects
from ipt.dialogue.flow.trial import holds, refuse_failing
from ipt.dialogue.questions import Choice, Question
from ipt.dialogue.texts import HELP
from ipt.outcome import Note
from ipt.transform.tasks import Tasks, task_transforms

if TYPE_CHECKING:
    from ipt.analysis.sync import TasksVerdict
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.model import Function

__all__ = ["ask_tasks", "why_no_tasks"]

_DETAILS = Choice("details", "details: yes, and show when a call becomes a task")


def why_no_tasks(work: Work, function: Function) -> str:
    """Return why the calls of a function cannot be tasks, empty if they can."""
    if any(isinstance(e, Tasks) and e.function is function for e in work.chosen):
        return "Its calls are tasks already."
    verdict = _verdict(work, function)
    if verdict.status is Status.REFUSED:
        return verdict.refusals[0].message.capitalize()
    starts = [each.span for each in task_transforms(verdict)]
    if any(each.contains(s) for each in work.taken for s in starts):
        return "Its calls are in something that was chosen before."
    return ""


def _verdict(work: Work, function: Function) -> TasksVerdict:
    return work.once("tasks", function, lambda: analyze_tasks(work.analyzer, function))


def ask_tasks(work: Work, function: Function) -> Asking[None]:
    """Ask whether the calls of a function by itself become tasks."""
    verdict = _verdict(work, function)
    name = f"{work.function_id(function)}.tasks"
    lines = ", ".join(
        str(each.span.line) for group in verdict.groups for each in group.statements
    )
    file = function.span.source.name
    work.notes.append(
        Note(f"Calls of itself: line {lines}", (), verdict.findings, file)
    )
    why = "they need nothing of each other"
    if verdict.decisions:
        why += ", if what is asked next holds"
    answer = yield Question(
        name,
        "yes_no",
        f"Hand the calls that {function.name} makes of itself to other threads?",
        HELP["tasks"],
        "yes",
        (_DETAILS,),
        why=f"{why}.",
        notes=work.take_notes(),
    )
    if answer == "no":
        return
    accepted = yield from ask_decisions(
        work, name, verdict.decisions, "the calls stay as they are"
    )
    if accepted is None:
        return
    settled = analyze_tasks(work.analyzer, function, accepted)
    condition = settled.cutoff.condition
    if answer == "details":
        condition = yield from _ask_condition(work, name, settled)
    _add(work, settled, condition)


def _ask_condition(work: Work, name: str, verdict: TasksVerdict) -> Asking[str]:
    def check(answer: str) -> None:
        if answer.lower() == "none":
            return
        refuse_effects(answer, "A condition is a comparison such as n > 20")
        refuse_failing(work, *task_transforms(verdict, answer))

    answer = yield Question(
        f"{name}.condition",
        "text",
        "When is a call large enough to become a task (none: always)?",
        HELP["tasks"],
        verdict.cutoff.condition or "none",
        why="smaller ones cost more than they gain.",
        check=check,
    )
    return "" if answer.lower() == "none" else answer


def _add(work: Work, verdict: TasksVerdict, condition: str) -> None:
    made = task_transforms(verdict, condition)
    if holds(work, "The calls stay as they are", *made):
        for each in made:
            work.choose(each, each.span)

"""Every clause of a parallel loop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ipt.dialogue.flow.arrays import ask_arrays, ask_updates
from ipt.dialogue.flow.decisions import ask_decisions
from ipt.dialogue.flow.expressions import refuse_effects
from ipt.dialogue.flow.protection import ask_protections
from ipt.dialogue.flow.protection_place import loop_place, protected
from ipt.dialogue.flow.roles import ask_reductions
from ipt.dialogue.flow.schedule import Schedule, ask_schedule
from ipt.dialogue.flow.trial import holds, refuse_failing
from ipt.dialogue.questions import BadAnswer, Question, yes_no
from ipt.dialogue.texts import HELP
from ipt.model import for_loops
from ipt.transform import ParallelFor

if TYPE_CHECKING:
    from ipt.analysis import LoopVerdict
    from ipt.dialogue.flow.work import Asking, Work

__all__ = ["ask_details", "ask_threads", "parallel_for"]

_MOST_THREADS = 4096


def parallel_for(verdict: LoopVerdict, schedule: Schedule) -> ParallelFor:
    """Return what a plain yes makes of a loop: only the clauses that it needs."""
    return ParallelFor(verdict, schedule.clause, binding=schedule.binding)


def ask_details(work: Work, name: str, settled: LoopVerdict) -> Asking[ParallelFor]:
    """Ask for every clause of a loop.

    A plain yes makes the simplest directive that is right.  Enter at each of
    these questions makes what the analysis finds best.
    """
    verdict = yield from ask_reductions(work, name, settled)
    verdict = yield from _ask_protections(work, name, verdict)
    verdict = yield from _vouched(work, name, verdict, settled)
    verdict = yield from ask_arrays(work, name, verdict)
    atomic = yield from ask_updates(work, name, verdict)
    schedule = yield from ask_schedule(work, name, verdict.schedule, has_details=True)
    made = replace(
        parallel_for(verdict, schedule),
        collapse=verdict.collapse,
        condition=verdict.condition,
        atomic=atomic,
        simd=bool(verdict.simd),
    )
    made = yield from _ask_collapse(name, made)
    made = yield from _ask_condition(work, name, made)
    made = yield from _ask_simd(name, made)
    threads = yield from ask_threads(name)
    made = replace(made, threads=threads)
    if holds(work, "The loop is made without these details", made):
        return made
    return parallel_for(settled, schedule)


def _ask_protections(
    work: Work, name: str, verdict: LoopVerdict
) -> Asking[LoopVerdict]:
    """Ask for lines that one thread at a time runs, though that is not needed."""
    found = yield from ask_protections(work, loop_place(work, name, verdict))
    if not found:
        return verdict
    return protected(work, verdict, (*verdict.protections, *found))


def _vouched(
    work: Work, name: str, verdict: LoopVerdict, settled: LoopVerdict
) -> Asking[LoopVerdict]:
    """Ask what protections need to be true; without it they are left out."""
    if not verdict.decisions:
        return verdict
    accepted = yield from ask_decisions(
        work, name, verdict.decisions, "these lines are not protected"
    )
    if accepted is None:
        return settled
    return protected(work, verdict, verdict.protections, accepted)


def _ask_collapse(name: str, made: ParallelFor) -> Asking[ParallelFor]:
    most = made.verdict.collapse
    if most <= 1:
        return made

    def check(answer: str) -> None:
        if not 1 <= int(answer) <= most:
            raise BadAnswer(f"From 1 to {most} of these loops can be run as one.")

    answer = yield Question(
        f"{name}.collapse",
        "number",
        "How many nested loops are run as one?",
        HELP["collapse"],
        str(made.collapse),
        why="that gives the threads enough to share.",
        check=check,
    )
    return replace(made, collapse=int(answer))


def _ask_condition(work: Work, name: str, made: ParallelFor) -> Asking[ParallelFor]:
    def check(answer: str) -> None:
        if answer.lower() == "none":
            return
        refuse_effects(answer, "A condition is a comparison such as n > 1000, or none")
        refuse_failing(work, replace(made, condition=answer))

    answer = yield Question(
        f"{name}.condition",
        "text",
        "Under which condition is it worth starting threads (none: always)?",
        HELP["condition"],
        made.condition or "none",
        why=(
            "for less, starting threads costs more than it gains."
            if made.condition
            else "the loop has always enough to do, or nobody knows how much."
        ),
        check=check,
    )
    return replace(made, condition="" if answer.lower() == "none" else answer)


def _ask_simd(name: str, made: ParallelFor) -> Asking[ParallelFor]:
    merged = list(for_loops(made.verdict.loop))[: made.collapse]
    inner = [each for each in made.verdict.simd if each.loop not in merged]
    if not inner:
        return made
    lines = ", ".join(str(each.loop.span.line) for each in inner)
    answer = yield Question(
        f"{name}.simd",
        "yes_no",
        f"Use vector instructions for the inner loops (line {lines})?",
        HELP["simd"],
        yes_no(default=made.simd),
        why="their iterations are proved not to need each other.",
    )
    return replace(made, simd=answer == "yes")


def ask_threads(name: str) -> Asking[int]:
    """Ask how many threads there are; 0 is OpenMP's own choice."""

    def check(answer: str) -> None:
        if int(answer) > _MOST_THREADS:
            raise BadAnswer(f"At most {_MOST_THREADS} threads can be asked for.")

    answer = yield Question(
        f"{name}.threads",
        "number",
        "How many threads run this (0: leave it to OpenMP)?",
        HELP["threads"],
        "0",
        why="the program then fits every machine.",
        check=check,
    )
    return int(answer)

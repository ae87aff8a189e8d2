"""What a parallel loop prints, and who prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.effects import EffectKind, effects_of
from ipt.analysis.protection import Protection, ProtectionKind
from ipt.dialogue.questions import Choice, Question
from ipt.dialogue.texts import HELP
from ipt.listing import spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.dialogue.flow.protection_place import Place
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.model import Program, Statement

__all__ = ["ask_printing", "is_printing", "prints"]


def prints(program: Program, statement: Statement) -> bool:
    """Tell whether a statement, or a function it calls, writes or reads a stream."""
    kinds = {each.kind for each in effects_of([statement], program)}
    return EffectKind.STREAM in kinds


def is_printing(protections: Sequence[Protection]) -> bool:
    """Tell whether the order of the iterations must be kept."""
    return any(each.kind is ProtectionKind.ORDERED for each in protections)


def ask_printing(work: Work, place: Place) -> Asking[tuple[Protection, ...]]:
    """Ask who prints what the iterations of a loop print.

    Args:
        work: The state.
        place: The loop, with what would keep the order of its lines.

    Returns:
        What is protected for it; nothing if the loop is to stay serial.
    """
    free = tuple(
        Protection(ProtectionKind.CRITICAL, each.statements)
        if each.kind is ProtectionKind.ORDERED
        else each
        for each in place.suggested
    )
    problem = place.problem(free)
    ordered = [e for e in place.suggested if e.kind is ProtectionKind.ORDERED]
    listed = ", ".join(spelled(each.statements) for each in ordered)
    answer = yield Question(
        f"{place.name}.printing",
        "choice",
        f"Who prints what line {listed} writes, if the loop runs in parallel?",
        HELP["printing"],
        "one" if place.pays else "neither",
        (
            Choice("one", "one: one thread at a time, in the serial order (ordered)"),
            Choice(
                "all",
                "all: each thread when it gets there, in any order (critical)",
                problem.message if problem else "",
            ),
            Choice("neither", "neither: the loop stays serial"),
        ),
        why=(
            "the rest of an iteration is worth threads, and the output stays the same."
            if place.pays
            else "the rest of an iteration is too little for threads."
        ),
        notes=work.take_notes(),
        is_optional=not place.pays,
    )
    match answer:
        case "one":
            return place.suggested
        case "all":
            return free
        case _:
            return ()

"""How iterations are shared out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.dialogue.questions import Choice, Question
from ipt.dialogue.texts import HELP

if TYPE_CHECKING:
    from ipt.dialogue.flow.work import Asking, Work

__all__ = ["Schedule", "ask_schedule"]

_CHOICES = (
    Choice("static", "static: equal pieces"),
    Choice("dynamic", "dynamic: portions on demand"),
    Choice("guided", "guided: portions that get smaller"),
    Choice("runtime", "runtime: as OMP_SCHEDULE says"),
    Choice("auto", "auto: as the compiler likes"),
    Choice("affinity", "affinity: equal pieces on threads that stay apart"),
)
_WITHOUT_CHUNK = ("runtime", "auto")


@dataclass(frozen=True, slots=True)
class Schedule:
    """The arguments of two clauses, each empty for none.

    Attributes:
        clause: Of `schedule`.
        binding: Of `proc_bind`.
    """

    clause: str = ""
    binding: str = ""


def ask_schedule(
    work: Work,
    name: str,
    suggested: str,
    *,
    has_details: bool = False,
    binds: bool = True,
) -> Asking[Schedule]:
    """Ask how the iterations of a loop are shared out.

    `affinity` was a schedule of compilers before OpenMP had `proc_bind`
    (OpenMP 5.2, section 10.1.3), which says the same in two clauses.

    Args:
        work: The state.
        name: What the ids begin with.
        suggested: The schedule that the analysis suggests, empty for none.
        has_details: Whether to ask for the portions of static too.
        binds: Whether threads can be bound to places here.
    """
    kind, _, chunk = (suggested or "static").partition(",")
    answer = yield Question(
        f"{name}.schedule",
        "choice",
        "How should the iterations be shared out?",
        HELP["schedule"],
        kind,
        _CHOICES if binds else _CHOICES[:-1],
        why=_why(kind, chunk),
        notes=work.take_notes(),
    )
    is_static = answer in ("static", "affinity")
    suits = answer == kind and bool(chunk)
    size = chunk if suits else "0"
    if answer not in _WITHOUT_CHUNK and (has_details or not is_static):
        size = yield Question(
            f"{name}.chunk",
            "number",
            "How many iterations per portion (0: leave it to OpenMP)?",
            HELP["chunk"],
            size,
            why=_why_size(answer, size),
        )
    return _schedule(answer, size)


def _why(kind: str, chunk: str) -> str:
    if kind != "static":
        return "the work differs from iteration to iteration."
    if chunk:
        return f"with portions of {chunk}, threads wait less for their turn."
    return "all iterations take about the same time."


def _why_size(kind: str, size: str) -> str:
    if size != "0":
        return f"portions of {size} even out the work, and cost little to fetch."
    if kind in ("static", "affinity"):
        return "each thread then gets one piece."
    return "OpenMP's own portions are single iterations, at least at the end."


def _schedule(answer: str, size: str) -> Schedule:
    if answer == "affinity":
        clause = "static" if size == "0" else f"static,{size}"
        return Schedule(clause, "spread")
    if answer == "static" and size == "0":
        return Schedule()
    return Schedule(answer if size == "0" else f"{answer},{size}")

"""Places where lines can be protected: loops and regions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis import AssumptionKind, Status
from ipt.analysis.sync import protect_loop, suggest_protections
from ipt.dialogue.flow.work import said
from ipt.dialogue.questions import BadAnswer, Choice
from ipt.model import Call, DoWhile, For, While, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipt.analysis import Assumption, LoopVerdict
    from ipt.analysis.protection import Protection
    from ipt.dialogue.flow.work import Work
    from ipt.model import Function

__all__ = ["IN_LOOPS", "IN_REGIONS", "Place", "loop_place", "protected"]

_LOOPS = For | While | DoWhile
_CRITICAL = Choice("critical", "critical: one thread at a time, in any order")
IN_LOOPS = (
    _CRITICAL,
    Choice("ordered", "ordered: one at a time, in the order of the iterations"),
)
IN_REGIONS = (
    Choice("single", "single: by one thread only; the others wait"),
    Choice("master", "master: by the main thread only"),
    _CRITICAL,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where lines are protected.

    Attributes:
        name: What the ids begin with.
        kinds: What can be chosen there.
        problem: Tells why protections are not enough or not possible, None if
            they are.
        suggested: What the analysis would protect.
        is_optional: Whether few people need the question.
        pays: Whether what is suggested is likely to be worth it.
    """

    name: str
    function: Function
    kinds: tuple[Choice, ...]
    problem: Callable[[Sequence[Protection]], BadAnswer | None] = field(repr=False)
    suggested: tuple[Protection, ...] = ()
    is_optional: bool = False
    pays: bool = False


def protected(
    work: Work,
    verdict: LoopVerdict,
    protections: Sequence[Protection],
    accepted: Sequence[Assumption] = (),
) -> LoopVerdict:
    """Return the verdict on a loop of which some statements are protected.

    Args:
        work: The state.
        verdict: The one without these protections.
        protections: What is protected, all of it.
        accepted: What a person vouches for, beside what the verdict says.
    """
    return protect_loop(
        work.analyzer,
        verdict.function,
        verdict.loop,
        tuple(protections),
        (*verdict.accepted, *accepted),
    )


def loop_place(
    work: Work, name: str, verdict: LoopVerdict, *, is_refused: bool = False
) -> Place:
    """Return a loop as a place to protect lines of.

    Args:
        work: The state.
        name: What the ids begin with.
        verdict: The one on the loop so far.
        is_refused: Whether it can't run in parallel as it is.
    """

    def problem(protections: Sequence[Protection]) -> BadAnswer | None:
        every = (*verdict.protections, *protections)
        found = protected(work, verdict, every)
        if found.status is Status.REFUSED:
            return BadAnswer(said(found.refusals))
        return None

    function, loop = verdict.function, verdict.loop
    suggested: tuple[Protection, ...] = ()
    pays = False
    if is_refused:
        suggested = work.once(
            "protections",
            loop,
            lambda: tuple(suggest_protections(work.analyzer, function, loop)),
        )
        pays = bool(suggested) and _pays(work, verdict, suggested)
    return Place(name, function, IN_LOOPS, problem, suggested, is_refused, pays)


def _pays(
    work: Work, verdict: LoopVerdict, protections: tuple[Protection, ...]
) -> bool:
    """Tell whether enough of an iteration is left for threads.

    Waiting for a lock takes as long as some hundred operations.  So what is
    locked must come once an iteration, and be less than what is not: a loop or
    a call of a function must be outside of it, and none inside.  A person must
    not be needed to vouch for the order.
    """
    found = protected(work, verdict, protections)
    is_proved = all(e.kind is AssumptionKind.ROUNDING for e in found.decisions)
    if not found.is_recommended or not is_proved:
        return False
    locked = [
        statement
        for each in protections
        if not each.is_atomic
        for statement in each.statements
    ]
    inner = [node for node in walk(verdict.loop.body) if isinstance(node, _LOOPS)]
    if any(each.span.contains(e.span) for each in inner for e in locked):
        return False
    if any(isinstance(node, _LOOPS) for each in locked for node in walk(each)):
        return False
    spans = [each.span for each in locked]
    return not locked or any(
        isinstance(node, _LOOPS | Call)
        and not any(each.contains(node.span) for each in spans)
        for node in walk(verdict.loop.body)
    )

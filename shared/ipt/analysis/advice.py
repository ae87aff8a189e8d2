"""Whether it pays to run a loop in parallel, and how to share out its work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.cost import (
    FETCH,
    START,
    Cost,
    cost_of,
    enough_iterations,
    trip_count,
)
from ipt.findings import Finding
from ipt.model import For, parents_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.context import LoopContext
    from ipt.analysis.limits import Limits
    from ipt.analysis.polynomials import Condition

__all__ = ["Advice", "advise"]

_DEEP = 2
_FEWEST = 4
_PORTION = 16
# So many portions even out what takes different time.
_PORTIONS = 64
# One iteration with so many times the cost of fetching it is a portion.
_DEAR = 100
_GOOD = "its iterations are independent"


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommendation with its reason.

    Attributes:
        condition: What must hold for threads to pay; see `LoopVerdict`.
    """

    reason: str
    schedule: str
    findings: tuple[Finding, ...]
    is_recommended: bool
    condition: str = ""


def advise(
    context: LoopContext,
    limits: Limits,
    facts: Sequence[Condition] = (),
    contended: Sequence[str] = (),
) -> Advice:
    """Return the recommendation for a loop, provided that it can run in parallel.

    Args:
        context: The loop.
        limits: Knows how long loops can be.
        facts: What holds in the loop, in the symbols of its trace.
        contended: Arrays of which all iterations update the same element.
    """
    place = context.span.place
    trace = context.trace
    findings: list[Finding] = []
    trips = trip_count(context.counted)
    schedule = ""
    cost = cost_of(context.counted.loop.body, context.program)
    if trace.inner_uneven or trace.inner_listed:
        schedule = _uneven_schedule(trips, cost, is_listed=not trace.inner_uneven)
        message = "iterations have uneven work, so threads fetch them in portions."
        findings.append(Finding("IPT107", message, place))
    most = trips
    if most is None:
        known = (facts, trace.names)
        most = limits.most_iterations(context.function, context.counted, known)
    code, reason = "IPT106", _too_small(most, cost, is_exact=most == trips)
    if not reason and contended:
        code = "IPT108"
        reason = f"threads would wait for each other to update {contended[0]}"
    if reason:
        findings.append(Finding(code, reason + ".", place))
        return Advice(reason, schedule, tuple(findings), is_recommended=False)
    around = [
        each
        for each in parents_of(context.function.body, context.counted.loop)
        if isinstance(each, For)
    ]
    if len(around) >= _DEEP and not trace.has_inner_loop:
        reason = "threads would be started again in each iteration of two outer loops"
        findings.append(Finding("IPT110", reason + ".", place))
        return Advice(reason, schedule, tuple(findings), is_recommended=False)
    condition = enough_iterations(context.counted, cost) if trips is None else ""
    return Advice(
        _GOOD, schedule, tuple(findings), is_recommended=True, condition=condition
    )


def _too_small(most: int | None, cost: Cost, *, is_exact: bool) -> str:
    """Return why a loop cannot gain; empty if it may."""
    if most is None:
        return ""
    is_little = cost.is_known and most * cost.operations < START
    if most < _FEWEST or is_little:
        number = str(most) if is_exact else f"at most {most}"
        return f"{number} iterations are too few to gain from threads"
    return ""


def _uneven_schedule(trips: int | None, cost: Cost, *, is_listed: bool) -> str:
    """Return how iterations of different length are fetched.

    Lists such as the rows of a sparse matrix are often short, and of like
    length on the whole: large portions first keep fetching cheap.
    """
    if cost.operations >= _DEAR * FETCH:
        return "dynamic,1"
    portion = _PORTION if trips is None else min(_PORTION, max(1, trips // _PORTIONS))
    return f"{'guided' if is_listed else 'dynamic'},{portion}"

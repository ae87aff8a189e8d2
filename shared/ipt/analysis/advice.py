"""Whether it pays to run a loop in parallel, and how to share out its work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.canonical import constant_value
from ipt.findings import Finding
from ipt.model import For, parents_of

if TYPE_CHECKING:
    from ipt.analysis.context import LoopContext

__all__ = ["Advice", "advise"]

# Starting a team of threads costs some microseconds, about as much as a
# thousand short iterations.
_SMALL_FLAT = 1000
_SMALL_NEST = 4
_DEEP = 2
_UNEVEN_SCHEDULE = "dynamic,16"
_GOOD = "its iterations are independent"


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommendation with its reason."""

    reason: str
    schedule: str
    findings: tuple[Finding, ...]
    is_recommended: bool


def advise(context: LoopContext) -> Advice:
    """Return the recommendation for a loop, provided that it can run in parallel."""
    place = context.span.place
    trace = context.trace
    findings: list[Finding] = []
    schedule = ""
    if trace.inner_uneven:
        schedule = _UNEVEN_SCHEDULE
        message = "iterations have uneven work, so threads fetch them in portions."
        findings.append(Finding("IPT107", message, place))
    trips = _trip_count(context)
    limit = _SMALL_NEST if trace.has_inner_loop else _SMALL_FLAT
    if trips is not None and trips < limit:
        reason = f"{trips} iterations are too few to gain from threads"
        findings.append(Finding("IPT106", reason + ".", place))
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
    return Advice(_GOOD, schedule, tuple(findings), is_recommended=True)


def _trip_count(context: LoopContext) -> int | None:
    counted = context.counted
    lower, bound = constant_value(counted.lower), constant_value(counted.bound)
    if lower is None or bound is None or counted.step is None:
        return None
    extra = 1 if counted.op in ("<=", ">=") else 0
    distance = abs(bound - lower) + extra
    return -(-distance // abs(counted.step))

"""What the analysis says of a loop that nothing rules out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.assumptions import Assumption, AssumptionKind
from ipt.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.context import LoopContext
    from ipt.analysis.memory import MemoryResult
    from ipt.analysis.scalars import Roles

__all__ = ["add_information"]

_DECISION_CODES = {
    AssumptionKind.DISTINCT: "IPT201",
    AssumptionKind.ROWS: "IPT202",
    AssumptionKind.ROW_POINTERS: "IPT203",
    AssumptionKind.ROUNDING: "IPT204",
}


def add_information(
    context: LoopContext,
    roles: Roles,
    memory: MemoryResult,
    needed: Sequence[Assumption],
    accepted: frozenset[Assumption],
) -> None:
    """Say what was found, if nothing rules the loop out.

    Args:
        context: The loop; findings are added to it.
        roles: What happens to its variables.
        memory: What happens in memory.
        needed: What its being parallel rests on.
        accepted: What of that a person vouches for.
    """
    if any(each.severity is Severity.REFUSAL for each in context.findings):
        return
    _add_assumptions(context, needed, accepted)
    _add_combined(context, roles, memory)
    _add_copies(context, roles)
    if memory.shown_by_calls:
        names = tuple(sorted(memory.shown_by_calls))
        message = (
            f"all calls of {context.function.name} pass distinct memory "
            f"for {', '.join(names)}."
        )
        context.add("IPT105", message, context.span, names)


def _add_assumptions(
    context: LoopContext,
    needed: Sequence[Assumption],
    accepted: frozenset[Assumption],
) -> None:
    span = context.span
    for assumption in needed:
        if assumption in accepted and assumption.kind is not AssumptionKind.ROUNDING:
            message = f"taken as true, not proved: {assumption.text}."
            context.add("IPT109", message, span, assumption.names)
            continue
        lead = (
            "the order of a floating-point sum or product changes: "
            if assumption.kind is AssumptionKind.ROUNDING
            else "it cannot be proved that "
        )
        code = _DECISION_CODES[assumption.kind]
        context.add(code, lead + assumption.text + ".", span, assumption.names)
    if not needed or all(n.kind is AssumptionKind.ROUNDING for n in needed):
        context.add("IPT101", "proved parallel: no two iterations meet.", span)


def _add_combined(context: LoopContext, roles: Roles, memory: MemoryResult) -> None:
    span = context.span
    for reduction in roles.reductions:
        context.add(
            "IPT102",
            f"reduction on {reduction.name} ({reduction.op}).",
            span,
            (reduction.name,),
        )
    for update in memory.updates:
        way = (
            "one at a time" if update.is_atomic_better else "by copies for each thread"
        )
        context.add(
            "IPT111",
            f"all iterations accumulate into {update.name} ({update.op}), {way}.",
            update.statements[0].span,
            (update.name,),
        )


def _add_copies(context: LoopContext, roles: Roles) -> None:
    span = context.span
    if roles.private:
        listed = ", ".join(roles.private)
        context.add(
            "IPT103", f"private to each thread: {listed}.", span, tuple(roles.private)
        )
    if roles.firstprivate:
        listed = ", ".join(roles.firstprivate)
        message = f"each thread starts from a copy of its own: {listed}."
        context.add("IPT112", message, span, tuple(roles.firstprivate))
    for each in roles.linear:
        name, _, amount = each.rstrip("L").partition(":")
        message = f"{name} moves by {amount} in each iteration."
        context.add("IPT113", message, span, (name,))
    if roles.lastprivate:
        listed = ", ".join(roles.lastprivate)
        message = f"the last iteration's value is kept: {listed}."
        context.add("IPT104", message, span, tuple(roles.lastprivate))

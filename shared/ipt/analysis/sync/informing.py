"""What the verdict on a protected loop tells the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.assumptions import AssumptionKind
from ipt.analysis.protection import ProtectionKind
from ipt.analysis.sync.forms import atomic_kind
from ipt.analysis.sync.separation import first_iterations
from ipt.findings import Finding
from ipt.model import text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ipt.analysis.assumptions import Assumption
    from ipt.analysis.canonical import CountedLoop
    from ipt.analysis.protection import Protection
    from ipt.analysis.sync.order_record import OrderEffects

__all__ = ["assumption_findings", "order_refusals", "protection_findings"]


def assumption_findings(
    counted: CountedLoop,
    needed: Sequence[Assumption],
    accepted: Collection[Assumption],
) -> list[Finding]:
    """Return what must be assumed, and what a person has vouched for already.

    Args:
        counted: The loop.
        needed: What the proof rests on.
        accepted: What a person vouches for.
    """
    return [_assumed(counted, each, is_taken=each in accepted) for each in needed]


def _assumed(counted: CountedLoop, each: Assumption, *, is_taken: bool) -> Finding:
    if each.kind is AssumptionKind.ROUNDING:
        lead = "the order of a floating-point sum or product changes: "
        code = "IPT204"
    elif is_taken:
        lead, code = "taken as true, not proved: ", "IPT109"
    else:
        lead, code = "it cannot be proved that ", "IPT201"
        if each.kind is AssumptionKind.ORDER:
            first, second = first_iterations(counted)
            lead = f"{second} may come before {first}: {lead}"
            code = "IPT207"
    return Finding(code, f"{lead}{each.text}.", counted.loop.span.place, each.names)


def protection_findings(
    counted: CountedLoop, protections: Sequence[Protection]
) -> list[Finding]:
    """Return what each kind of protection does, and what would be faster."""
    place = counted.loop.span.place
    kinds = {each.kind for each in protections}
    found = []
    for kind in sorted(kinds, key=lambda each: each.value):
        lines = sorted(
            each.statements[0].span.line for each in protections if each.kind is kind
        )
        listed = ", ".join(str(line) for line in lines)
        how = (
            "in the order of the serial program"
            if kind is ProtectionKind.ORDERED
            else "one thread at a time"
        )
        message = f"{kind.value} in line {listed}: {how}, and that is enough."
        found.append(Finding("IPT119", message, place))
    if kinds == {ProtectionKind.CRITICAL} and _can_be_atomic(protections):
        message = "every critical piece has a form that atomic can do, and faster."
        found.append(Finding("IPT120", message, place))
    return found


def _can_be_atomic(protections: Sequence[Protection]) -> bool:
    return all(
        atomic_kind(statement) is not None
        for each in protections
        for statement in each.statements
    )


def order_refusals(counted: CountedLoop, order: OrderEffects) -> list[Finding]:
    """Return the updates whose result depends on which iteration comes first."""
    first, second = first_iterations(counted)
    return [
        Finding(
            "IPT332",
            f"{text_of(node)} (line {node.span.line}) computes {name} from itself "
            f"in a way that depends on the order: if {second} comes before "
            f"{first}, the result is another one.",
            node.span.place,
            (name,),
            "Make the piece ordered, or leave the loop serial.",
        )
        for node, name in order.wrong
    ]

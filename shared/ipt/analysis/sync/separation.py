"""Whether what is protected is touched under that protection only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.aliasing import may_share
from ipt.analysis.assumptions import Assumption, AssumptionKind
from ipt.analysis.canonical import constant_value
from ipt.analysis.effects import EffectKind, effects_of
from ipt.analysis.locations import BITS, UNION, Field
from ipt.analysis.lowering import Symbols
from ipt.analysis.sync.guarded import is_own, whole_of
from ipt.analysis.tracing import trace_loop, trace_statements
from ipt.analysis.writes import find_writes
from ipt.findings import Finding
from ipt.model import Evaluate, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ipt.analysis.aliasing import Aliasing
    from ipt.analysis.canonical import CountedLoop
    from ipt.analysis.locations import Access
    from ipt.analysis.sync.guarded import Group, Guarded
    from ipt.analysis.sync.residual import Residual
    from ipt.model import Function, Node, Program, Statement, Variable

__all__ = ["Separation", "first_iterations", "separate"]


@dataclass
class Separation:
    """What keeps protected and other statements apart; filled by `separate`."""

    findings: list[Finding] = field(default_factory=list)
    assumptions: set[Assumption] = field(default_factory=set)


def separate(
    program: Program,
    function: Function,
    counted: CountedLoop,
    guarded: Guarded,
    residual: tuple[Residual, CountedLoop],
    *,
    aliasing: Aliasing,
) -> Separation:
    """Compare what each protection guards with everything outside of it.

    Args:
        program: The program.
        function: The function of the loop.
        counted: The loop as it is.
        guarded: What its protections do.
        residual: The loop without the guarded objects.
        aliasing: Knows which blocks are distinct.

    Returns:
        A finding for each use outside, and what must be assumed.
    """
    comparison = _Comparison(program, function, counted, aliasing, guarded)
    outside = comparison.outside(*residual)
    for number, group in enumerate(guarded.groups):
        comparison.against(group, outside)
        for other in guarded.groups[number + 1 :]:
            comparison.pair(group, other)
    return comparison.result


def first_iterations(counted: CountedLoop) -> tuple[str, str]:
    """Return words for two iterations, the one that runs first in front."""
    lower = constant_value(counted.lower)
    name = counted.counter.name
    if lower is None or counted.step is None:
        return f"the first {name}", f"the next {name}"
    return f"{name} = {lower}", f"{name} = {lower + counted.step}"


class _Comparison:
    def __init__(
        self,
        program: Program,
        function: Function,
        counted: CountedLoop,
        aliasing: Aliasing,
        guarded: Guarded,
    ) -> None:
        self._roots: dict[object, set[Variable]] = defaultdict(set)
        for group in guarded.groups:
            self._roots[group.exclusion] |= {s.variable for s in group.written}
        self._program = program
        self._function = function
        self._counted = counted
        self._aliasing = aliasing
        self.result = Separation()

    def outside(self, residual: Residual, counted: CountedLoop) -> list[Access]:
        """Return the accesses of the residual loop, its header included."""
        writes = find_writes(counted.loop, residual.program)
        header: list[Statement] = [
            Evaluate(each.span, each)
            for each in (counted.lower, counted.bound, counted.step_value)
            if each is not None
        ]
        found = trace_loop(counted, residual.program, writes).accesses
        found += trace_statements(header, residual.program, writes, Symbols()).accesses
        return [each for each in found if self._is_visible(each)]

    def _is_visible(self, access: Access) -> bool:
        location = access.location
        if location is None or location.split[0].is_pointer:
            return True
        return not is_own(self._function, self._counted.loop, location.root)

    def _guards(self, group: Group) -> Iterator[Access]:
        """Yield the accesses that a protection must keep from others.

        What a called function does is compared as a whole; of the rest, what
        is only read stays in the residual loop.
        """
        for each in group.accesses:
            location = each.location
            if each.calls and self._is_visible(each):
                yield each
            elif location is None or each.calls:
                continue
            elif group.form is not None:
                if whole_of(location) in group.written:
                    yield each
            elif location.root in self._roots[group.exclusion]:
                yield each

    def against(self, group: Group, outside: Iterable[Access]) -> None:
        """Compare one protection with what is outside of all of them."""
        guards = [*self._guards(group)]
        for other in outside:
            for each in guards:
                if self._clash(each, other):
                    self._outside(group, each, other.node, "outside of it")
                    return

    def pair(self, group: Group, other: Group) -> None:
        """Compare two protections that do not exclude each other."""
        self._effects(group, other)
        is_atomic = group.protection.is_atomic and other.protection.is_atomic
        if group.exclusion == other.exclusion and not is_atomic:
            return
        for each in self._guards(group):
            for second in self._guards(other):
                same_type = each.ctype.spelling == second.ctype.spelling
                if is_atomic and same_type:
                    continue
                if self._clash(each, second):
                    where = f"under {other.protection.kind.value} of another kind"
                    if other.protection.kind is group.protection.kind:
                        where = "under another critical or as another type"
                    self._outside(group, each, second.node, where)
                    return

    def _effects(self, group: Group, other: Group) -> None:
        """Compare what calls of two protections print or keep as hidden state."""
        if group.exclusion == other.exclusion:
            return
        for one in effects_of(group.statements, self._program):
            for second in effects_of(other.statements, self._program):
                if one.clashes(second) and one.kind is not EffectKind.ANYTHING:
                    where = f"under {other.protection.kind.value} of another kind"
                    self._report(group, f"{one.call.name}()", second.call, where)
                    return

    def _outside(self, group: Group, access: Access, node: Node, where: str) -> None:
        self._report(group, text_of(access.node), node, where)

    def _report(self, group: Group, name: str, node: Node, where: str) -> None:
        first, second = first_iterations(self._counted)
        line = node.span.line
        kind = group.protection.kind.value
        message = (
            f"{kind} in line {group.line} protects {name}, but line {line} uses "
            f"{text_of(node)} {where}: while {first} is in line {group.line}, {second} "
            f"may be in line {line}."
        )
        way_out = "Protect all uses in the loop in the same way."
        found = Finding("IPT331", message, node.span.place, (name,), way_out)
        if found not in self.result.findings:
            self.result.findings.append(found)

    def _clash(self, one: Access, other: Access) -> bool:
        """Tell whether two accesses conflict; note what must be assumed if not."""
        if not (one.is_write or other.is_write):
            return False
        if one.location is None or other.location is None:
            return self._may_meet(one, other) and all(
                each.location is None or self._is_reachable(each)
                for each in (one, other)
            )
        left, right = one.location.split[0], other.location.split[0]
        if left == right:
            return not _are_apart(one, other)
        if not self._is_reachable(one) or not self._is_reachable(other):
            return False
        if not self._may_meet(one, other):
            return False
        loop = self._counted.loop
        if not self._aliasing.are_distinct(self._function, loop, left, right):
            names = tuple(sorted({left.display, right.display}))
            self.result.assumptions.add(Assumption(AssumptionKind.DISTINCT, names))
        return False

    def _is_reachable(self, access: Access) -> bool:
        location = access.location
        if location is None or not location.is_whole_variable:
            return True
        return self._program.is_reachable(location.root)

    def _may_meet(self, one: Access, other: Access) -> bool:
        steps: Sequence[object] = [
            step
            for each in (one, other)
            if each.location is not None
            for step in each.location.steps
        ]
        is_overlaid = UNION in steps or BITS in steps
        return is_overlaid or may_share(self._program, one.ctype, other.ctype)


def _are_apart(one: Access, other: Access) -> bool:
    """Tell whether two places of one block are different members."""
    assert one.location is not None  # noqa: S101 - the caller looked
    assert other.location is not None  # noqa: S101 - the caller looked
    for left, right in zip(one.location.steps, other.location.steps, strict=False):
        if isinstance(left, Field) and isinstance(right, Field) and left != right:
            return True
    return False

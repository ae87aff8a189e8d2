"""Whether iterations meet in arrays, structs and what pointers point to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.aliasing import may_share
from ipt.analysis.arrays.lengths import length_of
from ipt.analysis.arrays.private import temporary_role
from ipt.analysis.arrays.updates import element_updates
from ipt.analysis.assumptions import Assumption, AssumptionKind
from ipt.analysis.locations import BITS, UNION, Index
from ipt.analysis.verdict import Update
from ipt.analysis.wording import describe
from ipt.model import Kind, VarRef, walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ipt.analysis.aliasing import Aliasing
    from ipt.analysis.arrays.private import ArrayRole
    from ipt.analysis.arrays.updates import ElementUpdate
    from ipt.analysis.context import LoopContext
    from ipt.analysis.dependence import DependenceTester
    from ipt.analysis.locations import Access, Base, Location, Step

__all__ = ["MemoryResult", "compare_memory"]


@dataclass
class MemoryResult:
    """What must be assumed so that no two iterations meet in memory.

    Attributes:
        updates: Where they do meet, but only to accumulate.
        contended: Arrays of which all iterations update the same element.
        private: Arrays of which each thread gets its own, with the clause.
    """

    assumptions: set[Assumption] = field(default_factory=set)
    shown_by_calls: set[str] = field(default_factory=set)
    updates: list[Update] = field(default_factory=list)
    contended: list[str] = field(default_factory=list)
    private: dict[str, ArrayRole] = field(default_factory=dict)


def compare_memory(
    context: LoopContext, tester: DependenceTester, aliasing: Aliasing
) -> MemoryResult:
    """Compare every write of a loop with every access that it may meet.

    Args:
        context: The loop; findings are added to it.
        tester: Compares two accesses of one block.
        aliasing: Knows which blocks are distinct.

    Returns:
        The assumptions under which there is no conflict beyond the findings.

    Raises:
        TooComplex: isl did not finish.
    """
    comparison = _Comparison(context, tester, aliasing)
    comparison.run()
    return comparison.result


class _Comparison:
    def __init__(
        self, context: LoopContext, tester: DependenceTester, aliasing: Aliasing
    ) -> None:
        self._context = context
        self._tester = tester
        self._aliasing = aliasing
        self._forms = element_updates(context.counted.loop.body)
        self._met: dict[tuple[Base, str], list[ElementUpdate]] = {}
        self.result = MemoryResult()

    def run(self) -> None:
        """Compare all accesses."""
        blocks, unknown = self._sorted()
        written = [each for group in blocks.values() for each in group if each.is_write]
        self._unknown(unknown, written)
        self._indirect(blocks, written)
        for base, group in blocks.items():
            self._within(base, group)
        self._between(blocks)
        for (base, _), updates in self._met.items():
            self._add_update(base, blocks[base], updates)

    def _sorted(self) -> tuple[dict[Base, list[Access]], list[Access]]:
        """Return the accesses by block, without what each iteration owns."""
        blocks: dict[Base, list[Access]] = defaultdict(list)
        unknown: list[Access] = []
        seen: set[object] = set()
        for access in self._context.trace.every:
            location = access.location
            if location is None:
                unknown.append(access)
                continue
            base, _, _ = location.split
            if not base.is_pointer and self._context.is_declared_inside(location.root):
                continue
            if location.is_whole_variable and not self._matters(access, location):
                continue
            form = self._forms.get(access.node)
            key = (location, access.is_write, access.domain, form)
            if key not in seen:
                seen.add(key)
                blocks[base].append(access)
        return blocks, unknown

    def _matters(self, access: Access, location: Location) -> bool:
        """Tell whether a plain variable can be reached through a pointer too."""
        if access.is_write and access.calls:
            where = access.calls[0].line
            self._context.add(
                "IPT316",
                f"the call in line {where} changes {location.root.name}, "
                "which all iterations share.",
                access.node.span,
                (location.root.name,),
                "Return the value from the function, and use it in the loop.",
            )
        is_overlaid = UNION in location.steps
        return is_overlaid or self._context.program.is_reachable(location.root)

    def _unknown(self, unknown: list[Access], written: list[Access]) -> None:
        for access in unknown:
            clashing = access.is_write or any(
                self._may_meet(access, each) for each in written
            )
            if clashing:
                self._unfollowed(access)

    def _unfollowed(self, access: Access) -> None:
        named = {n.variable.name for n in walk(access.node) if isinstance(n, VarRef)}
        for finding in self._context.findings:
            if finding.code == "IPT303" and named.intersection(finding.variables):
                # That the pointer itself moves has been said.
                return
        text = self._context.text(access.node)
        verb = "written" if access.is_write else "read"
        self._context.add(
            "IPT314",
            f"{text} is {verb} through a pointer that cannot be followed.",
            access.node.span,
            (text,),
            "Use an array, or a pointer that is set once before the loop.",
        )

    def _indirect(
        self, blocks: dict[Base, list[Access]], written: list[Access]
    ) -> None:
        """Refuse pointers in memory if the loop may change such pointers."""
        changes = [each for each in written if each.ctype.kind is Kind.POINTER]
        for base, group in blocks.items():
            if base.is_plain:
                continue
            is_member_set = any(
                part in self._context.writes.fields for part in base.path
            )
            holders = _records(base)
            is_replaced = any(each.ctype.spelling in holders for each in written)
            if changes or is_member_set or is_replaced:
                self._unfollowed(group[0])

    def _within(self, base: Base, group: list[Access]) -> None:
        group = self._without_roles(group)
        needed: set[Assumption] = set()
        for number, first in enumerate(group):
            for second in group[number:]:
                if not (first.is_write or second.is_write):
                    continue
                if not self._may_meet(first, second):
                    continue
                meeting = self._tester.meet(first, second)
                if meeting.dependence is None:
                    needed |= meeting.assumptions
                elif self._only_accumulate(first, second):
                    forms = [self._forms[first.node], self._forms[second.node]]
                    self._met.setdefault((base, forms[0].op), []).extend(forms)
                elif self._is_private(base):
                    for key in [each for each in self._met if each[0] == base]:
                        del self._met[key]
                    return
                elif describe(self._context, meeting.dependence):
                    return
        self.result.assumptions |= needed

    def _is_private(self, base: Base) -> bool:
        """Tell whether a block is an array of which each thread can have its own.

        Adds the finding if it could but for something else.
        """
        variable = base.variable
        if base.path or variable.ctype.kind is not Kind.ARRAY:
            return False
        found = temporary_role(
            self._context, self._tester, self._tester.solver, variable
        )
        if found.role is not None:
            self.result.private[variable.name] = found.role
            return True
        if not found.reason:
            return False
        self._context.add(
            "IPT322",
            f"{variable.name} is filled anew in each iteration, but all iterations "
            f"share it: {found.reason}.",
            self._context.span,
            (variable.name,),
            found.way_out,
        )
        return True

    def _only_accumulate(self, first: Access, second: Access) -> bool:
        """Tell whether both accesses are updates whose order does not matter."""
        one, other = self._forms.get(first.node), self._forms.get(second.node)
        if one is None or other is None or first.calls or second.calls:
            return False
        steps = [*_steps(first), *_steps(second)]
        return (
            one.op == other.op
            and one.ctype.spelling == other.ctype.spelling
            and UNION not in steps
            and BITS not in steps
        )

    def _add_update(
        self, base: Base, group: list[Access], updates: list[ElementUpdate]
    ) -> None:
        statements = tuple(dict.fromkeys(each.statement for each in updates))
        first = updates[0]
        length = None
        # OpenMP has no reduction for quotients (5.2, section 5.5.5).
        has_reduction = first.op != "/"
        if (
            base.is_plain
            and has_reduction
            and all(
                self._forms.get(each.node) in updates
                for each in group
                if each.location and not each.location.is_whole_variable
            )
        ):
            context = self._context
            length = length_of(context.program, context.function, base.variable)
        can_be_atomic = all(each.can_be_atomic for each in updates)
        found = Update(
            base.variable.name,
            first.op,
            statements,
            "" if length is None else length.section,
            can_be_atomic=can_be_atomic,
            is_atomic_better=can_be_atomic and not (length and length.is_small),
        )
        if not can_be_atomic and length is None:
            self._refuse_update(found)
            return
        self.result.updates.append(found)
        own = [each for each in group if self._forms.get(each.node) in updates]
        if found.is_atomic_better and any(map(_is_steady, own)):
            self.result.contended.append(found.name)
        is_real = first.ctype.kind is Kind.FLOATING
        if is_real and first.op in ("+", "*", "/"):
            self.result.assumptions.add(
                Assumption(AssumptionKind.ROUNDING, (found.name,))
            )

    def _refuse_update(self, update: Update) -> None:
        statement = update.statements[0]
        self._context.add(
            "IPT315",
            f"different iterations may update the same element of {update.name}, "
            "in a form that cannot be atomic, and its length is not known.",
            statement.span,
            (update.name,),
            f"Write it as {update.name}[…] = {update.name}[…] + …, or declare "
            f"{update.name} in this function.",
        )

    def _without_roles(self, group: list[Access]) -> list[Access]:
        """Leave out plain variables: what happens to them, their roles say."""
        taken = self._context.program.address_taken
        has_elements = any(
            each.location and not each.location.is_whole_variable for each in group
        )
        return [
            each
            for each in group
            if each.location is None
            or not each.location.is_whole_variable
            or each.location.root.key in taken
            or (has_elements and UNION in each.location.steps)
        ]

    def _between(self, blocks: dict[Base, list[Access]]) -> None:
        bases = list(blocks)
        unproved: set[str] = set()
        for number, left in enumerate(bases):
            for right in bases[number + 1 :]:
                if not self._clash(blocks[left], blocks[right]):
                    continue
                if self._are_distinct(left, right):
                    continue
                unproved |= {left.display, right.display}
        if unproved:
            self.result.assumptions.add(
                Assumption(AssumptionKind.DISTINCT, tuple(sorted(unproved)))
            )

    def _clash(self, left: Iterable[Access], right: list[Access]) -> bool:
        return any(
            (one.is_write or other.is_write) and self._may_meet(one, other)
            for one in left
            for other in right
        )

    def _may_meet(self, left: Access, right: Access) -> bool:
        """Tell whether two accesses may name the same bytes."""
        is_overlaid = any(
            step in (UNION, BITS)
            for each in (left, right)
            if each.location
            for step in each.location.steps
        )
        return is_overlaid or may_share(self._context.program, left.ctype, right.ctype)

    def _are_distinct(self, left: Base, right: Base) -> bool:
        context = self._context
        function, loop = context.function, context.counted.loop
        if _is_constant(left) or _is_constant(right):
            return True
        if not self._aliasing.are_distinct(function, loop, left, right):
            return False
        if self._aliasing.is_from_calls(function, left, right):
            self.result.shown_by_calls |= {left.display, right.display}
        return True


def _steps(access: Access) -> tuple[Step, ...]:
    return () if access.location is None else access.location.steps


def _records(base: Base) -> set[str]:
    """Return the types of the structs that the pointer to a block may lie in."""
    ctype = base.variable.ctype.leaf
    inner = ctype.target.leaf if ctype.target is not None else ctype
    kinds = (Kind.RECORD, Kind.UNION)
    return {each.spelling for each in (ctype, inner) if each.kind in kinds}


def _is_constant(base: Base) -> bool:
    """Tell whether a block is defined const: no pointer may write it either."""
    ctype = base.variable.ctype
    return not base.path and (ctype.is_const or ctype.leaf.is_const)


def _is_steady(access: Access) -> bool:
    """Tell whether an access is to the same element in all iterations."""
    if access.location is None:
        return False
    indices = [each.value for each in access.location.steps if isinstance(each, Index)]
    return all(
        each is not None and each.symbols.isdisjoint(access.domain.symbols)
        for each in indices
    )

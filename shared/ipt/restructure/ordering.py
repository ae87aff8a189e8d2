"""Which accesses of a loop would change their order, and whether that matters.

Two accesses, one of them a write, must keep their order if they may name the
same memory: the fundamental theorem of dependence (Kennedy & Allen,
*Optimizing Compilers for Modern Architectures*, theorem 2.2).  isl decides
exactly; what is not known counts as the same memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.aliasing import may_share
from ipt.analysis.dependence import FIRST, SECOND, DependenceTester
from ipt.analysis.effects import EffectKind, effects_of
from ipt.analysis.facts import parameter_facts
from ipt.analysis.locations import BITS, UNION
from ipt.analysis.lowering import Lowering
from ipt.analysis.polynomials import Polynomial, compare, condition_symbols
from ipt.analysis.presburger import PointSet, TooComplex
from ipt.analysis.tracing import trace_loop
from ipt.model import Kind, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ipt.analysis import Analyzer
    from ipt.analysis.locations import Access, Base
    from ipt.analysis.polynomials import Condition
    from ipt.model import For, Node, Variable
    from ipt.restructure.study import Study
    from ipt.source import Span

__all__ = ["Ordering"]

_OPAQUE = ("IPT306", "IPT311", "IPT317", "IPT318", "IPT321")
_MOST_ACCESSES = 200
_RECORDS = (Kind.RECORD, Kind.UNION)


class Ordering:
    """Answers for the accesses of one loop; owns its trace."""

    def __init__(self, analyzer: Analyzer, study: Study) -> None:
        self._study = study
        self._aliasing = analyzer.aliasing
        self._solver = analyzer.solver
        counted = study.counted
        self.trace = trace_loop(counted, study.program, study.writes)
        self._tester = DependenceTester(
            self.trace,
            self._solver,
            parameter_facts(study.function, self.trace.names, study.program),
            step=counted.step,
            is_downward=counted.is_downward,
        )
        self._every = self.trace.every

    @property
    def is_followed(self) -> bool:
        """Whether everything that the loop does is known."""
        is_opaque = any(each.code in _OPAQUE for each in self.trace.obstacles)
        is_small = len(self._every) <= _MOST_ACCESSES
        if is_opaque or not is_small or self._moves_pointers:
            return False
        return EffectKind.ANYTHING not in self.effects([self._study.loop.body])

    @property
    def _moves_pointers(self) -> bool:
        """Whether a pointer in memory that the loop follows may be set in it."""
        writes = self._study.writes
        written = [each.ctype for each in self._every if each.is_write]
        written += writes.memory
        sets = any(each.kind in (Kind.POINTER, *_RECORDS) for each in written)
        for each in self._every:
            if each.location is None or each.location.split[0].is_plain:
                continue
            if sets or writes.fields.intersection(each.location.split[0].path):
                return True
        return False

    def within(self, spans: Collection[Span]) -> list[Access]:
        """Return the accesses that some statements of the body make."""
        return [
            each
            for each in self._every
            if any(span.contains(_place(each)) for span in spans)
        ]

    def effects(self, nodes: Iterable[Node]) -> set[EffectKind]:
        """Return which parts of the world beside memory some statements use."""
        return {each.kind for each in effects_of(nodes, self._study.program)}

    def symbol_of(self, loop: For) -> str | None:
        """Return the symbol of the counter of a loop in the body."""
        found = [name for name, each in self.trace.loops.items() if each.loop is loop]
        return found[0] if len(found) == 1 else None

    def clash(
        self,
        first: Sequence[Access],
        second: Sequence[Access],
        *orders: tuple[str, str],
        private: Collection[Variable] = (),
    ) -> tuple[Access, Access] | None:
        """Return two accesses of iterations in a certain order that may meet.

        Args:
            first: Accesses of one iteration.
            second: Accesses of another one.
            orders: Pairs of the symbol of a counter and how its value in the
                first iteration compares with that in the second; an access
                outside of that counter's loop is compared anyway.
            private: Variables whose values belong to one iteration.

        Returns:
            A pair that may name the same memory, None if there is none.
        """
        for one in _distinct(first):
            for other in _distinct(second):
                if not (one.is_write or other.is_write):
                    continue
                if self._is_own(one, private) or self._is_own(other, private):
                    continue
                if self._may_meet(one, other, orders):
                    return one, other
        return None

    def stays_carried(self, texts: Collection[str], *, is_last: bool) -> bool:
        """Tell whether iterations still meet if the first or last one is left out.

        Args:
            texts: How the program names what meets; only that memory is looked at.
            is_last: Whether the last iteration is left out, not the first.

        Returns:
            False where that is not known.
        """
        among = self._others(is_last=is_last)
        placed = [
            (each.location.split[0], each)
            for each in self._every
            if each.location is not None
        ]
        bases = {base for base, each in placed if text_of(each.node) in texts}
        looked_at = [each for base, each in placed if base in bases]
        if not among or len(looked_at) > _MOST_ACCESSES:
            return False
        try:
            return any(
                self._tester.surely_meet(one, other, among)
                for one in _distinct(looked_at)
                for other in _distinct(looked_at)
                if one.is_write and self._same_block(one, other)
            )
        except TooComplex:
            return False

    def _others(self, *, is_last: bool) -> list[Condition]:
        """Return what holds in all iterations but one; empty if not known."""
        counted = self._study.counted
        names = self.trace.names
        lowering = Lowering(
            lambda each: Polynomial.symbol(names.parameter(each)), names
        )
        end = lowering.value(counted.bound if is_last else counted.lower)
        if end is None or lowering.symbols or counted.step is None:
            return []
        known = {
            symbol
            for each in self._every
            for condition in each.domain.conditions
            for symbol in condition_symbols(condition)
        }
        if not end.symbols <= known:
            return []
        step = Polynomial.constant(counted.step if is_last else 0)
        op = {True: "<", False: ">"}[is_last != counted.is_downward]
        if is_last and counted.op in ("<=", ">="):
            op += "="
        counter = self.trace.counter
        return [
            compare(Polynomial.symbol(counter + side) + step, op, end)
            for side in (FIRST, SECOND)
        ]

    @staticmethod
    def _same_block(one: Access, other: Access) -> bool:
        if one.location is None or other.location is None:
            return False
        return one.location.split[0] == other.location.split[0]

    def _is_own(self, access: Access, private: Collection[Variable]) -> bool:
        """Tell whether each iteration has for itself what is accessed."""
        location = access.location
        if location is None or location.split[0].is_pointer:
            return False
        root = location.root
        if root in private:
            return True
        if root.is_shared_storage or root.offset < 0:
            return False
        loop, function = self._study.loop.span, self._study.function.span
        if loop.start <= root.offset < loop.end:
            return True
        # What a called function declares lives as long as the call.
        return bool(access.calls) and not function.start <= root.offset < function.end

    def _may_meet(
        self, one: Access, other: Access, orders: Sequence[tuple[str, str]]
    ) -> bool:
        if one.location is None or other.location is None:
            return self._may_reach(one) and self._may_reach(other)
        bases = one.location.split[0], other.location.split[0]
        if bases[0] != bases[1]:
            return self._may_overlap(one, other, bases)
        try:
            points = self._tester.meeting_points(one, other)
            if points is None:
                return False
            found = PointSet(
                points.dimensions,
                (*points.conditions, *_ordered(one, other, orders)),
            )
            return not self._solver.is_empty(found)
        except TooComplex:
            return True

    def _may_reach(self, access: Access) -> bool:
        """Tell whether a pointer may lead to what is accessed."""
        location = access.location
        if location is None or not location.is_whole_variable:
            return True
        return UNION in location.steps or self._study.program.is_reachable(
            location.root
        )

    def _may_overlap(
        self, one: Access, other: Access, bases: tuple[Base, Base]
    ) -> bool:
        if not (self._may_reach(one) and self._may_reach(other)):
            return False
        is_overlaid = any(
            step in (UNION, BITS)
            for each in (one, other)
            if each.location
            for step in each.location.steps
        )
        program = self._study.program
        if not is_overlaid and not may_share(program, one.ctype, other.ctype):
            return False
        return not self._aliasing.are_distinct(
            self._study.function, self._study.loop, *bases
        )


def _distinct(accesses: Sequence[Access]) -> Collection[Access]:
    """Return the accesses that differ in more than where they stand."""
    found: dict[object, Access] = {}
    for each in accesses:
        key = (each.location, each.is_write, each.domain, each.ctype, bool(each.calls))
        found.setdefault(key if each.location is not None else id(each), each)
    return found.values()


def _place(access: Access) -> Span:
    return access.calls[0] if access.calls else access.node.span


def _ordered(
    one: Access, other: Access, orders: Sequence[tuple[str, str]]
) -> list[Condition]:
    return [
        compare(
            Polynomial.symbol(symbol + FIRST), op, Polynomial.symbol(symbol + SECOND)
        )
        for symbol, op in orders
        if symbol in one.domain.symbols and symbol in other.domain.symbols
    ]

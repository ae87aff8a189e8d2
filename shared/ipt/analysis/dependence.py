"""Whether two accesses of one loop meet in different iterations.

isl decides exactly: the set of pairs of iterations in which both accesses
name the same element is empty, or it is not.  What is not affine is left out
of the description of the set, which makes it larger: then a conflict is only
possible, and the answer says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ipt.analysis.assumptions import Assumption, AssumptionKind
from ipt.analysis.delinearize import split_subscripts
from ipt.analysis.locations import Deref, Field, Index
from ipt.analysis.lowering import parameter_ranges
from ipt.analysis.polynomials import (
    Comparison,
    Polynomial,
    compare,
    condition_symbols,
    is_affine,
    negate,
    renamed,
)
from ipt.analysis.presburger import PointSet, TooComplex
from ipt.analysis.remedies import absent_when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.domains import Domain
    from ipt.analysis.locations import Access, Step
    from ipt.analysis.polynomials import Condition
    from ipt.analysis.presburger import Solver
    from ipt.analysis.tracing import Trace

__all__ = ["FIRST", "SECOND", "Dependence", "DependenceTester", "Meeting"]

FIRST, SECOND = "_a", "_b"
_DISTANCE = "distance"


@dataclass(frozen=True, slots=True)
class Dependence:
    """Two accesses that meet in different iterations.

    Attributes:
        earlier: The access in the iteration that runs first.
        later: The access in the other iteration.
        distance: How many steps of the counter lie between, if always the same.
        iterations: An example, the values of the counter.
        is_certain: Whether the program is known to do it, given iterations
            enough; otherwise it could not be ruled out.
        is_understood: Whether both subscripts were understood.
        absent_when: A condition on sizes under which it would not be there.
    """

    earlier: Access
    later: Access
    distance: int | None
    iterations: tuple[int, int] | None
    is_certain: bool
    is_understood: bool
    absent_when: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The answer for two accesses: a dependence, or what must be assumed."""

    dependence: Dependence | None = None
    assumptions: frozenset[Assumption] = frozenset()


@dataclass(frozen=True, slots=True)
class _Equality:
    """When two places are the same, as conditions on renamed symbols."""

    conditions: tuple[Condition, ...]
    is_exact: bool
    assumptions: frozenset[Assumption] = frozenset()


class DependenceTester:
    """Compares accesses of one traced loop.

    Attributes:
        facts: What is known of values that do not change.
        solver: Answers questions about sets.
    """

    def __init__(
        self,
        trace: Trace,
        solver: Solver,
        facts: Sequence[Condition],
        *,
        step: int | None,
        is_downward: bool,
    ) -> None:
        self._trace = trace
        self.solver = solver
        self.facts = tuple(facts)
        self._step = step
        self._is_downward = is_downward

    def meet(self, first: Access, second: Access) -> Meeting:
        """Compare two accesses to one block, at least one of them a write.

        Raises:
            TooComplex: isl did not finish.
        """
        equality = self._same_place(first, second)
        if equality is None:
            return Meeting()
        points = self._pairs(first, second, equality)
        for earlier, later, one, other in (
            (first, second, FIRST, SECOND),
            (second, first, SECOND, FIRST),
        ):
            ordered = self._ordered(points, one, other)
            if not self.solver.is_empty(ordered):
                exact = (
                    equality.is_exact
                    and first.domain.is_exact
                    and second.domain.is_exact
                )
                found = Dependence(
                    earlier,
                    later,
                    self._distance(ordered, one, other),
                    self._example(ordered, one, other),
                    exact,
                    equality.is_exact,
                    self._absent_when(first, second, points, equality),
                )
                return Meeting(found)
        return Meeting(assumptions=equality.assumptions)

    def _absent_when(
        self, first: Access, second: Access, points: PointSet, equality: _Equality
    ) -> str:
        """Return for which sizes there would be no dependence."""
        if not equality.is_exact:
            return ""
        orders = ((FIRST, SECOND), (SECOND, FIRST))
        meeting = [self._ordered(points, one, other) for one, other in orders]
        apart = self._pairs(first, second, _Equality((), is_exact=True))
        running = self._ordered(apart, FIRST, SECOND)
        return absent_when(self.solver, meeting, running, self._trace.names)

    def meeting_points(self, first: Access, second: Access) -> PointSet | None:
        """Return the pairs of iterations in which two accesses name one element.

        The coordinates are the symbols of both domains, with `FIRST` and
        `SECOND` behind their names.

        Returns:
            The set, too large where something is not affine; None if they
            never name one element.
        """
        equality = self._same_place(first, second)
        if equality is None:
            return None
        if equality.assumptions:
            equality = _Equality((), is_exact=False)
        return self._pairs(first, second, equality)

    def surely_meet(
        self, first: Access, second: Access, among: Sequence[Condition]
    ) -> bool:
        """Tell whether two accesses name one element in different iterations.

        Args:
            first: An access.
            second: Another one, or the same.
            among: What holds in the iterations that are looked at, on the symbols
                of both domains, with `FIRST` and `SECOND` behind their names.

        Returns:
            False where that is not known.

        Raises:
            TooComplex: isl did not finish.
        """
        equality = self._same_place(first, second)
        if equality is None or equality.assumptions:
            return False
        exact = (equality.is_exact, first.domain.is_exact, second.domain.is_exact)
        if not all(exact):
            return False
        points = self._pairs(first, second, equality)
        points = replace(points, conditions=(*points.conditions, *among))
        return any(
            not self.solver.is_empty(self._ordered(points, one, other))
            for one, other in ((FIRST, SECOND), (SECOND, FIRST))
        )

    def runs_always(self, domain: Domain) -> bool:
        """Tell whether a loop with this domain runs at least once, provably.

        What is known of values around the loop counts: in `for (i = n; i > 0; i--)`
        a loop `for (j = 0; j < n; j++)` does.
        """
        if not domain.is_exact or not all(map(is_affine, domain.conditions)):
            return False
        inside = PointSet(domain.symbols, domain.conditions)
        try:
            return self.solver.covers(PointSet((), self.facts), [inside], ())
        except TooComplex:
            return False

    def _same_place(self, first: Access, second: Access) -> _Equality | None:
        """Return when both name the same element, None if they never do."""
        assert first.location is not None  # noqa: S101 - callers group by block
        assert second.location is not None  # noqa: S101 - callers group by block
        conditions: list[Condition] = []
        assumptions: set[Assumption] = set()
        exact = True
        base, prefix, _ = first.location.split
        _, other_prefix, _ = second.location.split
        if not _is_one_pointer(prefix, other_prefix, first.domain, second.domain):
            assumptions.add(Assumption(AssumptionKind.ROW_POINTERS, (base.display,)))
        for left, right in zip(
            first.location.steps, second.location.steps, strict=False
        ):
            if isinstance(left, Field) and isinstance(right, Field):
                if left != right:
                    return None
            elif isinstance(left, Index) and isinstance(right, Index):
                equality = self._same_index(first, second, left, right)
                conditions += equality.conditions
                assumptions |= equality.assumptions
                exact = exact and equality.is_exact
            elif not (isinstance(left, Deref) and isinstance(right, Deref)):
                exact = False
                break
        return _Equality(tuple(conditions), exact, frozenset(assumptions))

    def _same_index(
        self, first: Access, second: Access, left: Step, right: Step
    ) -> _Equality:
        assert isinstance(left, Index)  # noqa: S101 - for the type checker
        assert isinstance(right, Index)  # noqa: S101 - for the type checker
        if left.value is None or right.value is None:
            return _Equality((), is_exact=False)
        one = left.value.renamed(_suffixed(first.domain, FIRST))
        other = right.value.renamed(_suffixed(second.domain, SECOND))
        if (one - other).is_affine:
            return _Equality((Comparison(one - other, "="),), is_exact=True)
        return self._same_row_and_column(first, second, one, other)

    def _same_row_and_column(
        self, first: Access, second: Access, one: Polynomial, other: Polynomial
    ) -> _Equality:
        first_names = _suffixed(first.domain, FIRST)
        second_names = _suffixed(second.domain, SECOND)
        varying = frozenset(first_names.values()) | frozenset(second_names.values())
        split = split_subscripts(one, other, varying)
        if split is None:
            return _Equality((), is_exact=False)
        equal = tuple(Comparison(a - b, "=") for a, b in split.pairs)
        assumptions = set()
        sides = ((first, first_names), (second, second_names))
        for (access, names), within in zip(sides, split.within, strict=True):
            for condition, width in zip(within, split.widths, strict=True):
                if not self._holds(access.domain, names, condition):
                    assumptions.add(self._row_assumption(access, width))
        return _Equality(equal, is_exact=True, assumptions=frozenset(assumptions))

    def _row_assumption(self, access: Access, width: tuple[str, ...]) -> Assumption:
        assert access.location is not None  # noqa: S101 - for the type checker
        base, _, _ = access.location.split
        shown = "*".join(self._trace.names.display(name) for name in width)
        return Assumption(AssumptionKind.ROWS, (base.display,), shown)

    def _holds(
        self, domain: Domain, names: dict[str, str], condition: Condition | None
    ) -> bool:
        if condition is None:
            return False
        conditions = self._closed((*_renamed_domain(domain, names), negate(condition)))
        return self.solver.is_empty(PointSet(tuple(names.values()), conditions))

    def _closed(self, conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
        """Add what is known of the parameters."""
        used = {name for each in conditions for name in condition_symbols(each)}
        found = conditions + self.facts
        if any(name.startswith("wrapped__") for name in used):
            names = {name: None for each in found for name in condition_symbols(each)}
            found += tuple(parameter_ranges(self._trace.names, names))
        return found

    def _pairs(self, first: Access, second: Access, equality: _Equality) -> PointSet:
        first_names = _suffixed(first.domain, FIRST)
        second_names = _suffixed(second.domain, SECOND)
        conditions = (
            *_renamed_domain(first.domain, first_names),
            *_renamed_domain(second.domain, second_names),
            *equality.conditions,
        )
        dimensions = (*first_names.values(), *second_names.values())
        return PointSet(dimensions, self._closed(conditions))

    def _ordered(self, points: PointSet, earlier: str, later: str) -> PointSet:
        before = Polynomial.symbol(self._trace.counter + earlier)
        after = Polynomial.symbol(self._trace.counter + later)
        op = ">" if self._is_downward else "<"
        return replace(
            points, conditions=(*points.conditions, compare(before, op, after))
        )

    def _distance(self, points: PointSet, earlier: str, later: str) -> int | None:
        if self._step is None:
            return None
        before = Polynomial.symbol(self._trace.counter + earlier)
        after = Polynomial.symbol(self._trace.counter + later)
        value = Polynomial.symbol(_DISTANCE)
        extended = PointSet(
            (*points.dimensions, _DISTANCE),
            (*points.conditions, compare(value, "==", after - before)),
        )
        found = self.solver.constant(extended, _DISTANCE)
        return None if found is None else abs(found) // abs(self._step)

    def _example(
        self, points: PointSet, earlier: str, later: str
    ) -> tuple[int, int] | None:
        every = {name for each in points.conditions for name in condition_symbols(each)}
        small = sorted(
            name for name in every if not name.startswith(("wrapped", "turn"))
        )
        values = self.solver.sample(points, small)
        before = values.get(self._trace.counter + earlier)
        after = values.get(self._trace.counter + later)
        return None if before is None or after is None else (before, after)


def _suffixed(domain: Domain, suffix: str) -> dict[str, str]:
    return {name: name + suffix for name in domain.symbols}


def _renamed_domain(domain: Domain, names: dict[str, str]) -> tuple[Condition, ...]:
    return tuple(renamed(each, names) for each in domain.conditions)


def _is_one_pointer(
    left: tuple[Step, ...], right: tuple[Step, ...], first: Domain, second: Domain
) -> bool:
    """Tell whether two accesses use one pointer, the same in all iterations."""
    for one, other in zip(left, right, strict=True):
        if not isinstance(one, Index) or not isinstance(other, Index):
            continue
        if one.value is None or one != other:
            return False
        if one.value.symbols & {*first.symbols, *second.symbols}:
            return False
    return True

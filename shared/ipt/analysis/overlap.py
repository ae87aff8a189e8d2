"""Whether two accesses name the same memory while both sides run.

The loop analysis asks about two iterations of one loop, one of which runs
first; here the two accesses stand in no order.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ipt.analysis.dependence import FIRST, SECOND, DependenceTester
from ipt.analysis.polynomials import Polynomial, compare
from ipt.model import For, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.assumptions import Assumption
    from ipt.analysis.locations import Access
    from ipt.analysis.polynomials import Condition
    from ipt.analysis.presburger import Solver
    from ipt.analysis.tracing import Trace
    from ipt.model import Statement

__all__ = ["Coincidence", "Overlap"]


@dataclass(frozen=True, slots=True)
class Coincidence:
    """Whether two accesses may name the same memory.

    Attributes:
        is_possible: Whether it could not be ruled out.
        is_certain: Whether the program is known to do it.
        assumptions: What must hold so that it is impossible.
    """

    is_possible: bool
    is_certain: bool = False
    assumptions: set[Assumption] = field(default_factory=set)


class Overlap(DependenceTester):
    """Compares accesses of two sides whose traces share their symbols."""

    def __init__(
        self, trace: Trace, solver: Solver, facts: Sequence[Condition]
    ) -> None:
        super().__init__(trace, solver, facts, step=None, is_downward=False)
        self._headers: set[int] = set()
        self._is_paired = False

    def pair_iterations(self, left: Statement, right: Statement) -> None:
        """Take as known that equal iterations of two loops never run at once.

        What their headers compute belongs to no iteration.
        """
        self._is_paired = True
        for loop in (left, right):
            assert isinstance(loop, For)  # noqa: S101 - the caller compared headers
            for part in (loop.init, loop.condition, loop.step):
                if part is not None:
                    self._headers |= {id(each) for each in walk(part)}

    def coincide(self, first: Access, second: Access) -> Coincidence:
        """Compare an access of the left side with one of the right side.

        Raises:
            TooComplex: isl did not finish.
        """
        equality = self._same_place(first, second)
        if equality is None:
            return Coincidence(is_possible=False)
        points = self._pairs(first, second, equality)
        apart = self._apart(first, second)
        points = replace(points, conditions=(*points.conditions, *apart))
        if self.solver.is_empty(points):
            return Coincidence(is_possible=False, assumptions=set(equality.assumptions))
        is_exact = first.domain.is_exact and second.domain.is_exact
        return Coincidence(is_possible=True, is_certain=equality.is_exact and is_exact)

    def _apart(self, first: Access, second: Access) -> tuple[Condition, ...]:
        sides = (first, second)
        if not self._is_paired or any(
            not each.domain.symbols or id(each.node) in self._headers for each in sides
        ):
            return ()
        one, other = (
            Polynomial.symbol(each.domain.symbols[0] + suffix)
            for each, suffix in zip(sides, (FIRST, SECOND), strict=True)
        )
        return (compare(one, "!=", other),)

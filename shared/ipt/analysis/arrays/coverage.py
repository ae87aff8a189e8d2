"""Whether the elements that are read have been written in the same iteration.

For every read the set of its instances and elements is compared with what
the writes before it cover: exactly, by isl (Feautrier, *Dataflow Analysis of
Array and Scalar References*, 1991).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.locations import Field, Index
from ipt.analysis.polynomials import (
    AllOf,
    AnyOf,
    Comparison,
    Polynomial,
    compare,
    condition_text,
    renamed,
)
from ipt.analysis.presburger import PointSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.expression_tracing import Trace
    from ipt.analysis.locations import Access, Step
    from ipt.analysis.polynomials import Condition
    from ipt.analysis.presburger import Solver
    from ipt.model import CType, Variable

__all__ = ["Coverage"]

_READ, _WRITE = "_r", "_w"
_MOST = 60
_ALWAYS = Comparison(Polynomial.constant(0), ">=")


@dataclass
class Coverage:
    """The accesses of one trace to one array.

    Attributes:
        facts: What is known of parameters.
    """

    trace: Trace
    variable: Variable
    solver: Solver
    facts: Sequence[Condition] = ()

    def __post_init__(self) -> None:
        self._own = [
            (number, each)
            for number, each in enumerate(self.trace.every)
            if each.location is not None
            and each.location.root == self.variable
            and not each.location.split[0].is_pointer
        ]
        self._writes = [(n, a) for n, a in self._own if a.is_write]

    @property
    def reads(self) -> list[Access]:
        """All accesses that read."""
        return [each for _, each in self._own if not each.is_write]

    @property
    def writes(self) -> list[Access]:
        """All accesses that write."""
        return [each for _, each in self._own if each.is_write]

    @property
    def is_too_large(self) -> bool:
        """Whether there are more accesses than can be compared."""
        return len(self._own) > _MOST

    def exposed(self) -> bool:
        """Tell whether something is read that the iteration has not written before.

        Raises:
            TooComplex: isl did not finish.
        """
        return any(
            not self.solver.covers(*self._compared(number, read))
            for number, read in self._own
            if not read.is_write
        )

    def exposes_written(self) -> bool:
        """Tell whether such a read may meet what some iteration writes.

        Raises:
            TooComplex: isl did not finish.
        """
        return any(
            self.solver.rest_meets(
                *self._compared(number, read),
                self._written_elements(read),
                len(_indices(read)),
            )
            for number, read in self._own
            if not read.is_write
        )

    def _compared(
        self, number: int, read: Access
    ) -> tuple[PointSet, list[PointSet], tuple[str, ...]]:
        """Return the instances of a read, those after writes, and the coordinates."""
        parts = [
            part
            for order, write in self._writes
            if (part := self._before(order, write, number, read)) is not None
        ]
        return self._instances(read), parts, self._keep(read)

    def _keep(self, read: Access) -> tuple[str, ...]:
        elements = (f"e{n}" for n in range(len(_indices(read))))
        return (*(name + _READ for name in read.domain.symbols), *elements)

    def _written_elements(self, read: Access) -> list[PointSet]:
        """Return what writes of any iteration write, in the shape of a read.

        What is not understood counts as all elements.
        """
        found = []
        elements = [f"e{n}" for n in range(len(_indices(read)))]
        for write in self.writes:
            names = {name: name + _WRITE for name in write.domain.symbols}
            conditions = [renamed(each, names) for each in write.domain.conditions]
            if _shape(write) == _shape(read):
                for element, index in zip(elements, _indices(write), strict=True):
                    if index is not None and index.is_affine:
                        here = Polynomial.symbol(element)
                        conditions.append(compare(here, "==", index.renamed(names)))
            found.append(PointSet((*elements, *names.values()), tuple(conditions)))
        return found

    def writes_all(self) -> bool:
        """Tell whether every iteration writes all elements of the array.

        Raises:
            TooComplex: isl did not finish.
        """
        extents = _extents(self.variable.ctype)
        if extents is None:
            return False
        elements = [f"e{n}" for n in range(len(extents))]
        outer = {name: name + _READ for name in self.trace.domain.symbols}
        whole = [renamed(each, outer) for each in self.trace.domain.conditions]
        whole += _within(elements, extents)
        keep = (*outer.values(), *elements)
        parts = []
        for _, write in self._writes:
            part = None
            if self.trace.domain.implies(write.domain):
                part = self._part(write, elements)
            if part is not None and len(_indices(write)) == len(extents):
                same = self._same_iteration(outer)
                parts.append(
                    PointSet((*keep, *part.dimensions), (*part.conditions, *same))
                )
        return self.solver.covers(PointSet(keep, (*whole, *self.facts)), parts, keep)

    def _instances(self, read: Access) -> PointSet:
        """Return the instances of a read with the elements it may read."""
        names = {name: name + _READ for name in read.domain.symbols}
        conditions = [renamed(each, names) for each in read.domain.conditions]
        conditions += self.facts
        extents = _extents(self.variable.ctype)
        for number, index in enumerate(_indices(read)):
            here = Polynomial.symbol(f"e{number}")
            if index is not None and index.is_affine:
                conditions.append(compare(here, "==", index.renamed(names)))
            elif extents is not None and number < len(extents):
                conditions += _within([f"e{number}"], extents[number : number + 1])
        return PointSet(self._keep(read), tuple(conditions))

    def _before(
        self, order: int, write: Access, number: int, read: Access
    ) -> PointSet | None:
        """Return the instances of a read that a write comes before."""
        if _shape(write) != _shape(read) or not read.domain.implies(write.domain):
            return None
        elements = [f"e{n}" for n in range(len(_indices(read)))]
        part = self._part(write, elements)
        if part is None:
            return None
        names = {name: name + _READ for name in read.domain.symbols}
        earlier = self._earlier(write, read, is_above=order < number)
        if earlier is None:
            return None
        conditions = (*part.conditions, *self._same_iteration(names), earlier)
        return PointSet((*self._keep(read), *part.dimensions), conditions)

    def _part(self, write: Access, elements: Sequence[str]) -> PointSet | None:
        """Return the instances of a write with the elements it writes."""
        names = {name: name + _WRITE for name in write.domain.symbols}
        conditions = [renamed(each, names) for each in write.domain.conditions]
        for element, index in zip(elements, _indices(write), strict=False):
            if index is None or not index.is_affine:
                return None
            conditions.append(
                compare(Polynomial.symbol(element), "==", index.renamed(names))
            )
        if any(condition_text(each, {}) is None for each in conditions):
            return None
        return PointSet(tuple(names.values()), tuple(conditions))

    def _same_iteration(self, names: dict[str, str]) -> tuple[Condition, ...]:
        """Return that the counter of the traced loop is the same."""
        counter = self.trace.counter
        if not counter or counter not in names:
            return ()
        one = Polynomial.symbol(counter + _WRITE)
        return (compare(one, "==", Polynomial.symbol(names[counter])),)

    def _earlier(
        self, write: Access, read: Access, *, is_above: bool
    ) -> Condition | None:
        """Return when a write comes first, in one iteration of the traced loop."""
        loops = self.trace.loops
        common = [
            name
            for name in write.domain.symbols
            if name in loops
            and name != self.trace.counter
            and name in read.domain.symbols
        ]
        options: list[Condition] = []
        same: tuple[Condition, ...] = ()
        for name in common:
            one, other = (
                Polynomial.symbol(name + _WRITE),
                Polynomial.symbol(name + _READ),
            )
            op = ">" if loops[name].is_downward else "<"
            if not write.domain.unknown - self.trace.domain.unknown:
                options.append(AllOf((*same, compare(one, op, other))))
            same = (*same, compare(one, "==", other))
        if is_above:
            options.append(AllOf(same) if same else _ALWAYS)
        return AnyOf(tuple(options)) if options else None


def _indices(access: Access) -> list[Polynomial | None]:
    steps: tuple[Step, ...] = () if access.location is None else access.location.steps
    return [each.value for each in steps if isinstance(each, Index)]


def _shape(access: Access) -> tuple[object, ...]:
    steps: tuple[Step, ...] = () if access.location is None else access.location.steps
    return tuple(each if isinstance(each, Field) else type(each) for each in steps)


def _extents(ctype: CType) -> list[int] | None:
    """Return the extents of an array of numbers, None if one is not constant."""
    found = []
    inner: CType | None = ctype
    while inner is not None and inner.target is not None and inner.extent is not None:
        found.append(inner.extent)
        inner = inner.target
    is_number = inner is not None and inner.is_arithmetic
    return found if found and is_number else None


def _within(elements: Sequence[str], extents: Sequence[int]) -> list[Condition]:
    found: list[Condition] = []
    for element, extent in zip(elements, extents, strict=True):
        here = Polynomial.symbol(element)
        found.append(compare(here, ">=", Polynomial.constant(0)))
        found.append(compare(here, "<", Polynomial.constant(extent)))
    return found

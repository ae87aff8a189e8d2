"""Whether each iteration writes what it reads of an array.

Then the array holds nothing that lives longer than an iteration, and every
iteration can have one of its own (Kennedy & Allen, section 5.4, "Scalar and
Array Renaming", and Tu & Padua, *Automatic array privatization*, LCPC 1993).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.locations import Index
from ipt.analysis.polynomials import (
    Comparison,
    Polynomial,
    compare,
    condition_symbols,
    condition_text,
    renamed,
)
from ipt.analysis.presburger import PointSet, TooComplex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ipt.analysis.locations import Access
    from ipt.analysis.polynomials import Condition
    from ipt.analysis.presburger import Solver
    from ipt.model import CType, Variable
    from ipt.restructure.ordering import Ordering

__all__ = ["is_written_first"]

_ELEMENT = "element"
_WRITER = "_w"


@dataclass(frozen=True, slots=True)
class _Uncovered(PointSet):
    """Points for which none of some sets of writes has a member.

    Attributes:
        writes: For each write its own coordinates and what ties it to a point.
    """

    writes: tuple[tuple[tuple[str, ...], tuple[Condition, ...]], ...] = ()

    def text(self, extra: Iterable[str] = ()) -> str:
        """Return the set as isl writes it."""
        every = set().union(*map(condition_symbols, self.conditions))
        own = set(self.dimensions)
        parts = [condition_text(each, {}) for each in self.conditions]
        for names, conditions in self.writes:
            every |= set().union(*map(condition_symbols, conditions)) - set(names)
            body = " and ".join(str(condition_text(each, {})) for each in conditions)
            bound = f"exists {', '.join(names)} : {body}" if names else body
            parts.append(f"not ({bound})")
        body = " and ".join([*(each for each in parts if each), *extra]) or "true"
        parameters = ", ".join(sorted(every - own))
        return f"[{parameters}] -> {{ [{', '.join(self.dimensions)}] : {body} }}"


def is_written_first(ordering: Ordering, solver: Solver, variable: Variable) -> bool:
    """Tell whether every read of an array is of what the same iteration wrote.

    Args:
        ordering: The accesses of the loop, in order of evaluation.
        solver: Decides.
        variable: A local array that no pointer leads to.
    """
    extents = _extents(variable.ctype)
    accesses = [
        each
        for each in ordering.trace.every
        if each.location is not None and each.location.root == variable
    ]
    if not extents or not all(_is_element(each, len(extents)) for each in accesses):
        return False
    try:
        return all(
            solver.is_empty(_uncovered(ordering, accesses, number, extents))
            for number, each in enumerate(accesses)
            if not each.is_write
        )
    except TooComplex:
        return False


def _extents(ctype: CType) -> list[int]:
    """Return the sizes of an array of numbers, none if one is not constant."""
    found: list[int] = []
    while ctype.target is not None and ctype.extent is not None:
        found.append(ctype.extent)
        ctype = ctype.target
    return found if ctype.is_arithmetic else []


def _is_element(access: Access, count: int) -> bool:
    steps = () if access.location is None else access.location.steps
    return len(steps) == count and all(isinstance(each, Index) for each in steps)


def _indices(access: Access) -> Iterator[Polynomial | None]:
    assert access.location is not None  # noqa: S101 - only elements are looked at
    for step in access.location.steps:
        assert isinstance(step, Index)  # noqa: S101 - only elements are looked at
        yield step.value


def _uncovered(
    ordering: Ordering, accesses: Sequence[Access], number: int, extents: list[int]
) -> _Uncovered:
    """Return the elements that a read may find unwritten in its iteration."""
    read = accesses[number]
    names = [f"{_ELEMENT}{position}" for position in range(len(extents))]
    conditions = list(read.domain.conditions)
    for name, value, extent in zip(names, _indices(read), extents, strict=True):
        element = Polynomial.symbol(name)
        conditions.append(compare(element, ">=", Polynomial.constant(0)))
        conditions.append(compare(element, "<", Polynomial.constant(extent)))
        if value is not None and value.is_affine:
            conditions.append(compare(element, "==", value))
    writes = [
        found
        for position, each in enumerate(accesses)
        if each.is_write and _is_certain(each)
        for found in _earlier(ordering, each, read, names, is_before=position < number)
    ]
    return _Uncovered((*read.domain.symbols, *names), tuple(conditions), tuple(writes))


def _is_certain(write: Access) -> bool:
    """Tell whether all that narrows a write is known, so that the rest happens."""
    values = list(_indices(write))
    return write.domain.is_exact and (
        all(value is not None and value.is_affine for value in values)
        and all(map(_is_affine, write.domain.conditions))
    )


def _is_affine(condition: Condition) -> bool:
    if isinstance(condition, Comparison):
        return condition.polynomial.is_affine
    return all(map(_is_affine, condition.parts))


def _earlier(
    ordering: Ordering,
    write: Access,
    read: Access,
    names: Sequence[str],
    *,
    is_before: bool,
) -> Iterator[tuple[tuple[str, ...], tuple[Condition, ...]]]:
    """Yield when a write runs before a read of the same iteration.

    In the same iteration of all loops around both, if it stands before the
    read; or in an earlier iteration of one of the inner loops.
    """
    loops = ordering.trace.loops
    own = set(read.domain.symbols)
    common = [each for each in write.domain.symbols if each in own and each in loops]
    if is_before:
        yield _tied(write, names, common, ())
    for position, symbol in enumerate(common):
        if symbol == ordering.trace.counter:
            continue
        value = Polynomial.symbol(symbol)
        op = ">" if loops[symbol].is_downward else "<"
        order = compare(Polynomial.symbol(symbol + _WRITER), op, value)
        yield _tied(write, names, common[:position], (order,))


def _tied(
    write: Access,
    names: Sequence[str],
    same: Sequence[str],
    extra: tuple[Condition, ...],
) -> tuple[tuple[str, ...], tuple[Condition, ...]]:
    fresh: Mapping[str, str] = {
        each: each + _WRITER for each in write.domain.symbols if each not in same
    }
    conditions = [renamed(each, fresh) for each in write.domain.conditions]
    for name, value in zip(names, _indices(write), strict=True):
        assert value is not None  # noqa: S101 - _is_certain has looked
        conditions.append(compare(Polynomial.symbol(name), "==", value.renamed(fresh)))
    return tuple(fresh.values()), (*conditions, *extra)

"""Splits a flat subscript into rows and columns.

`a[i*n + j]` has a product of two unknowns, which isl cannot handle.
If `0 <= j < n` holds, it is the same as `a[i][j]`, which isl can.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING

from ipt.analysis.polynomials import AllOf, Monomial, Polynomial, compare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ipt.analysis.polynomials import Condition

__all__ = ["Split", "split_subscripts"]


@dataclass(frozen=True, slots=True)
class Split:
    """Two flat subscripts as lists of subscripts.

    Attributes:
        pairs: The subscripts of both, from the widest stride down.
        within: Per side, what must hold for the split to be right; None
            stands for something that isl cannot decide.
        widths: The lengths of the rows, as products of symbols.
    """

    pairs: tuple[tuple[Polynomial, Polynomial], ...]
    within: tuple[tuple[Condition | None, ...], tuple[Condition | None, ...]]
    widths: tuple[Monomial, ...]


def split_subscripts(
    left: Polynomial, right: Polynomial, varying: frozenset[str]
) -> Split | None:
    """Split two subscripts of one array in the same way.

    Args:
        left: The first subscript.
        right: The second subscript.
        varying: The symbols that change during the loop, on both sides.

    Returns:
        The split, None if there is no common one.
    """
    common = _common(left, right, varying)
    left, right = left - common, right - common
    for strides in _stride_candidates((left, right), varying):
        first, second = _parts(left, strides), _parts(right, strides)
        if first is not None and second is not None:
            return _split(strides, first, second)
    return None


def _common(left: Polynomial, right: Polynomial, varying: frozenset[str]) -> Polynomial:
    """Return the products that both have, and that stay the same in the loop.

    In a loop over `j`, `i*n*n` of `(i*n + j)*n + k` is where a plane begins.
    """
    shared = set(left.terms) & set(right.terms)
    return Polynomial.from_terms(
        {
            monomial: factor
            for monomial, factor in shared
            if len(monomial) > 1 and varying.isdisjoint(monomial)
        }
    )


def _split(
    strides: list[Monomial],
    first: dict[Monomial, Polynomial],
    second: dict[Monomial, Polynomial],
) -> Split:
    pairs: list[tuple[Polynomial, Polynomial]] = []
    within: tuple[list[Condition | None], list[Condition | None]] = ([], [])
    widths: list[Monomial] = []
    width: Polynomial | None = None
    for position, stride in enumerate(strides):
        pair = (first[stride], second[stride])
        if position:
            widths.append(_quotient(strides[position - 1], stride) or ())
            for side in (0, 1):
                within[side].append(_inside(pair[side], width))
        factor = _common_factor(pair)
        pairs.append((_divide(pair[0], factor), _divide(pair[1], factor)))
        if position + 1 < len(strides):
            ratio = _quotient(stride, strides[position + 1]) or ()
            width = Polynomial.from_terms({ratio: factor})
    return Split(tuple(pairs), (tuple(within[0]), tuple(within[1])), tuple(widths))


def _stride_candidates(
    subscripts: tuple[Polynomial, ...], varying: frozenset[str]
) -> Iterator[list[Monomial]]:
    """Yield lists of strides to try, each from the widest to the narrowest."""
    found = _moving_strides(subscripts, varying)
    if found is None:
        return
    # The last row of a table has a constant offset, `(n - 1)*n`, so that no
    # counter is multiplied by the stride.
    fixed = {name for each in subscripts for name in each.symbols} - varying
    candidates: list[set[Monomial]] = [found]
    candidates += [found | {(name,)} for name in sorted(fixed)]
    for candidate in candidates:
        ordered = sorted(candidate, key=len, reverse=True)
        if _is_chain(ordered):
            yield ordered


def _is_chain(strides: list[Monomial]) -> bool:
    return all(
        _quotient(wide, narrow) is not None and len(wide) > len(narrow)
        for wide, narrow in pairwise(strides)
    )


def _moving_strides(
    subscripts: Iterable[Polynomial], varying: frozenset[str]
) -> set[Monomial] | None:
    found: set[Monomial] = {()}
    for subscript in subscripts:
        for monomial, _ in subscript.terms:
            moving = [name for name in monomial if name in varying]
            if len(moving) > 1:
                return None
            if moving:
                found.add(tuple(name for name in monomial if name not in varying))
    return found


def _quotient(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    rest = Counter(monomial)
    rest.subtract(divisor)
    if any(count < 0 for count in rest.values()):
        return None
    return tuple(sorted(rest.elements()))


def _parts(
    subscript: Polynomial, strides: list[Monomial]
) -> dict[Monomial, Polynomial] | None:
    terms: dict[Monomial, Counter[Monomial]] = {each: Counter() for each in strides}
    for monomial, factor in subscript.terms:
        for stride in strides:
            rest = _quotient(monomial, stride)
            if rest is not None:
                break
        else:
            return None
        if len(rest) > 1:
            return None
        terms[stride][rest] += factor
    return {each: Polynomial.from_terms(found) for each, found in terms.items()}


def _common_factor(pair: tuple[Polynomial, Polynomial]) -> int:
    factors = [factor for each in pair for _, factor in each.terms]
    return gcd(*factors) or 1


def _divide(value: Polynomial, factor: int) -> Polynomial:
    return Polynomial(tuple((m, c // factor) for m, c in value.terms))


def _inside(value: Polynomial, width: Polynomial | None) -> Condition | None:
    if width is None or not width.is_affine or not value.is_affine:
        return None
    zero = Polynomial.constant(0)
    return AllOf((compare(value, ">=", zero), compare(value, "<", width)))

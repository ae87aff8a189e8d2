"""Integer polynomials over the symbols of a loop, and conditions on them.

Subscripts and bounds become polynomials; those that are affine go to isl,
the others (`i*n + j`) are first split into rows and columns.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "AllOf",
    "AnyOf",
    "Comparison",
    "Condition",
    "Monomial",
    "Polynomial",
    "compare",
    "condition_symbols",
    "condition_text",
    "factor_of",
    "is_affine",
    "negate",
    "renamed",
]

Monomial: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A sum of integer multiples of products of symbols.

    Attributes:
        terms: Pairs of a sorted product and its non-zero factor, sorted.
    """

    terms: tuple[tuple[Monomial, int], ...]

    @classmethod
    def from_terms(cls, terms: Mapping[Monomial, int]) -> Polynomial:
        """Build a polynomial, leaving out what is zero."""
        return cls(tuple(sorted((m, c) for m, c in terms.items() if c)))

    @classmethod
    def constant(cls, value: int) -> Polynomial:
        """Return a constant polynomial."""
        return cls.from_terms({(): value})

    @classmethod
    def symbol(cls, name: str) -> Polynomial:
        """Return the polynomial that is one symbol."""
        return cls((((name,), 1),))

    def __add__(self, other: Polynomial) -> Polynomial:
        terms = Counter(dict(self.terms))
        for monomial, factor in other.terms:
            terms[monomial] += factor
        return Polynomial.from_terms(terms)

    def __neg__(self) -> Polynomial:
        return Polynomial(tuple((m, -c) for m, c in self.terms))

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + -other

    def __mul__(self, other: Polynomial) -> Polynomial:
        terms: Counter[Monomial] = Counter()
        for left, factor in self.terms:
            for right, factor2 in other.terms:
                terms[tuple(sorted(left + right))] += factor * factor2
        return Polynomial.from_terms(terms)

    @property
    def value(self) -> int | None:
        """The value of a constant polynomial, else None."""
        if not self.terms:
            return 0
        is_constant = len(self.terms) == 1 and self.terms[0][0] == ()
        return self.terms[0][1] if is_constant else None

    @property
    def is_affine(self) -> bool:
        """Whether no term multiplies symbols."""
        return all(len(monomial) <= 1 for monomial, _ in self.terms)

    @property
    def symbols(self) -> frozenset[str]:
        """All symbols that occur."""
        return frozenset(name for monomial, _ in self.terms for name in monomial)

    def renamed(self, names: Mapping[str, str]) -> Polynomial:
        """Return the polynomial with symbols renamed."""
        terms: Counter[Monomial] = Counter()
        for monomial, factor in self.terms:
            terms[tuple(sorted(names.get(name, name) for name in monomial))] += factor
        return Polynomial.from_terms(terms)

    def text(self) -> str:
        """Return an affine polynomial as isl writes it."""
        parts = [
            f"{factor}{monomial[0]}" if monomial else str(factor)
            for monomial, factor in self.terms
        ]
        return " + ".join(parts) if parts else "0"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`polynomial op 0`, with `op` one of `=`, `!=`, `>=`."""

    polynomial: Polynomial
    op: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = Comparison | AllOf | AnyOf


def compare(left: Polynomial, op: str, right: Polynomial) -> Comparison:
    """Return the condition `left op right` for a comparison operator of C."""
    one = Polynomial.constant(1)
    match op:
        case "==":
            return Comparison(left - right, "=")
        case "!=":
            return Comparison(left - right, "!=")
        case "<":
            return Comparison(right - left - one, ">=")
        case "<=":
            return Comparison(right - left, ">=")
        case ">":
            return Comparison(left - right - one, ">=")
        case _:
            return Comparison(left - right, ">=")


def negate(condition: Condition) -> Condition:
    """Return the opposite of a condition."""
    match condition:
        case AllOf():
            return AnyOf(tuple(negate(part) for part in condition.parts))
        case AnyOf():
            return AllOf(tuple(negate(part) for part in condition.parts))
        case Comparison(op="="):
            return Comparison(condition.polynomial, "!=")
        case Comparison(op="!="):
            return Comparison(condition.polynomial, "=")
        case _:
            minus_one = Polynomial.constant(-1)
            return Comparison(minus_one - condition.polynomial, ">=")


def renamed(condition: Condition, names: Mapping[str, str]) -> Condition:
    """Return a condition with symbols renamed."""
    if isinstance(condition, Comparison):
        return Comparison(condition.polynomial.renamed(names), condition.op)
    return type(condition)(tuple(renamed(part, names) for part in condition.parts))


def condition_symbols(condition: Condition) -> frozenset[str]:
    """Return all symbols of a condition."""
    if isinstance(condition, Comparison):
        return condition.polynomial.symbols
    return frozenset[str]().union(*(condition_symbols(p) for p in condition.parts))


def factor_of(condition: Condition) -> int:
    """Return the largest factor of a value of the program in a condition.

    How often a value wrapped around (`turns`) is not one of the program's.
    """
    if isinstance(condition, Comparison):
        factors = [
            abs(factor)
            for product, factor in condition.polynomial.terms
            if product and not any(name.startswith("turns") for name in product)
        ]
        return max(factors, default=0)
    return max(map(factor_of, condition.parts), default=0)


def is_affine(condition: Condition) -> bool:
    """Tell whether isl can be told a condition with all its parts."""
    if isinstance(condition, Comparison):
        return condition.polynomial.is_affine
    return all(is_affine(each) for each in condition.parts)


def condition_text(condition: Condition, names: Mapping[str, str]) -> str | None:
    """Return a condition as isl writes it.

    Returns:
        The text, None if the condition is not affine; leaving it out then
        allows more than the program does, never less.
    """
    match condition:
        case Comparison():
            if not condition.polynomial.is_affine:
                return None
            return f"{condition.polynomial.renamed(names).text()} {condition.op} 0"
        case AllOf():
            found = _texts(condition.parts, names)
            texts = [text for text in found if text is not None]
            return "(" + " and ".join(texts) + ")" if texts else None
        case AnyOf():
            texts = []
            for text in _texts(condition.parts, names):
                if text is None:
                    return None
                texts.append(text)
            return "(" + " or ".join(texts) + ")"


def _texts(parts: Iterable[Condition], names: Mapping[str, str]) -> list[str | None]:
    return [condition_text(part, names) for part in parts]

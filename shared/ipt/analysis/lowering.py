"""Integer expressions of the program to polynomials.

C's arithmetic is kept exactly: unsigned arithmetic and narrowing conversions
wrap around, division truncates.  Signed overflow has no meaning in C, so
signed arithmetic is taken as exact.  Where a value is used only as an
address, 64-bit wrap-around makes no difference and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.polynomials import (
    AllOf,
    AnyOf,
    Comparison,
    Polynomial,
    compare,
    negate,
)
from ipt.model import (
    Binary,
    Call,
    Cast,
    CType,
    Expression,
    Increment,
    Kind,
    Literal,
    Member,
    Unary,
    Variable,
    VarRef,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ipt.analysis.polynomials import Condition

__all__ = ["Lowering", "Symbols"]

_ADDRESS_BITS = 64
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_ONE = Polynomial.constant(1)
_ZERO = Polynomial.constant(0)


@dataclass
class Symbols:
    """Names for values: owns what each symbol stands for."""

    _parameters: dict[tuple[str, int], str] = field(default_factory=dict)
    _members: dict[object, str] = field(default_factory=dict)
    types: dict[str, CType] = field(default_factory=dict)
    _count: int = 0

    def parameter(self, variable: Variable) -> str:
        """Return the symbol of a variable that keeps its value in the loop."""
        if variable.key not in self._parameters:
            name = self.fresh(variable.name)
            self._parameters[variable.key] = name
            self.types[name] = variable.ctype
        return self._parameters[variable.key]

    def iterator(self, variable: Variable) -> str:
        """Return a new symbol for a loop counter."""
        name = self.fresh(variable.name)
        self.types[name] = variable.ctype
        return name

    def member(self, place: object, field_name: str, ctype: CType) -> str:
        """Return the symbol of a member that keeps its value in the loop."""
        if place not in self._members:
            name = self.fresh(field_name)
            self._members[place] = name
            self.types[name] = ctype
        return self._members[place]

    def fresh(self, stem: str) -> str:
        """Return a new symbol that isl can read."""
        self._count += 1
        return f"{stem if stem.isascii() else 'v'}__{self._count}"

    def display(self, name: str) -> str:
        """Return the name of a symbol for people."""
        return name.rsplit("__", 1)[0]


@dataclass
class Lowering:
    """Converts expressions at one point of the program.

    Owns the helper symbols and conditions that its results need.

    Attributes:
        look_up: Returns the value of a variable here, None if unknown.
        returned: Returns the value of a call, None if unknown.
        loaded: Returns the value of a member, or of what a reference names; None if
            unknown.
        stepped: Returns the value of `v++` and the like, None if unknown.
    """

    look_up: Callable[[Variable], Polynomial | None]
    names: Symbols
    returned: Callable[[Call], Polynomial | None] = lambda _: None
    loaded: Callable[[Member | Unary], Polynomial | None] = lambda _: None
    stepped: Callable[[Increment], Polynomial | None] = lambda _: None
    symbols: list[str] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)

    def value(self, node: Expression) -> Polynomial | None:
        """Return the exact value of an integer expression, None if unknown."""
        return self._lower(node, as_address=False)

    def address_offset(self, node: Expression) -> Polynomial | None:
        """Return the value of a subscript, modulo the size of memory."""
        return self._lower(node, as_address=True)

    def condition(self, node: Expression) -> Condition | None:  # noqa: PLR0911 - a return a case
        """Return the condition that an expression tests, None if unknown."""
        match node:
            case Cast() if _is_bool(node.ctype):
                return self.condition(node.operand)
            case Unary(op="!"):
                inner = self.condition(node.operand)
                return None if inner is None else negate(inner)
            case Binary(op="&&" | "||"):
                left, right = self.condition(node.left), self.condition(node.right)
                if left is None or right is None:
                    return None
                kind = AllOf if node.op == "&&" else AnyOf
                return kind((left, right))
            case Binary() if node.op in _COMPARISONS:
                first, second = self.value(node.left), self.value(node.right)
                if first is None or second is None:
                    return None
                return compare(first, node.op, second)
            case _:
                found = self.value(node)
                return None if found is None else Comparison(found, "!=")

    def _lower(self, node: Expression, *, as_address: bool) -> Polynomial | None:  # noqa: PLR0911 - a return a case
        if node.ctype.kind is not Kind.INTEGER:
            return None
        match node:
            case Literal():
                return None if node.value is None else Polynomial.constant(node.value)
            case VarRef():
                return self.look_up(node.variable)
            case Cast():
                return self._cast(node, as_address=as_address)
            case Unary(op="+"):
                return self._lower(node.operand, as_address=as_address)
            case Unary(op="-"):
                inner = self._lower(node.operand, as_address=as_address)
                return self._fit(inner and -inner, node.ctype, as_address=as_address)
            case Binary(op="+" | "-" | "*"):
                return self._arithmetic(node, as_address=as_address)
            case Binary(op="/" | "%"):
                return self._division(node)
            case Call() | Member() | Unary(op="*") | Increment():
                return self._asked(node)
            case _:
                return None

    def _asked(self, node: Call | Member | Unary | Increment) -> Polynomial | None:
        if isinstance(node, Call):
            return self.returned(node)
        if isinstance(node, Increment):
            return self.stepped(node)
        return self.loaded(node)

    def _cast(self, node: Cast, *, as_address: bool) -> Polynomial | None:
        source, target = node.operand.ctype, node.ctype
        if source.kind is not Kind.INTEGER or _is_bool(target):
            return None
        keeps_address = as_address and source.bits == target.bits == _ADDRESS_BITS
        inner = self._lower(node.operand, as_address=keeps_address)
        if inner is None or _holds(target, source):
            return inner
        if as_address and target.bits == _ADDRESS_BITS:
            return inner
        return self._wrap(inner, target)

    def _arithmetic(self, node: Binary, *, as_address: bool) -> Polynomial | None:
        as_address = as_address and node.ctype.bits == _ADDRESS_BITS
        left = self._lower(node.left, as_address=as_address)
        right = self._lower(node.right, as_address=as_address)
        if left is None or right is None:
            return None
        match node.op:
            case "+":
                result = left + right
            case "-":
                result = left - right
            case _:
                result = left * right
        return self._fit(result, node.ctype, as_address=as_address)

    def _fit(
        self, value: Polynomial | None, ctype: CType, *, as_address: bool
    ) -> Polynomial | None:
        if value is None or ctype.is_signed:
            return value
        if as_address and ctype.bits == _ADDRESS_BITS:
            return value
        return self._wrap(value, ctype)

    def _wrap(self, value: Polynomial, ctype: CType) -> Polynomial | None:
        low = -(1 << (ctype.bits - 1)) if ctype.is_signed else 0
        high = low + (1 << ctype.bits) - 1
        if value.value is not None:
            return Polynomial.constant((value.value - low) % (1 << ctype.bits) + low)
        if not value.is_affine:
            return None
        wrapped, turns = self.names.fresh("wrapped"), self.names.fresh("turns")
        result = Polynomial.symbol(wrapped)
        modulus = Polynomial.constant(1 << ctype.bits)
        self.symbols += [wrapped, turns]
        self.conditions += [
            compare(result, "==", value - modulus * Polynomial.symbol(turns)),
            compare(result, ">=", Polynomial.constant(low)),
            compare(result, "<=", Polynomial.constant(high)),
        ]
        return result

    def _division(self, node: Binary) -> Polynomial | None:
        left, right = self.value(node.left), self.value(node.right)
        if left is None or right is None or not left.is_affine:
            return None
        divisor = right.value
        if divisor is None or divisor <= 0:
            return None
        name = self.names.fresh("quotient")
        quotient = Polynomial.symbol(name)
        rest = left - right * quotient
        limit = Polynomial.constant(divisor - 1)
        self.symbols.append(name)
        self.conditions.append(
            AnyOf(
                (
                    _between(left, rest, _ZERO, limit, sign=1),
                    _between(left, rest, -limit, _ZERO, sign=-1),
                )
            )
        )
        return quotient if node.op == "/" else rest


def _between(
    left: Polynomial, rest: Polynomial, low: Polynomial, high: Polynomial, *, sign: int
) -> Condition:
    side = compare(left, ">=", _ZERO) if sign > 0 else compare(left, "<", _ZERO)
    return AllOf((side, compare(rest, ">=", low), compare(rest, "<=", high)))


def _is_bool(ctype: CType) -> bool:
    return ctype.spelling in ("_Bool", "bool")


def _holds(target: CType, source: CType) -> bool:
    """Tell whether every value of `source` is a value of `target`."""
    if target.is_signed == source.is_signed:
        return target.bits >= source.bits
    return target.is_signed and target.bits > source.bits


def parameter_ranges(names: Symbols, used: Mapping[str, object]) -> list[Condition]:
    """Return the ranges of the types of symbols, as conditions."""
    found: list[Condition] = []
    for name in used:
        ctype = names.types.get(name)
        if ctype is None or ctype.kind is not Kind.INTEGER:
            continue
        low = -(1 << (ctype.bits - 1)) if ctype.is_signed else 0
        value = Polynomial.symbol(name)
        found.append(compare(value, ">=", Polynomial.constant(low)))
        high = Polynomial.constant(low + (1 << ctype.bits) - 1)
        found.append(compare(value, "<=", high))
    return found

"""Which conversions of a number leave its value as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.model import Binary, Cast, Kind, Literal, Unary

if TYPE_CHECKING:
    from ipt.model import CType, Expression

__all__ = [
    "folded",
    "keeps_every_value",
    "limits",
    "peel",
    "same_number_type",
    "value_type",
]

# Bits of the significand of float, double and long double, by their size.
_SIGNIFICAND = {32: 24, 64: 53}
_BOOLEAN = ("_Bool", "bool")


def limits(ctype: CType) -> tuple[int, int]:
    """Return the least and the greatest value of an integer type."""
    if ctype.spelling in _BOOLEAN:
        return 0, 1
    if ctype.is_signed:
        return -(1 << (ctype.bits - 1)), (1 << (ctype.bits - 1)) - 1
    return 0, (1 << ctype.bits) - 1


def keeps_every_value(source: CType, target: CType) -> bool:
    """Tell whether each value of one type is also a value of another one."""
    if not (source.is_arithmetic and target.is_arithmetic):
        return _is_same_address(source, target)
    if source.kind is Kind.FLOATING:
        return target.kind is Kind.FLOATING and target.bits >= source.bits
    low, high = limits(source)
    if target.kind is Kind.FLOATING:
        most = 1 << _SIGNIFICAND.get(target.bits, 64)
        return -most <= low and high <= most
    least, greatest = limits(target)
    return least <= low and high <= greatest


def _is_same_address(source: CType, target: CType) -> bool:
    if source.kind is Kind.ARRAY and target.kind is Kind.POINTER:
        return True
    return (source.kind, source.spelling) == (target.kind, target.spelling)


def same_number_type(one: CType, other: CType) -> bool:
    """Tell whether two types hold the same values."""
    return keeps_every_value(one, other) and keeps_every_value(other, one)


def value_type(node: Expression) -> CType:
    """Return a type that holds all values which an expression can have.

    It is narrower than the expression's own type where that comes from a
    conversion which keeps the value.
    """
    if not isinstance(node, Cast):
        return node.ctype
    inner = value_type(node.operand)
    return inner if _keeps(node, inner) else node.ctype


def _keeps(node: Cast, inner: CType) -> bool:
    if keeps_every_value(inner, node.ctype):
        return True
    value = folded(node.operand)
    if value is None or node.ctype.kind is not Kind.INTEGER:
        return False
    least, greatest = limits(node.ctype)
    return least <= value <= greatest


def peel(node: Expression) -> Expression:
    """Return what is converted, below the conversions that keep its value."""
    while isinstance(node, Cast) and _keeps(node, value_type(node.operand)):
        node = node.operand
    return node


def folded(node: Expression) -> int | None:
    """Return the value of a constant expression; None if it is none or too large."""
    if node.ctype.kind is not Kind.INTEGER:
        return None
    value = _folded(node)
    least, greatest = limits(node.ctype)
    return value if value is not None and least <= value <= greatest else None


def _folded(node: Expression) -> int | None:
    match node:
        case Literal(value=value):
            return value
        case Cast(operand=operand):
            return folded(operand)
        case Unary(op="-", operand=operand):
            value = folded(operand)
            return None if value is None else -value
        case Binary(op="+" | "-" | "*" | "/"):
            return _combined(node.op, folded(node.left), folded(node.right))
        case _:
            return None


def _combined(operator: str, left: int | None, right: int | None) -> int | None:
    if left is None or right is None:
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            # C rounds towards 0; of negative numbers nothing is claimed.
            return left // right if left >= 0 and right > 0 else None

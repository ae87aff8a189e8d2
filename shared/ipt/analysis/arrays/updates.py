"""Statements that accumulate into one element of an array.

`h[a[i]]++`, `y[k] += e`, `m[k] = m[k] + e`, `if (e > m[k]) m[k] = e;`: their
order does not matter if no two of them are done at once.  OpenMP can do most
of them atomically (OpenMP 5.2, section 15.8.4), and all of them as a reduction
of the array (section 5.5.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.conversions import keeps_every_value, peel, value_type
from ipt.analysis.reductions import same_value
from ipt.model import (
    Assign,
    Binary,
    Block,
    Cast,
    Evaluate,
    Expression,
    If,
    Increment,
    Kind,
    Node,
    OpaqueExpression,
    in_macro,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.model import CType

__all__ = ["ElementUpdate", "element_updates"]

_COMPOUND = {
    "+=": "+",
    "-=": "+",
    "*=": "*",
    "/=": "/",
    "&=": "&",
    "|=": "|",
    "^=": "^",
}
_BINARY = {"+": "+", "-": "+", "*": "*", "/": "/", "&": "&", "|": "|", "^": "^"}
_BITWISE = ("&", "|", "^")
_BOOLEAN = ("_Bool", "bool")


@dataclass(frozen=True, slots=True, eq=False)
class ElementUpdate:
    """One such statement.

    Attributes:
        op: The operator of a reduction that does the same; `/` has none.
        ctype: The type of the element.
        can_be_atomic: Whether `omp atomic` may stand before it.
    """

    statement: Evaluate
    op: str
    ctype: CType
    can_be_atomic: bool


def element_updates(body: Node) -> dict[Node, ElementUpdate]:
    """Return the updates in some statements, by the expressions that access memory."""
    found: dict[Node, ElementUpdate] = {}
    for node in walk(body):
        for accesses, update in _updates(node):
            found.update(dict.fromkeys(accesses, update))
    return found


def _updates(node: Node) -> Iterator[tuple[list[Node], ElementUpdate]]:
    match node:
        case Evaluate():
            made = _plain(node)
        case If(otherwise=None):
            made = _extreme(node)
        case _:
            return
    if made is None or not _fits(made[1]):
        return
    if not any(_has_effect(each) for each in made[0]):
        yield made


def _plain(node: Evaluate) -> tuple[list[Node], ElementUpdate] | None:
    expression = strip_casts(node.expression)
    is_free = not in_macro(node)
    match expression:
        case Increment():
            target = strip_casts(expression.operand)
            return [target], ElementUpdate(node, "+", target.ctype, is_free)
        case Assign(op=op) if op in _COMPOUND:
            target = strip_casts(expression.target)
            if not _keeps(expression.value, target.ctype):
                return None
            update = ElementUpdate(node, _COMPOUND[op], target.ctype, is_free)
            return [target], update
        case Assign(op="="):
            return _written_out(node, expression, is_free=is_free)
        case _:
            return None


def _written_out(
    node: Evaluate, assign: Assign, *, is_free: bool
) -> tuple[list[Node], ElementUpdate] | None:
    """Return the update of `x = x op e` or `x = e op x`."""
    target, value = strip_casts(assign.target), assign.value
    while isinstance(value, Cast):
        if not _is_wide(value.ctype, target.ctype):
            return None
        value = value.operand
    if not isinstance(value, Binary) or value.op not in _BINARY:
        return None
    sides = [(value.left, value.right)]
    if value.op not in ("-", "/"):
        sides.append((value.right, value.left))
    for own, other in sides:
        if not same_value(own, target) or not _keeps(other, target.ctype):
            continue
        if not _is_wide(value.ctype, target.ctype):
            return None
        update = ElementUpdate(node, _BINARY[value.op], target.ctype, is_free)
        return [target, strip_casts(own)], update
    return None


def _extreme(node: If) -> tuple[list[Node], ElementUpdate] | None:
    """Return the update of `if (e > x) x = e;`."""
    then = node.then
    if isinstance(then, Block) and len(then.body) == 1:
        then = then.body[0]
    condition = strip_casts(node.condition)
    if not isinstance(then, Evaluate) or not isinstance(condition, Binary):
        return None
    assign = strip_casts(then.expression)
    if not isinstance(assign, Assign) or assign.op != "=":
        return None
    if condition.op not in ("<", "<=", ">", ">="):
        return None
    target = strip_casts(assign.target)
    upward = condition.op in (">", ">=")
    for own, other, op in (
        (condition.right, condition.left, "max" if upward else "min"),
        (condition.left, condition.right, "min" if upward else "max"),
    ):
        is_own = same_value(own, target) and same_value(other, assign.value)
        if is_own and keeps_every_value(value_type(other), target.ctype):
            update = ElementUpdate(then, op, target.ctype, can_be_atomic=False)
            return [target, peel(own), strip_casts(own)], update
    return None


def _fits(update: ElementUpdate) -> bool:
    ctype = update.ctype
    if not ctype.is_arithmetic or ctype.is_volatile:
        return False
    if ctype.spelling in _BOOLEAN:
        return update.op in _BITWISE
    if update.op == "/":
        # Whole numbers may overflow in one order only: INT_MIN / -1.
        return ctype.kind is Kind.FLOATING
    return update.op not in _BITWISE or ctype.kind is Kind.INTEGER


def _keeps(value: Expression, ctype: CType) -> bool:
    """Tell whether an operand has no effects, and no fraction that is cut off."""
    is_real = strip_casts(value).ctype.kind is Kind.FLOATING
    if is_real and ctype.kind is Kind.INTEGER:
        return False
    return not _has_effect(value)


def _has_effect(node: Node) -> bool:
    return any(
        isinstance(each, Assign | Increment | OpaqueExpression) for each in walk(node)
    )


def _is_wide(inner: CType, ctype: CType) -> bool:
    """Tell whether an intermediate type keeps what the element's type keeps."""
    if inner.spelling in _BOOLEAN or inner.kind is not ctype.kind:
        return False
    return inner.bits >= ctype.bits

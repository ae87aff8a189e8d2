"""Whose address is taken: by `&`, by references, and by whom it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.model import (
    Assign,
    Binary,
    Call,
    Cast,
    Conditional,
    Expression,
    Increment,
    InitList,
    Kind,
    Literal,
    Member,
    Subscript,
    Unary,
    VarRef,
    children_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ipt.model import Function, Node

__all__ = ["Loan", "has_no_place", "kept_loans", "named_place", "taken_by"]


@dataclass(frozen=True, slots=True)
class Loan:
    """What a parameter refers to that is a reference to a constant number.

    Attributes:
        function: The key of the function.
        number: Which one of its parameters it is, from 0.
        keys: The variables that it may refer to.
    """

    function: str
    number: int
    keys: frozenset[tuple[str, int]]


def taken_by(node: Expression) -> Iterator[tuple[str, int]]:
    """Yield the keys of variables that a reference to an expression may refer to."""
    match node:
        case VarRef():
            yield node.variable.key
        case Member(arrow=False) | Subscript(base=Cast(operand=_)):
            yield from taken_by(node.base)
        case Cast() if node.operand.ctype.kind is not Kind.POINTER:
            yield from taken_by(node.operand)
        case Assign():
            yield from taken_by(node.target)
        case Increment(prefix=True):
            yield from taken_by(node.operand)
        case Binary(op=","):
            yield from taken_by(node.right)
        case Conditional():
            yield from taken_by(node.then)
            yield from taken_by(node.otherwise)
        case _:
            pass


def named_place(node: Expression) -> Expression:
    """Return the place below conversions that add `const` only."""
    inner = node
    while (
        isinstance(inner, Cast) and inner.ctype.spelling == inner.operand.ctype.spelling
    ):
        inner = inner.operand
    is_place = isinstance(inner, VarRef | Subscript | Member | Call) or (
        isinstance(inner, Unary) and inner.op == "*"
    )
    return inner if is_place else node


def has_no_place(node: Expression) -> bool:
    """Tell whether an expression is a value that a reference makes a copy of."""
    match node:
        case Call():
            return not node.is_place
        case Unary():
            return node.op != "*"
        case Binary():
            return node.op != ","
        case Increment():
            return not node.prefix
        case _:
            return isinstance(node, Literal | Cast | InitList)


def kept_loans(
    loans: Iterable[Loan], by_key: Mapping[str, Function]
) -> set[tuple[str, int]]:
    """Return the variables that a function may keep a pointer to.

    A function that uses a reference only as `*name` has no pointer to keep.

    Args:
        loans: What was lent, in all files.
        by_key: The functions whose text is known.
    """
    kept: dict[str, set[int]] = {}
    found: set[tuple[str, int]] = set()
    for loan in loans:
        function = by_key.get(loan.function)
        if function is None:
            found |= loan.keys
            continue
        if loan.function not in kept:
            kept[loan.function] = _kept(function)
        if loan.number in kept[loan.function]:
            found |= loan.keys
    return found


def _kept(function: Function) -> set[int]:
    """Return which parameters are used other than as `*name`."""
    number = {each.key: n for n, each in enumerate(function.parameters)}
    found: set[int] = set()
    pending: list[Node] = [function.body]
    while pending:
        node = pending.pop()
        if isinstance(node, VarRef) and node.variable.key in number:
            found.add(number[node.variable.key])
        is_use = isinstance(node, Unary) and node.op == "*"
        pending.extend(
            child
            for child in children_of(node)
            if not (is_use and isinstance(child, VarRef))
        )
    return found

"""Which expressions give the same value when they are computed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.model import (
    Binary,
    Call,
    Cast,
    Conditional,
    Declaration,
    Expression,
    Kind,
    Literal,
    Member,
    Scope,
    Subscript,
    Unary,
    VarRef,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from ipt.model import Node, Statement, Variable

__all__ = ["as_written", "is_exact", "is_repeatable", "plain_declaration", "references"]

# Clear the sign only, so that compilers have nothing to fuse with.
_EXACT_CALLS = frozenset(["fabs", "fabsf", "fabsl", "abs", "labs", "llabs"])


def is_repeatable(node: Expression) -> bool:
    """Tell whether an expression only reads: no call, no assignment."""
    return all(
        not _is_volatile(each)
        and isinstance(
            each,
            VarRef | Literal | Cast | Binary | Unary | Subscript | Member | Conditional,
        )
        for each in walk(node)
    )


def is_exact(node: Expression) -> bool:
    """Tell whether an expression has the same bits in any loop it stands in.

    That holds for what is loaded and for integers.  Sums and products of
    floating-point numbers may be fused in one place and rounded in another
    (C17, 6.5 paragraph 8).
    """
    for each in walk(node):
        if _is_volatile(each):
            return False
        match each:
            case Binary():
                if each.ctype.kind is Kind.FLOATING:
                    return False
            case Call():
                if not (each.is_system and each.name in _EXACT_CALLS):
                    return False
            case VarRef() | Literal() | Cast() | Unary() | Subscript() | Member():
                continue
            case _:
                return False
    return True


def references(node: Node, variables: Collection[Variable]) -> list[VarRef]:
    """Return the uses of some variables at and below a node, in source order."""
    found = [
        each
        for each in walk(node)
        if isinstance(each, VarRef) and each.variable in variables
    ]
    return sorted(found, key=lambda each: each.span.start)


def _is_volatile(node: Node) -> bool:
    """Tell whether an expression must not be computed more often than before."""
    return isinstance(node, VarRef | Subscript | Member | Unary) and (
        node.ctype.is_volatile
    )


def as_written(node: Expression) -> Expression:
    """Return an expression without the conversions that are not written."""
    while isinstance(node, Cast) and node.span == node.operand.span:
        node = node.operand
    return node


def plain_declaration(statement: Statement) -> tuple[Variable, Expression] | None:
    """Return variable and value of a declaration of one number, else None."""
    match statement:
        case Declaration(declarators=(only,)) if only.init is not None:
            variable = only.variable
            is_plain = variable.ctype.is_arithmetic and variable.scope is Scope.LOCAL
            return (variable, as_written(only.init)) if is_plain else None
        case _:
            return None

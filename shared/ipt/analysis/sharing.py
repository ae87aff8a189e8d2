"""Whether a function touches memory that it shares with others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.writes import called_functions
from ipt.model import Cast, Kind, Member, Subscript, Unary, VarRef, walk

if TYPE_CHECKING:
    from ipt.model import Function, Node, Program

__all__ = ["touches_shared"]


def touches_shared(function: Function, program: Program) -> bool:
    """Tell whether a function or one it calls touches more than its own values."""
    bodies = [function.body]
    bodies += [program.by_key[k].body for k in called_functions(function.body, program)]
    return any(_is_shared(node) for body in bodies for node in walk(body))


def _is_shared(node: Node) -> bool:
    match node:
        case VarRef():
            if node.variable.ctype.kind is Kind.REFERENCE:
                return True
            return node.variable.is_shared_storage and not node.ctype.is_const
        case Unary(op="*") | Member(arrow=True):
            return True
        case Subscript():
            return node.base.ctype.kind is Kind.POINTER and not (
                isinstance(node.base, Cast)
                and node.base.operand.ctype.kind is Kind.ARRAY
            )
        case _:
            return False

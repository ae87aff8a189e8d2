"""Which expressions and statements every thread can do for itself.

All threads compute the same if they read the same, and if computing changes
nothing but the variable that is set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.calls import CallKind, classify_call, sets_errno
from ipt.model import (
    Assign,
    Binary,
    Call,
    Declaration,
    Evaluate,
    Increment,
    Member,
    OpaqueExpression,
    Subscript,
    Unary,
    VarRef,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from ipt.model import Expression, Node, Program, Statement, Variable

__all__ = ["Setting", "is_calm", "reads_memory", "settings_of"]

# A variable that is set, and what is evaluated for it.
Setting = tuple["Variable", "tuple[Expression, ...]"]


def is_calm(node: Node, program: Program) -> bool:
    """Tell whether evaluating an expression changes nothing."""
    for each in walk(node):
        match each:
            case Assign() | Increment() | OpaqueExpression():
                return False
            case VarRef() | Subscript() | Member() | Unary() if each.ctype.is_volatile:
                return False
            case Call():
                kind = classify_call(each.name, is_system=each.is_system)
                is_own = each.key in program.by_key or each.callee is not None
                is_pure = kind in (CallKind.PURE, CallKind.READS_TEXT)
                if is_own or not is_pure or sets_errno(each.name, program.called):
                    return False
            case _:
                pass
    return True


def settings_of(node: Statement | Expression, program: Program) -> list[Setting] | None:
    """Return the variables that a statement sets, None if it does more than that.

    Args:
        node: A statement, or the step of a loop.
        program: The program.
    """
    match node:
        case Evaluate():
            return settings_of(node.expression, program)
        case Declaration():
            return _declared(node, program)
        case Binary(op=","):
            left = settings_of(strip_casts(node.left), program)
            right = settings_of(strip_casts(node.right), program)
            return None if left is None or right is None else left + right
        case Assign():
            target = strip_casts(node.target)
            if isinstance(target, VarRef) and is_calm(node.value, program):
                read = () if node.op == "=" else (node.target,)
                return [(target.variable, (*read, node.value))]
        case Increment():
            target = strip_casts(node.operand)
            if isinstance(target, VarRef):
                return [(target.variable, (node.operand,))]
        case _:
            pass
    return None


def _declared(node: Declaration, program: Program) -> list[Setting] | None:
    found: list[Setting] = []
    for each in node.declarators:
        values = (*each.sizes, *(() if each.init is None else (each.init,)))
        if not all(is_calm(value, program) for value in values):
            return None
        found.append((each.variable, values))
    return found


def reads_memory(node: Node) -> bool:
    """Tell whether an expression reads more than plain variables."""
    return any(
        isinstance(each, Subscript | Member | Call)
        or (isinstance(each, Unary) and each.op == "*")
        for each in walk(node)
    )

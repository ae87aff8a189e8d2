"""Variables that hold 0 or 1 only.

`s = s && x` leaves 5 in `s` if it never runs; a reduction leaves 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.reductions import fits
from ipt.model import (
    Assign,
    Binary,
    Declarator,
    Evaluate,
    Increment,
    Literal,
    Scope,
    Unary,
    VarRef,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from ipt.analysis.context import LoopContext
    from ipt.model import Expression, For, Node, Variable

__all__ = ["flag_of", "is_flag"]

_BOOLEAN = ("_Bool", "bool")
_TRUTHS = ("<", "<=", ">", ">=", "==", "!=", "&&", "||")


def is_flag(context: LoopContext, variable: Variable) -> bool:
    """Tell whether a variable can hold nothing but 0 and 1."""
    if variable.ctype.spelling in _BOOLEAN:
        return True
    is_known = variable.scope is Scope.LOCAL
    if not is_known or variable.key in context.program.address_taken:
        return False
    return all(_keeps(node, variable) for node in walk(context.function.body))


def flag_of(loop: For, variable: Variable) -> str:
    """Return the operator of a flag that the loop can only set, or only clear.

    `if (e) found = 1;` is `found = found || e`.

    Returns:
        `||`, `&&`, or empty if it is no such flag.
    """
    used: set[int] = set()
    values: set[int] = set()
    for node in walk(loop.body):
        if not isinstance(node, Evaluate):
            continue
        assign = strip_casts(node.expression)
        if not isinstance(assign, Assign) or assign.op != "=":
            continue
        value = strip_casts(assign.value)
        target = strip_casts(assign.target)
        is_it = isinstance(target, VarRef) and target.variable == variable
        if is_it and isinstance(value, Literal) and value.value is not None:
            used.add(id(target))
            values.add(value.value)
    references = {
        id(each)
        for each in walk(loop.body)
        if isinstance(each, VarRef) and each.variable == variable
    }
    if references != used or len(values) != 1:
        return ""
    op = {1: "||", 0: "&&"}.get(values.pop(), "")
    return op if op and fits(op, variable) else ""


def _keeps(node: Node, variable: Variable) -> bool:
    match node:
        case Declarator() if node.variable == variable:
            return node.init is None or _is_truth(node.init)
        case Assign() if _is(node.target, variable):
            return node.op in ("=", "&=") and _is_truth(node.value)
        case Increment() if _is(node.operand, variable):
            return False
        case _:
            return True


def _is(node: Expression, variable: Variable) -> bool:
    bare = strip_casts(node)
    return isinstance(bare, VarRef) and bare.variable == variable


def _is_truth(node: Expression) -> bool:
    match strip_casts(node):
        case Literal(value=0 | 1):
            return True
        case Binary(op=op):
            return op in _TRUTHS
        case Unary(op="!"):
            return True
        case VarRef() as found:
            return found.variable.ctype.spelling in _BOOLEAN
        case _:
            return False

"""Whether a pointer to an array may be kept beyond the expression that uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.calls import CallKind, classify_call
from ipt.model import (
    Binary,
    Call,
    Cast,
    Expression,
    Kind,
    Subscript,
    Unary,
    VarRef,
    children_of,
    strip_casts,
)

if TYPE_CHECKING:
    from ipt.model import Node, Program, Variable

__all__ = ["escapes"]

# Of the functions whose text is not known, these keep no pointer.
_KEEPS_NOTHING = frozenset(("memset", "memcpy", "memmove", "qsort", "free"))
_MOST_DEPTH = 8


def escapes(node: Node, variable: Variable, program: Program, depth: int = 0) -> bool:
    """Tell whether some text does more with an array than to use its elements.

    Args:
        node: The text.
        variable: An array, or a pointer parameter that stands for one.
        program: The program, whose functions are followed.
        depth: How many calls have been followed already.
    """
    if isinstance(node, Call):
        return _passed_on(node, variable, program, depth)
    parts = list(children_of(node))
    if isinstance(node, Subscript | Unary) and _is_alias(node, variable):
        return True
    if isinstance(node, VarRef):
        return node.variable == variable
    if isinstance(node, Subscript) and _is_alias(node.base, variable):
        parts = [node.index, *_offsets(node.base)]
    elif isinstance(node, Unary):
        is_followed = node.op == "*" and _is_alias(node.operand, variable)
        parts = _offsets(node.operand) if is_followed else parts
    return any(escapes(each, variable, program, depth) for each in parts)


def _passed_on(call: Call, variable: Variable, program: Program, depth: int) -> bool:
    if call.callee is not None and escapes(call.callee, variable, program, depth):
        return True
    for number, argument in enumerate(call.arguments):
        is_alias = _is_alias(argument, variable)
        parts = _offsets(argument) if is_alias else [argument]
        if any(escapes(each, variable, program, depth) for each in parts):
            return True
        if is_alias and _is_kept(call, number, program, depth):
            return True
    return False


def _is_kept(call: Call, number: int, program: Program, depth: int) -> bool:
    """Tell whether a called function may keep the pointer that it is given."""
    function = program.by_key.get(call.key)
    if function is None:
        return not _is_harmless(call)
    if depth >= _MOST_DEPTH or number >= len(function.parameters):
        return True
    return escapes(function.body, function.parameters[number], program, depth + 1)


def _is_harmless(call: Call) -> bool:
    if call.callee is not None:
        return False
    kind = classify_call(call.name, is_system=call.is_system)
    harmless = (CallKind.PURE, CallKind.READS_TEXT, CallKind.OUTPUT)
    return call.name in _KEEPS_NOTHING or kind in harmless


def _is_alias(node: Expression, variable: Variable) -> bool:
    """Tell whether an expression is a pointer into the array, or a row of it."""
    bare = strip_casts(node)
    match bare:
        case VarRef():
            return bare.variable == variable
        case Subscript() if bare.ctype.kind is Kind.ARRAY:
            return _is_alias(bare.base, variable)
        case Unary(op="*") if bare.ctype.kind is Kind.ARRAY:
            return _is_alias(bare.operand, variable)
        case Unary(op="&"):
            inner = strip_casts(bare.operand)
            while isinstance(inner, Subscript):
                inner = strip_casts(inner.base)
            return isinstance(inner, VarRef) and inner.variable == variable
        case Binary(op="+" | "-") if bare.ctype.kind is Kind.POINTER:
            return _is_alias(bare.left, variable) or _is_alias(bare.right, variable)
        case _:
            return False


def _offsets(node: Expression) -> list[Node]:
    """Return the subscripts and distances within an alias."""
    bare = strip_casts(node)
    match bare:
        case Subscript():
            return [bare.index, *_offsets(bare.base)]
        case Unary():
            return _offsets(bare.operand)
        case Binary():
            if bare.left.ctype.kind is Kind.POINTER:
                return [bare.right, *_offsets(bare.left)]
            return [bare.left, *_offsets(bare.right)]
        case Cast():
            return _offsets(bare.operand)
        case _:
            return []

"""Finds variables that only accumulate: sums, products, extremes, flags.

The forms are those whose order of evaluation may change (OpenMP 5.2,
section 5.5.5), in the ways that people write them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.conversions import keeps_every_value, peel, value_type
from ipt.model import (
    Assign,
    Binary,
    Block,
    Call,
    Cast,
    Conditional,
    Evaluate,
    Expression,
    For,
    If,
    Increment,
    Kind,
    Literal,
    Member,
    Node,
    OpaqueExpression,
    Statement,
    Subscript,
    Unary,
    Variable,
    VarRef,
    children_of,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.model import CType

__all__ = [
    "EXTREMES",
    "Accumulation",
    "accumulation_of",
    "fits",
    "same_value",
]

_COMPOUND = {
    "+=": "+",
    "-=": "+",
    "*=": "*",
    "&=": "&",
    "|=": "|",
    "^=": "^",
}
_BITWISE = ("&", "|", "^")
_CALLS = {
    **dict.fromkeys(("fmax", "fmaxf", "fmaxl", "max"), "max"),
    **dict.fromkeys(("fmin", "fminf", "fminl", "min"), "min"),
}
_BOOLEAN = ("_Bool", "bool")
EXTREMES = frozenset(_CALLS)
_TWO = 2
_DOUBLE_BITS = 64


@dataclass(frozen=True, slots=True)
class Accumulation:
    """What a loop does with a variable that it updates.

    Attributes:
        op: The reduction operator, empty if there is none.
        updates: The statements that update it.
        other: A use that is no update, or an update with another operator.
        also_keeps: An assignment beside that of a minimum or maximum, which
            keeps where it was found.
    """

    op: str
    updates: tuple[Node, ...]
    other: Node | None = None
    also_keeps: Node | None = None


def accumulation_of(loop: For, variable: Variable) -> Accumulation:
    """Classify the uses of one scalar variable in a loop body."""
    found: list[tuple[str, Node]] = []
    used: set[int] = set()
    also_keeps: Node | None = None
    for statement in walk(loop.body):
        update = _update(statement, variable)
        if update is not None:
            op, references = update
            found.append((op, statement))
            used.update(map(id, references))
        elif isinstance(statement, If) and also_keeps is None:
            also_keeps = _kept_beside(statement, variable)
    updates = tuple(node for _, node in found)
    ops = {op for op, _ in found}
    for node in walk(loop.body):
        is_use = isinstance(node, VarRef) and node.variable == variable
        if is_use and id(node) not in used:
            return Accumulation("", updates, node, also_keeps)
    if len(ops) != 1:
        return Accumulation("", updates, updates[-1] if updates else None)
    op = ops.pop()
    return Accumulation(op if fits(op, variable) else "", updates)


def fits(op: str, variable: Variable) -> bool:
    """Tell whether a variable can be reduced by an operator."""
    ctype = variable.ctype
    if not ctype.is_arithmetic or ctype.is_volatile:
        return False
    if op in (*_BITWISE, "&&", "||"):
        return ctype.kind is Kind.INTEGER
    is_bool = ctype.spelling in _BOOLEAN
    return not (is_bool and op in ("+", "*"))


def _update(node: Node, variable: Variable) -> tuple[str, list[Node]] | None:
    """Return operator and references if a statement only updates a variable."""
    match node:
        case Evaluate():
            return _expression_update(strip_casts(node.expression), variable)
        case If(otherwise=None):
            return _if_update(node, variable)
        case _:
            return None


def _expression_update(
    node: Expression, variable: Variable
) -> tuple[str, list[Node]] | None:
    match node:
        case Increment() if _is(node.operand, variable):
            return "+", list(_references(node, variable))
        case Assign() if _is(node.target, variable):
            if node.op in _COMPOUND:
                free = not list(_references(node.value, variable))
                free = free and _keeps_kind(node.value, variable)
                return (_COMPOUND[node.op], [_bare(node.target)]) if free else None
            op = _assigned_op(strip_casts(node.value), variable)
            keeps = _keeps_kind(node.value, variable)
            if node.op == "=" and op and keeps and not _narrows(node.value, variable):
                return op, list(_references(node, variable))
            return None
        case _:
            return None


def _assigned_op(value: Expression, variable: Variable) -> str:
    """Return the operator of `v = v op e`, empty if it is something else."""
    match value:
        case Binary(op="+" | "-" | "*"):
            return _chain_op(value, variable)
        case Binary(op="&&" | "||" | "&" | "|" | "^" as op):
            holds = _is_truth if op in ("&&", "||") else _is_bits
            one_sided = holds(value.left, variable) != holds(value.right, variable)
            once = len(list(_references(value, variable))) == 1
            return op if one_sided and once else ""
        case Call() if value.name in _CALLS and len(value.arguments) == _TWO:
            return _called_op(value, variable)
        case Conditional():
            return _conditional_op(value, variable)
        case _:
            return ""


def _called_op(value: Call, variable: Variable) -> str:
    """Return the operator of `v = fmax(v, e)` and the like."""
    # Names of the C library are reserved; `max` is not.
    is_known = value.is_system or value.name not in ("max", "min")
    once = len(list(_references(value, variable))) == 1
    one_is = any(_is(each, variable) for each in value.arguments)
    fits = _takes(variable, value.ctype)
    return _CALLS[value.name] if is_known and once and one_is and fits else ""


def _chain_op(value: Binary, variable: Variable) -> str:
    """Return the operator of a sum or product in which `v` occurs once.

    `v - a + b` accumulates; `a - v` does not.
    """
    wanted = ("*",) if value.op == "*" else ("+", "-")
    if len(list(_references(value, variable))) != 1:
        return ""
    node: Expression = value
    while True:
        if _narrows(node, variable):
            return ""
        bare = strip_casts(node)
        if isinstance(bare, VarRef) and bare.variable == variable:
            return "*" if value.op == "*" else "+"
        if not isinstance(bare, Binary) or bare.op not in wanted:
            return ""
        if list(_references(bare.left, variable)):
            node = bare.left
        elif bare.op == "-":
            return ""
        else:
            node = bare.right


def _keeps_kind(value: Expression, variable: Variable) -> bool:
    """Tell whether no fraction is cut off; `int n; n += 0.5` depends on the order."""
    is_real = strip_casts(value).ctype.kind is Kind.FLOATING
    return not (is_real and variable.ctype.kind is Kind.INTEGER)


def _narrows(node: Expression, variable: Variable) -> bool:
    """Tell whether a value is converted to less than the variable's type."""
    ctype = variable.ctype
    while isinstance(node, Cast):
        target = node.ctype
        # Integers of at least its width keep the bits that matter.
        is_wide = target.kind is ctype.kind and target.bits >= ctype.bits
        is_truth = target.spelling in _BOOLEAN and ctype.spelling not in _BOOLEAN
        if (not is_wide or is_truth) and not keeps_every_value(ctype, target):
            return True
        node = node.operand
    return False


def _conditional_op(value: Conditional, variable: Variable) -> str:
    condition = strip_casts(value.condition)
    for then, otherwise, swapped in (
        (value.then, value.otherwise, False),
        (value.otherwise, value.then, True),
    ):
        if _is(otherwise, variable) and isinstance(condition, Binary):
            op = _extreme(condition, then, variable)
            if op and swapped:
                return "min" if op == "max" else "max"
            return op
    return ""


def _if_update(node: If, variable: Variable) -> tuple[str, list[Node]] | None:
    then = node.then
    if isinstance(then, Block) and len(then.body) == 1:
        then = then.body[0]
    if not isinstance(then, Evaluate):
        return None
    assign = strip_casts(then.expression)
    condition = strip_casts(node.condition)
    if not isinstance(assign, Assign) or assign.op != "=":
        return None
    if not _is(assign.target, variable) or not isinstance(condition, Binary):
        return None
    op = _extreme(condition, assign.value, variable)
    return (op, list(_references(node, variable))) if op else None


def _extreme(condition: Binary, taken: Expression, variable: Variable) -> str:
    """Return `max` or `min` if `taken` replaces the variable when it is more, less."""
    if condition.op not in ("<", "<=", ">", ">="):
        return ""
    if list(_references(taken, variable)) or not _keeps_kind(taken, variable):
        return ""
    upward = condition.op in (">", ">=")
    left, right = condition.left, condition.right
    if _is(right, variable) and _is_taken(left, taken, variable):
        return "max" if upward else "min"
    if _is(left, variable) and _is_taken(right, taken, variable):
        return "min" if upward else "max"
    return ""


def _is_taken(compared: Expression, taken: Expression, variable: Variable) -> bool:
    """Tell whether the value that is compared is the one that is assigned."""
    bare = taken
    if isinstance(bare, Cast) and _takes(variable, bare.operand.ctype):
        bare = bare.operand
    for each in (taken, bare):
        if same_value(compared, each) and _takes(variable, value_type(each)):
            return True
    return False


def _takes(variable: Variable, source: CType) -> bool:
    """Tell whether assigning values of a type keeps their order.

    Rounding does; cutting off bits does not.
    """
    both = (variable.ctype.kind, source.kind)
    is_rounded = both == (Kind.FLOATING, Kind.FLOATING)
    return is_rounded or keeps_every_value(source, variable.ctype)


def _kept_beside(node: If, variable: Variable) -> Node | None:
    """Return what else an extreme's `if` assigns, such as the position."""
    if not isinstance(node.then, Block) or len(node.then.body) < _TWO:
        return None
    single = [_as_if(node, each) for each in node.then.body]
    if not any(_if_update(each, variable) for each in single):
        return None
    return next(each.then for each in single if _if_update(each, variable) is None)


def _as_if(node: If, then: Statement) -> If:
    return If(node.span, node.condition, then, None)


def _bare(node: Expression) -> Expression:
    return strip_casts(node)


def _is(node: Expression, variable: Variable) -> bool:
    """Tell whether an expression is the variable, its value unchanged."""
    bare = peel(node)
    return isinstance(bare, VarRef) and bare.variable == variable


def _is_bits(node: Expression, variable: Variable) -> bool:
    """Tell whether an expression has all bits of the variable."""
    bare = strip_casts(node)
    is_it = isinstance(bare, VarRef) and bare.variable == variable
    return is_it and not _narrows(node, variable)


def _is_truth(node: Expression, variable: Variable) -> bool:
    """Tell whether an expression is true when the variable is not 0."""
    if isinstance(node, Cast) and node.ctype.spelling in _BOOLEAN:
        node = node.operand
    return _is(node, variable)


def _references(node: Node, variable: Variable) -> Iterator[Node]:
    for each in walk(node):
        if isinstance(each, VarRef) and each.variable == variable:
            yield each


def same_value(left: Expression, right: Expression) -> bool:
    """Tell whether two expressions are written alike and have no side effect."""
    one, other = peel(left), peel(right)
    if type(one) is not type(other) or not _same_node(one, other):
        return False
    first = [each for each in children_of(one) if isinstance(each, _EXPRESSIONS)]
    second = [each for each in children_of(other) if isinstance(each, _EXPRESSIONS)]
    return len(first) == len(second) and all(
        same_value(a, b) for a, b in zip(first, second, strict=True)
    )


_EXPRESSIONS = Expression.__args__


def _same_node(one: Expression, other: Expression) -> bool:  # noqa: PLR0911 - a return a case
    match one, other:
        case VarRef(), VarRef():
            return one.variable == other.variable
        case Literal(), Literal():
            return _same_literal(one, other)
        case Binary(op=left), Binary(op=right):
            return left == right
        case Unary(op=left), Unary(op=right):
            return left == right
        case Member(), Member():
            return (one.field, one.arrow) == (other.field, other.arrow)
        case Call(), Call():
            return one.key == other.key and bool(one.name) and one.callee is None
        case Cast(), Cast():
            return (one.ctype.kind, one.ctype.spelling) == (
                other.ctype.kind,
                other.ctype.spelling,
            )
        case (Subscript(), Subscript()) | (Conditional(), Conditional()):
            return True
        case ((Assign() | Increment() | OpaqueExpression()), _):
            return False
        case _:
            return False


def _same_literal(one: Literal, other: Literal) -> bool:
    # Not by their spans: all that a macro expands to has the span of its use.
    if one.ctype.spelling != other.ctype.spelling:
        return False
    if one.value is not None:
        return one.value == other.value
    is_exact = one.ctype.bits <= _DOUBLE_BITS
    return is_exact and one.real is not None and one.real == other.real

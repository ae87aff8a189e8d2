"""The forms of statements that `atomic` can protect.

OpenMP 5.2, section 15.8.4: `x` and `v` are lvalues of scalar type and no
bit-fields; neither the other operands nor their places touch `x`, and all its
occurrences name the same place, which is found without side effects.
Minimum and maximum are left out: only OpenMP 5.1 has a form for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.calls import CallKind, classify_call
from ipt.analysis.protection import ProtectionKind
from ipt.analysis.reductions import same_value
from ipt.model import (
    Assign,
    Binary,
    Block,
    Call,
    Cast,
    Evaluate,
    Expression,
    Increment,
    Kind,
    Member,
    Node,
    OpaqueExpression,
    Statement,
    Subscript,
    Unary,
    Variable,
    VarRef,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["AtomicForm", "atomic_forms", "atomic_kind", "base_of"]

_OPERATORS = ("+", "-", "*", "/", "&", "^", "|", "<<", ">>")
_BITWISE = ("&", "^", "|", "<<", ">>")
_BOOLEAN = ("_Bool", "bool")
_LVALUES = VarRef | Subscript | Member | Unary
_PAIR = 2


@dataclass(frozen=True, slots=True)
class AtomicForm:
    """How one statement fits `atomic`.

    Attributes:
        kind: The clause.
        target: `x`, the place that is protected.
        op: The operator of an update, empty for a plain assignment.
        value: The operand that is combined or assigned; None for `x++`.
        captured: `v`, where a read or captured value goes.
        is_reversed: Whether the operand stands on the left: `x = e - x`.
    """

    kind: ProtectionKind
    target: Expression
    op: str = ""
    value: Expression | None = None
    captured: Expression | None = None
    is_reversed: bool = False


def atomic_kind(statement: Statement) -> ProtectionKind | None:
    """Return the form of `atomic` that a statement fits, None if it fits none.

    `a = b` fits two; then it counts as a read of `b`.
    """
    forms = atomic_forms([statement])
    return forms[0].kind if forms else None


def atomic_forms(statements: Sequence[Statement]) -> tuple[AtomicForm, ...]:
    """Return the forms that a statement, or two for a capture, fit."""
    if len(statements) == 1 and isinstance(statements[0], Block):
        statements = statements[0].body
        if len(statements) != _PAIR:
            return ()
    expressions = [each.expression for each in statements if isinstance(each, Evaluate)]
    if len(expressions) != len(statements):
        return ()
    if len(expressions) == 1:
        found = _single(expressions[0])
    elif len(expressions) == _PAIR:
        found = _pair(expressions[0], expressions[1])
    else:
        found = []
    return tuple(each for each in found if _is_sound(each))


def _single(node: Expression) -> list[AtomicForm]:
    update = _update(node)
    if update is not None:
        return [update]
    if not isinstance(node, Assign) or node.op != "=":
        return []
    inner = _plain(node.value)
    captured = None if _is_bracketed(node) else _update(inner)
    if captured is not None:
        return [_capture(captured, node.target)]
    found = []
    if isinstance(inner, _LVALUES) and not _is_bracketed(node):
        found.append(
            AtomicForm(ProtectionKind.ATOMIC_READ, inner, captured=node.target)
        )
    found.append(AtomicForm(ProtectionKind.ATOMIC_WRITE, node.target, value=node.value))
    return found


def _pair(first: Expression, second: Expression) -> list[AtomicForm]:
    """Return the capture that `v = x` beside an update or a write of `x` makes."""
    for read, change in ((first, second), (second, first)):
        if not isinstance(read, Assign) or read.op != "=":
            continue
        source = _plain(read.value)
        form = _update(change)
        if form is None and change is second and isinstance(change, Assign):
            # `{ v = x; x = e; }`, but not the other way round.
            form = AtomicForm(
                ProtectionKind.ATOMIC_UPDATE, change.target, value=change.value
            )
            form = form if change.op == "=" else None
        if form is not None and same_value(source, form.target):
            return [_capture(form, read.target)]
    return []


def _capture(form: AtomicForm, captured: Expression) -> AtomicForm:
    return AtomicForm(
        ProtectionKind.ATOMIC_CAPTURE,
        form.target,
        form.op,
        form.value,
        captured,
        form.is_reversed,
    )


def _update(node: Expression) -> AtomicForm | None:
    kind = ProtectionKind.ATOMIC_UPDATE
    match node:
        case Increment():
            return AtomicForm(kind, node.operand, node.op[0])
        case Assign() if node.op != "=":
            op = node.op.removesuffix("=")
            return AtomicForm(kind, node.target, op, node.value)
        case Assign() if not _is_bracketed(node):
            return _written_out(node)
        case _:
            return None


def _written_out(node: Assign) -> AtomicForm | None:
    """Return the update that `x = x op e` or `x = e op x` is."""
    value = _plain(node.value)
    if not isinstance(value, Binary):
        return None
    kind = ProtectionKind.ATOMIC_UPDATE
    if same_value(_plain(value.left), node.target):
        return AtomicForm(kind, node.target, value.op, value.right)
    if same_value(_plain(value.right), node.target):
        return AtomicForm(kind, node.target, value.op, value.left, is_reversed=True)
    return None


def _plain(node: Expression) -> Expression:
    """Return what is below conversions that nobody wrote."""
    while isinstance(node, Cast) and node.span == node.operand.span:
        node = node.operand
    return node


def _is_bracketed(node: Assign) -> bool:
    """Tell whether the assigned value stands in parentheses, which no form has."""
    source = node.span.source
    between = source.bare[node.target.span.end : node.value.span.start]
    return between.strip() != node.op.encode()


def base_of(node: Expression) -> Variable | None:
    """Return the variable whose memory, or whose pointee, an lvalue lies in."""
    while True:
        match node:
            case VarRef():
                return node.variable
            case Subscript() | Member():
                node = node.base
            case Cast() | Unary(op="*" | "&"):
                node = node.operand
            case Binary(op="+" | "-") if node.ctype.kind is Kind.POINTER:
                is_left = node.left.ctype.kind is Kind.POINTER
                node = node.left if is_left else node.right
            case _:
                return None


def _is_sound(form: AtomicForm) -> bool:
    places = [form.target, *([] if form.captured is None else [form.captured])]
    if not all(_is_place(each) for each in places):
        return False
    if form.op and not _has_operator(form):
        return False
    bases = [base_of(each) for each in places]
    if None in bases or len(set(bases)) != len(bases):
        return False
    others = list(_operands(form))
    if any(_has_effect(each) for each in (*places, *others)):
        return False
    names = [n for each in others for n in _variables(each)]
    for each, base in zip(places, bases, strict=True):
        # The base itself occurs once; a second time would be in a subscript.
        names += [n for n in _variables(each) if n != base]
        if sum(n == base for n in _variables(each)) > 1:
            return False
    return not any(base in names for base in bases)


def _operands(form: AtomicForm) -> Iterator[Expression]:
    if form.value is not None:
        yield form.value


def _variables(node: Node) -> list[Variable]:
    return [each.variable for each in walk(node) if isinstance(each, VarRef)]


def _is_place(node: Expression) -> bool:
    is_lvalue = isinstance(node, _LVALUES)
    if isinstance(node, Unary) and node.op != "*":
        return False
    if isinstance(node, Member) and node.overlay == "(bits)":
        return False
    return is_lvalue and node.ctype.is_scalar and not node.ctype.is_const


def _has_operator(form: AtomicForm) -> bool:
    ctype = form.target.ctype
    if form.op not in _OPERATORS or not ctype.is_arithmetic:
        return False
    if ctype.spelling in _BOOLEAN:
        return form.op in ("&", "^", "|")
    if form.value is not None and not strip_casts(form.value).ctype.is_arithmetic:
        return False
    return form.op not in _BITWISE or ctype.kind is Kind.INTEGER


def _has_effect(node: Expression) -> bool:
    """Tell whether evaluating an operand may change or depend on something else."""
    return any(
        isinstance(each, Assign | Increment | OpaqueExpression) or _is_unknown(each)
        for each in walk(node)
    )


def _is_unknown(node: Node) -> bool:
    if not isinstance(node, Call):
        return False
    known = classify_call(node.name, is_system=node.is_system)
    return known is not CallKind.PURE or node.callee is not None

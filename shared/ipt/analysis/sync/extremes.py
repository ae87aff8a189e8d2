"""Two idioms whose result is the same in any order.

`if (d < best) best = d;` keeps an extreme, and `if (!seen[k]) { seen[k] = 1;
n++; }` does something once for each `k`, whoever comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.canonical import constant_value
from ipt.analysis.conversions import keeps_every_value, peel, value_type
from ipt.analysis.reductions import same_value
from ipt.model import (
    Assign,
    Binary,
    Block,
    Evaluate,
    Expression,
    If,
    Increment,
    Kind,
    Statement,
    Subscript,
    Unary,
    VarRef,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from ipt.analysis.frames import Key
    from ipt.analysis.sync.places import Places

__all__ = ["Extreme", "FirstTime", "extreme_of", "first_time_of"]

_UPWARD = (">", ">=")
_ORDERED = ("<", "<=", *_UPWARD)


@dataclass(frozen=True, slots=True)
class Extreme:
    """`if (e < x) { x = e; y = f; … }`.

    Attributes:
        op: `min` or `max`.
        target: `x`.
        beside: What is kept with it.
    """

    op: str
    target: Expression
    beside: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class FirstTime:
    """`if (!x) { x = 1; … }`, done by whoever comes first.

    Attributes:
        target: `x`.
        value: What it is set to.
        rest: What else is done then, the same by all.
    """

    target: Expression
    value: int
    rest: tuple[Statement, ...]


def _body(node: If) -> tuple[Statement, ...]:
    return node.then.body if isinstance(node.then, Block) else (node.then,)


def _plain_assignment(node: Statement) -> Assign | None:
    if not isinstance(node, Evaluate):
        return None
    found = strip_casts(node.expression)
    return found if isinstance(found, Assign) and found.op == "=" else None


def extreme_of(node: If, places: Places) -> Extreme | None:
    """Return the extreme that an `if` keeps in a guarded place, if it does."""
    if node.otherwise is not None:
        return None
    tests = [each for each in _conjuncts(node.condition) if places.are_used_in(each)]
    assigns = [_plain_assignment(each) for each in _body(node)]
    if len(tests) != 1 or None in assigns:
        return None
    test = tests[0]
    if not isinstance(test, Binary) or test.op not in _ORDERED:
        return None
    every = [each for each in assigns if each is not None]
    if any(places.are_used_in(each.value) for each in every):
        return None
    for each in every:
        op = _extreme(test, each, places)
        if op:
            beside = tuple(other.target for other in every if other is not each)
            return Extreme(op, each.target, beside)
    return None


def _conjuncts(node: Expression) -> list[Expression]:
    bare = strip_casts(node)
    if isinstance(bare, Binary) and bare.op == "&&":
        return [*_conjuncts(bare.left), *_conjuncts(bare.right)]
    return [bare]


def _extreme(test: Binary, assign: Assign, places: Places) -> str:
    """Return `min` or `max` if an assignment takes what the test found."""
    if not places.hold(assign.target) or not _keeps_order(assign):
        return ""
    upward = test.op in _UPWARD
    value = peel(assign.value)
    left, right = peel(test.left), peel(test.right)
    if same_value(right, assign.target) and same_value(left, value):
        return "max" if upward else "min"
    if same_value(left, assign.target) and same_value(right, value):
        return "min" if upward else "max"
    return ""


def _keeps_order(assign: Assign) -> bool:
    """Tell whether no value is cut off; rounding keeps the order."""
    source, target = value_type(assign.value), assign.target.ctype
    both = {strip_casts(assign.value).ctype.kind, target.kind}
    return both == {Kind.FLOATING} or keeps_every_value(source, target)


def first_time_of(
    node: If, places: Places, varying: Collection[Key]
) -> FirstTime | None:
    """Return what an `if` does once for each place, if it is such a one.

    Args:
        node: The `if`.
        places: The guarded objects.
        varying: Variables that differ between iterations.
    """
    if node.otherwise is not None:
        return None
    for each in _body(node):
        assign = _plain_assignment(each)
        if assign is None or not places.hold(assign.target):
            continue
        value = constant_value(assign.value)
        if value is None or not _is_unset(node.condition, assign.target, value):
            continue
        rest = tuple(other for other in _body(node) if other is not each)
        if all(_is_same_for_all(part, assign.target, varying) for part in rest):
            return FirstTime(assign.target, value, rest)
    return None


def _is_unset(condition: Expression, target: Expression, value: int) -> bool:
    """Tell whether a condition fails once the target has the value."""
    test = strip_casts(condition)
    if isinstance(test, Unary) and test.op == "!":
        return same_value(peel(test.operand), target) and value != 0
    if not isinstance(test, Binary) or test.op not in ("==", "!="):
        return False
    for one, other in ((test.left, test.right), (test.right, test.left)):
        if same_value(peel(one), target):
            compared = constant_value(other)
            is_equal = compared == value
            return compared is not None and is_equal == (test.op == "!=")
    return False


def _is_same_for_all(
    node: Statement, place: Expression, varying: Collection[Key]
) -> bool:
    """Tell whether all iterations that come to one place would do the same."""
    named = set()
    if isinstance(place, Subscript):
        index = peel(place.index)
        named = {index.variable.key} if isinstance(index, VarRef) else set()
    if not isinstance(node, Evaluate):
        return False
    changed: Expression | None = None
    match strip_casts(node.expression):
        case Assign(target=target):
            changed = target
        case Increment(operand=operand):
            changed = operand
        case _:
            pass
    return all(
        each.variable.key in named or each.variable.key not in varying
        for each in walk(node)
        if isinstance(each, VarRef) and each is not changed
    )

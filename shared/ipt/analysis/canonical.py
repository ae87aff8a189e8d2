"""The canonical form of loops.

OpenMP runs a loop in parallel only if it can count its iterations
beforehand: OpenMP 5.2, section 4.4.1 "Canonical Loop Nest Form".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.model import (
    Assign,
    Binary,
    Declaration,
    Evaluate,
    Expression,
    For,
    Increment,
    Kind,
    Literal,
    Node,
    Unary,
    Variable,
    VarRef,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CountedLoop",
    "NotCounted",
    "constant_value",
    "counted_loop",
    "written_variables",
]

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class CountedLoop:
    """A loop `for (i = lower; i op bound; i += step)`.

    Attributes:
        declares: Whether the counter is declared in the header.
        step: Its constant step; None if it is not a constant.
        step_value: The expression of a step that is not a constant.
    """

    loop: For
    counter: Variable
    declares: bool
    lower: Expression
    op: str
    bound: Expression
    test: Binary
    step: int | None
    step_value: Expression | None
    is_downward: bool


@dataclass(frozen=True, slots=True)
class NotCounted:
    """Why a loop is not of canonical form."""

    reason: str
    node: Node


def counted_loop(loop: For) -> CountedLoop | NotCounted:  # noqa: PLR0911 - a return a case
    """Return the parts of a canonical loop, or why it is not one."""
    start = _start(loop)
    if isinstance(start, NotCounted):
        return start
    counter, declares, lower = start
    if counter.ctype.kind is not Kind.INTEGER:
        return NotCounted(f"its counter {counter.name} is not an integer", loop)
    test = _test(loop, counter)
    if isinstance(test, NotCounted):
        return test
    op, bound, binary = test
    step = _step(loop, counter)
    if isinstance(step, NotCounted):
        return step
    value, expression, is_minus = step
    downward = _direction(op, value, is_minus=is_minus)
    if downward is None:
        return NotCounted(f"its step does not lead {counter.name} to the bound", loop)
    if counter.key in written_variables([loop.body]):
        return NotCounted(f"its body changes the counter {counter.name}", loop)
    if expression is not None and counter.key in _read(expression):
        return NotCounted("its step changes from iteration to iteration", loop)
    if counter.key in _read(bound):
        return NotCounted(f"its bound depends on the counter {counter.name}", loop)
    return CountedLoop(
        loop,
        counter,
        declares,
        lower,
        op,
        bound,
        binary,
        value,
        expression,
        downward,
    )


def _read(node: Node) -> set[tuple[str, int]]:
    return {each.variable.key for each in walk(node) if isinstance(each, VarRef)}


def _direction(op: str, value: int | None, *, is_minus: bool) -> bool | None:
    """Return whether the loop counts downward, None if it cannot end."""
    downward = is_minus if value is None else value < 0
    if value == 0:
        return None
    if op == "!=":
        # OpenMP 5.2, 4.4.1: with != the step must be one.
        return downward if value in (1, -1) else None
    return downward if downward == (op in (">", ">=")) else None


def _start(loop: For) -> tuple[Variable, bool, Expression] | NotCounted:
    match loop.init:
        case Declaration(declarators=(only,)) if only.init is not None:
            return only.variable, True, only.init
        case Evaluate(expression=Assign(op="=", target=VarRef() as target) as assign):
            return target.variable, False, assign.value
        case Evaluate(expression=Binary(op=",")) | Declaration():
            return NotCounted("its header starts more than one variable", loop)
        case None:
            return NotCounted("its header does not set the counter", loop)
        case _:
            return NotCounted("its header does not set one counter", loop.init)


def _test(loop: For, counter: Variable) -> tuple[str, Expression, Binary] | NotCounted:
    test = None if loop.condition is None else strip_casts(loop.condition)
    if not isinstance(test, Binary) or test.op not in _FLIPPED:
        node = loop if test is None else test
        return NotCounted(
            f"its test does not compare {counter.name} with a bound", node
        )
    left, right = strip_casts(test.left), strip_casts(test.right)
    if isinstance(left, VarRef) and left.variable == counter:
        op, bound = test.op, test.right
    elif isinstance(right, VarRef) and right.variable == counter:
        op, bound = _FLIPPED[test.op], test.left
    else:
        return NotCounted(f"its test does not compare {counter.name} itself", test)
    if strip_casts(bound).ctype.kind is not Kind.INTEGER:
        return NotCounted("its bound is not an integer", bound)
    return op, bound, test


def _step(
    loop: For, counter: Variable
) -> tuple[int | None, Expression | None, bool] | NotCounted:
    def is_counter(node: Expression) -> bool:
        bare = strip_casts(node)
        return isinstance(bare, VarRef) and bare.variable == counter

    step = None if loop.step is None else strip_casts(loop.step)
    match step:
        case Increment() if is_counter(step.operand):
            return (1 if step.op == "++" else -1), None, step.op == "--"
        case Assign(op="+=" | "-=") if is_counter(step.target):
            return _signed(step.value, minus=step.op == "-=")
        case Assign(op="=", value=value) if is_counter(step.target):
            sum_ = strip_casts(value)
            if isinstance(sum_, Binary) and sum_.op in ("+", "-"):
                if is_counter(sum_.left):
                    return _signed(sum_.right, minus=sum_.op == "-")
                if sum_.op == "+" and is_counter(sum_.right):
                    return _signed(sum_.left, minus=False)
        case _:
            pass
    return NotCounted(f"its step does not add to {counter.name} alone", loop)


def _signed(
    node: Expression, *, minus: bool
) -> tuple[int | None, Expression | None, bool]:
    value = constant_value(node)
    if value is None:
        return None, node, minus
    return (-value if minus else value), None, (minus != (value < 0))


def constant_value(node: Expression) -> int | None:
    """Return the value of a literal, signed or not, None for anything else."""
    match strip_casts(node):
        case Literal(value=value):
            return value
        case Unary(op="-", operand=operand):
            inner = constant_value(operand)
            return None if inner is None else -inner
        case _:
            return None


def written_variables(nodes: Iterable[Node]) -> set[tuple[str, int]]:
    """Return the keys of variables that some nodes assign or take the address of."""
    found: set[tuple[str, int]] = set()
    for root in nodes:
        for node in walk(root):
            match node:
                case Assign():
                    target = node.target
                case Unary(op="&") if node.ctype.target and node.ctype.target.is_const:
                    continue
                case Increment() | Unary(op="&"):
                    target = node.operand
                case _:
                    continue
            bare = strip_casts(target)
            if isinstance(bare, VarRef):
                found.add(bare.variable.key)
    return found

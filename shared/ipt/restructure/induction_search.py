"""Finds variables to which every iteration adds the same amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.canonical import (
    CountedLoop,
    constant_value,
    counted_loop,
    written_variables,
)
from ipt.model import (
    Assign,
    Binary,
    Block,
    Conditional,
    Declaration,
    Evaluate,
    For,
    Increment,
    VarRef,
    parents_of,
    strip_casts,
    walk,
)
from ipt.restructure.exact import as_written
from ipt.restructure.induction import Induction

if TYPE_CHECKING:
    from ipt.model import Expression, Node, Variable
    from ipt.restructure.study import Study

__all__ = ["inductions"]

_MOST_LOOPS = 2


def inductions(study: Study) -> list[Induction]:
    """Return the ways to do without an induction variable that holds a loop up."""
    names = {
        name
        for each in study.verdict.refusals
        if each.code in ("IPT303", "IPT304", "IPT302")
        for name in each.variables
    }
    found = []
    for statement in walk(study.loop.body):
        if not isinstance(statement, Evaluate):
            continue
        for node in walk(statement):
            update = _update(node)
            if update is None or update[0].name not in names:
                continue
            loops = _around(study, statement, node)
            if loops:
                start = _known_start(study, update[0])
                found.append(
                    Induction(
                        study, update[0], update[1], statement, loops, update[2], start
                    )
                )
    return found


def _update(node: Node) -> tuple[Variable, Assign | Increment, int] | None:
    """Return variable, expression and amount of `k++`, `k += 2`, `k = k + 2`."""
    match node:
        case Increment(operand=VarRef() as target):
            return target.variable, node, 1 if node.op == "++" else -1
        case Assign(op="+=" | "-=", target=VarRef() as target):
            value = constant_value(node.value)
            if not value:
                return None
            return target.variable, node, value if node.op == "+=" else -value
        case Assign(op="=", target=VarRef() as target):
            value = _added(node.value, target.variable)
            return None if not value else (target.variable, node, value)
        case _:
            return None


def _added(node: Expression, variable: Variable) -> int | None:
    bare = strip_casts(node)
    if not isinstance(bare, Binary) or bare.op not in ("+", "-"):
        return None
    left, right = strip_casts(bare.left), strip_casts(bare.right)
    if not isinstance(left, VarRef) or left.variable != variable:
        if bare.op == "-":
            return None
        left, right = right, left
    if not isinstance(left, VarRef) or left.variable != variable:
        return None
    value = constant_value(right)
    return -value if value is not None and bare.op == "-" else value


def _around(study: Study, statement: Evaluate, update: Node) -> tuple[CountedLoop, ...]:
    """Return the loops around an update that runs once in each iteration of them."""
    if any(
        isinstance(each, Conditional)
        or (isinstance(each, Binary) and each.op in ("&&", "||"))
        for each in parents_of(statement, update)
    ):
        return ()
    found: list[CountedLoop] = []
    for each in parents_of(study.loop, statement):
        if isinstance(each, For):
            counted = counted_loop(each)
            if not isinstance(counted, CountedLoop):
                return ()
            found.append(counted)
        elif not isinstance(each, Block):
            return ()
    return tuple(found) if len(found) <= _MOST_LOOPS else ()


def _known_start(study: Study, variable: Variable) -> int | None:
    """Return what a variable holds when the loop begins, if a line before says so."""
    path = parents_of(study.function.body, study.loop)
    block = path[-1] if path else None
    if not isinstance(block, Block):
        return None
    before = block.body[: block.body.index(study.loop)]
    for statement in reversed(before):
        value = _set_by(statement, variable)
        if value is not None:
            return value
        if variable.key in written_variables([statement]):
            return None
    return None


def _set_by(statement: Node, variable: Variable) -> int | None:
    match statement:
        case Evaluate(expression=Assign(op="=", target=VarRef() as target) as assign):
            is_it = target.variable == variable
            return constant_value(as_written(assign.value)) if is_it else None
        case Declaration():
            for each in statement.declarators:
                if each.variable == variable and each.init is not None:
                    return constant_value(as_written(each.init))
            return None
        case _:
            return None

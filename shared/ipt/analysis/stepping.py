"""Variables that a statement or every iteration of a loop moves by one amount.

`p++`, `k += 2`, `*p++ = x`: where they stand, and by how much they move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.canonical import written_variables
from ipt.analysis.shape import exits
from ipt.model import (
    Assign,
    Binary,
    Block,
    Conditional,
    Declaration,
    Evaluate,
    Expression,
    Increment,
    Kind,
    Variable,
    VarRef,
    children_of,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.analysis.frames import Key
    from ipt.model import For, Node, Statement

__all__ = ["Move", "even_moves", "moves_of", "written_in"]

_WIDE = 32
_TWO = 2


@dataclass(frozen=True, slots=True)
class Move:
    """A variable is moved once.

    Attributes:
        amount: The expression that is added; None stands for 1.
        is_minus: Whether it is subtracted.
    """

    variable: Variable
    amount: Expression | None
    is_minus: bool


def written_in(*nodes: Node | None) -> frozenset[Key]:
    """Return the keys of variables that some nodes assign."""
    return frozenset(written_variables([each for each in nodes if each is not None]))


def moves_of(node: Expression) -> dict[Key, Move | None]:
    """Return what the evaluation of a full expression does to variables.

    Returns:
        For each variable that it assigns, by how much it moves it; None where
        that is not known, or not the same at each point of the expression.
    """
    found: dict[Key, Move | None] = dict.fromkeys(written_in(node))
    if not found:
        return {}
    bare = strip_casts(node)
    if isinstance(bare, Assign) and isinstance(bare.target, VarRef):
        _assigned(bare, bare.target, found)
    for each in _always_evaluated(bare):
        target = strip_casts(each.operand) if isinstance(each, Increment) else None
        if isinstance(each, Increment) and isinstance(target, VarRef):
            variable = target.variable
            if _references(bare, variable) == 1 and _can_move(variable):
                found[variable.key] = Move(variable, None, each.op == "--")
    return found


def _assigned(node: Assign, target: VarRef, found: dict[Key, Move | None]) -> None:
    variable = target.variable
    if written_in(node.value) or not _can_move(variable):
        return
    references = _references(node, variable)
    if node.op in ("+=", "-=") and references == 1:
        found[variable.key] = Move(variable, node.value, node.op == "-=")
    value = strip_casts(node.value)
    is_sum = isinstance(value, Binary) and value.op in ("+", "-")
    if node.op == "=" and is_sum and isinstance(value, Binary) and references == _TWO:
        own = strip_casts(value.left)
        if isinstance(own, VarRef) and own.variable == variable:
            found[variable.key] = Move(variable, value.right, value.op == "-")


def _references(node: Node, variable: Variable) -> int:
    return sum(
        isinstance(each, VarRef) and each.variable == variable for each in walk(node)
    )


def _can_move(variable: Variable) -> bool:
    """Tell whether adding to a variable has the value that a sum of integers has."""
    ctype = variable.ctype
    if variable.is_shared_storage or ctype.is_volatile:
        return False
    if ctype.kind is Kind.POINTER:
        return True
    return ctype.kind is Kind.INTEGER and ctype.is_signed and ctype.bits >= _WIDE


def _always_evaluated(node: Node) -> Iterator[Node]:
    """Yield the parts of an expression that no condition skips."""
    yield node
    parts: tuple[Node, ...] = children_of(node)
    if isinstance(node, Conditional):
        parts = (node.condition,)
    elif isinstance(node, Binary) and node.op in ("&&", "||"):
        parts = (node.left,)
    for each in parts:
        yield from _always_evaluated(each)


def even_moves(loop: For) -> dict[Key, Move]:
    """Return the variables that every iteration moves once, by the same amount.

    The amount is an expression whose variables the loop does not assign.
    """
    body: tuple[Statement, ...] = (loop.body,)
    if isinstance(loop.body, Block):
        body = loop.body.body
    if next(exits(loop.body, continues=True), None) is not None:
        return {}
    written = written_in(loop)
    header = written_in(loop.init, loop.condition, loop.step)
    found: dict[Key, Move] = {}
    for number, statement in enumerate(body):
        others = written_in(*body[:number], *body[number + 1 :])
        for expression in _expressions(statement):
            for key, move in moves_of(expression).items():
                is_even = move is not None and key not in others | header
                if is_even and move is not None and not _varies(move, written):
                    found[key] = move
    return found


def _varies(move: Move, written: frozenset[Key]) -> bool:
    return move.amount is not None and any(
        isinstance(each, VarRef) and each.variable.key in written
        for each in walk(move.amount)
    )


def _expressions(statement: Statement) -> list[Expression]:
    match statement:
        case Evaluate():
            return [statement.expression]
        case Declaration(declarators=(only,)) if only.init is not None:
            return [only.init]
        case _:
            return []

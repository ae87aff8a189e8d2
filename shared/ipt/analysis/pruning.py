"""Leaves out the branches that are never taken, as what holds around them shows.

In `for (i = 1; i < n; i++) if (i + n < 0) t = a[i];` nothing is assigned, and after
`for (j = 1; …) if (j > 0) t = 1;` something always is: both matter for the roles of
variables.  Statements that stay are the same nodes as before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ipt.analysis.facts import branch_facts, guard_facts
from ipt.analysis.lowering import Symbols
from ipt.analysis.presburger import PointSet, Solver, TooComplex
from ipt.model import (
    Assign,
    Block,
    Call,
    DoWhile,
    Evaluate,
    For,
    If,
    Increment,
    Kind,
    Member,
    OpaqueExpression,
    Subscript,
    VarRef,
    While,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ipt.analysis.polynomials import Condition
    from ipt.model import Expression, Function, Program, Statement

__all__ = ["Pruned", "prune"]

_UNKNOWN = (Assign, Call, Increment, Member, OpaqueExpression, Subscript)


@dataclass(frozen=True, slots=True)
class Pruned:
    """A function without the branches that are never taken.

    Attributes:
        function: The function.
        loops: What each loop has become; what is not in here is gone, or stands
            where nothing is left out.
    """

    function: Function
    loops: Mapping[For, For]


def prune(function: Function, program: Program, solver: Solver) -> Pruned:
    """Return a function without the branches in its loops that are never taken.

    Args:
        function: The function.
        program: The program that it is in.
        solver: Answers questions about sets.
    """
    pruner = _Pruner(function, program, solver)
    body = pruner.statement(function.body)
    assert isinstance(body, Block)  # noqa: S101 - a block stays one
    is_same = body is function.body
    pruned = function if is_same else replace(function, body=body)
    return Pruned(pruned, {} if is_same else pruner.loops)


class _Pruner:
    """Rebuilds the statements around a branch that goes."""

    def __init__(self, function: Function, program: Program, solver: Solver) -> None:
        self._function = function
        self._program = program
        self._solver = solver
        self._depth = 0
        self.loops: dict[For, For] = {}

    def statement(self, node: Statement) -> Statement:
        """Return what is left of a statement; itself if that is all."""
        match node:
            case Block():
                body = tuple(map(self.statement, node.body))
                same = all(a is b for a, b in zip(body, node.body, strict=True))
                return node if same else replace(node, body=body)
            case For():
                made = self._loop(node)
                assert isinstance(made, For)  # noqa: S101 - a loop stays one
                self.loops[node] = made
                return made
            case While() | DoWhile():
                return self._loop(node)
            case If():
                return self._if(node)
            case _:
                return node

    def _loop(self, node: For | While | DoWhile) -> Statement:
        self._depth += 1
        body = self.statement(node.body)
        self._depth -= 1
        return node if body is node.body else replace(node, body=body)

    def _if(self, node: If) -> Statement:
        if self._depth and _is_plain(node.condition):
            if not self._can_be(node, is_true=True):
                return self._only(node, node.otherwise)
            if not self._can_be(node, is_true=False):
                return self._only(node, node.then)
        then = self.statement(node.then)
        otherwise = None if node.otherwise is None else self.statement(node.otherwise)
        if then is node.then and otherwise is node.otherwise:
            return node
        return replace(node, then=then, otherwise=otherwise)

    def _only(self, node: If, branch: Statement | None) -> Statement:
        """Return what is left where one branch is always taken: the test is made."""
        test = Evaluate(node.condition.span, node.condition)
        rest = () if branch is None else (self.statement(branch),)
        return Block(node.span, (test, *rest))

    def _can_be(self, node: If, *, is_true: bool) -> bool:
        """Tell whether a condition may be true, or false, where it is tested."""
        names = Symbols()
        own = branch_facts(node, names, self._program, is_true=is_true)
        if not own:
            return True
        around = guard_facts(self._function, node, names, self._program)
        return not self._is_empty((*around, *own))

    def _is_empty(self, conditions: tuple[Condition, ...]) -> bool:
        try:
            return self._solver.is_empty(PointSet((), conditions))
        except TooComplex:
            return False


def _is_plain(condition: Expression) -> bool:
    """Tell whether a condition compares whole numbers, and does nothing else."""
    nodes = list(walk(condition))
    return not any(
        isinstance(each, _UNKNOWN)
        or (isinstance(each, VarRef) and each.ctype.kind is not Kind.INTEGER)
        for each in nodes
    )

"""How many iterations a loop has at most, as tests and array lengths tell."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ipt.analysis.callers import call_sites
from ipt.analysis.canonical import constant_value
from ipt.analysis.facts import guard_facts
from ipt.analysis.lowering import Symbols
from ipt.analysis.polynomials import Comparison, Polynomial
from ipt.model import (
    Conditional,
    If,
    Kind,
    Scope,
    Subscript,
    Switch,
    VarRef,
    children_of,
    strip_casts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from ipt.analysis.canonical import CountedLoop
    from ipt.analysis.polynomials import Condition
    from ipt.model import Call, Expression, Function, Node, Program, Variable

    Known: TypeAlias = tuple[Sequence[Condition], Symbols]

__all__ = ["Limits"]

# Callers of callers that are looked at.
_MOST_DEPTH = 3


class Limits:
    """Knows of the loops of one program how long they can be.

    A limit serves to choose what is worth it, and proves nothing: a loop that
    is longer breaks the program's own rules.
    """

    def __init__(self, program: Program) -> None:
        self._program = program

    def most_iterations(
        self, function: Function, counted: CountedLoop, known: Known | None = None
    ) -> int | None:
        """Return the largest number of iterations that a loop can have.

        Args:
            function: The function that it is in.
            counted: A loop whose number of iterations is not constant.
            known: What holds in the loop, if that was found out before.

        Returns:
            The number; None if nothing limits it.
        """
        lower = constant_value(counted.lower)
        if counted.is_downward or not counted.step or lower is None:
            return None
        found = list(_extents(counted))
        bound = self._largest(counted.bound, counted.loop, function, 0, known)
        if bound is not None:
            found.append(bound + (counted.op == "<="))
        return max(0, -(-(min(found) - lower) // counted.step)) if found else None

    def _largest(
        self,
        value: Expression,
        place: Node,
        function: Function,
        depth: int,
        known: Known | None = None,
    ) -> int | None:
        """Return the largest value that an expression can have at a place."""
        value = strip_casts(value)
        constant = constant_value(value)
        if constant is not None or not isinstance(value, VarRef):
            return constant
        variable = value.variable
        if known is None:
            names = Symbols()
            known = guard_facts(function, place, names, self._program), names
        facts, names = known
        symbol = names.parameter(variable)
        limits = [
            limit for each in facts if (limit := _limit(each, symbol)) is not None
        ]
        if limits:
            return min(limits)
        if variable.scope is Scope.PARAMETER and depth < _MOST_DEPTH:
            return self._given(function, variable, depth)
        return None

    def _given(self, function: Function, variable: Variable, depth: int) -> int | None:
        """Return the largest value that any call gives a parameter."""
        if not self._is_closed(function) or variable not in function.parameters:
            return None
        position = function.parameters.index(variable)
        values = [
            self._largest(call.arguments[position], call, owner, depth + 1)
            if position < len(call.arguments)
            else None
            for owner, call in self._sites.get(function.key, [])
        ]
        known = [each for each in values if each is not None]
        return max(known) if known and len(known) == len(values) else None

    def _is_closed(self, function: Function) -> bool:
        """Tell whether all calls of a function are in the program's text."""
        is_open = not function.is_static and not self._program.has_main
        return not is_open and function.key not in self._program.function_pointers

    @cached_property
    def _sites(self) -> dict[str, list[tuple[Function, Call]]]:
        return call_sites(self._program)


def _limit(fact: object, symbol: str) -> int | None:
    """Return `c` of the fact `c - n >= 0`."""
    if not isinstance(fact, Comparison) or fact.op not in (">=", "="):
        return None
    rest = fact.polynomial + Polynomial.symbol(symbol)
    return None if rest.symbols else rest.value


def _extents(counted: CountedLoop) -> Iterator[int]:
    """Yield the lengths of the arrays that every iteration has an element of."""
    for node in _always_run(counted.loop.body):
        if not isinstance(node, Subscript):
            continue
        index = strip_casts(node.index)
        is_own = isinstance(index, VarRef) and index.variable == counted.counter
        ctype = strip_casts(node.base).ctype
        if is_own and ctype.kind is Kind.ARRAY and ctype.extent:
            yield ctype.extent


def _always_run(node: Node) -> Iterator[Node]:
    yield node
    if not isinstance(node, If | Conditional | Switch):
        for child in children_of(node):
            yield from _always_run(child)

"""Arrays of which each thread can have its own: temporary ones.

An array that each iteration fills before it reads it carries nothing from one
iteration to the next, although all iterations use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ipt.analysis.arrays.coverage import Coverage
from ipt.analysis.arrays.escapes import escapes
from ipt.analysis.arrays.lengths import length_of
from ipt.analysis.facts import guard_facts
from ipt.analysis.lowering import Symbols
from ipt.analysis.tracing import trace_statements
from ipt.analysis.writes import find_writes
from ipt.model import (
    Block,
    Call,
    DoWhile,
    For,
    Label,
    Node,
    OpaqueStatement,
    Scope,
    Statement,
    VarRef,
    While,
    parents_of,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.analysis.context import LoopContext
    from ipt.analysis.dependence import DependenceTester
    from ipt.analysis.presburger import Solver
    from ipt.model import Variable

__all__ = ["ArrayRole", "Temporary", "temporary_role"]

_KNOWN_OBSTACLES = ("IPT307", "IPT308")


class ArrayRole(Enum):
    """The clause for an array of which each thread has its own."""

    PRIVATE = "private"
    FIRSTPRIVATE = "firstprivate"
    LASTPRIVATE = "lastprivate"


@dataclass(frozen=True, slots=True)
class Temporary:
    """The answer for one array.

    Attributes:
        role: Its clause; None if it cannot have one.
        reason: Why it cannot; empty if it is no temporary array at all.
        way_out: What can be done then.
    """

    role: ArrayRole | None = None
    reason: str = ""
    way_out: str = ""


def temporary_role(
    context: LoopContext, tester: DependenceTester, solver: Solver, variable: Variable
) -> Temporary:
    """Decide whether each thread can have its own copy of an array.

    Args:
        context: The loop.
        tester: Compares accesses of the loop.
        solver: Answers questions about sets.
        variable: An array that is declared outside the loop.

    Raises:
        TooComplex: isl did not finish.
    """
    coverage = Coverage(context.trace, variable, solver, tester.facts)
    if coverage.is_too_large or not coverage.writes or not coverage.reads:
        return Temporary()
    role = _role_inside(coverage)
    if role is None:
        return Temporary()
    name = variable.name
    reason = _obstacle(context, variable)
    if reason:
        return Temporary(None, reason, f"Declare {name} inside the loop.")
    if not _is_used_after(context, solver, variable):
        return Temporary(role)
    runs = tester.runs_always(context.trace.domain)
    if role is ArrayRole.PRIVATE and runs and coverage.writes_all():
        return Temporary(ArrayRole.LASTPRIVATE)
    way_out = f"Declare {name} inside the loop, and use another array after it."
    return Temporary(None, "it is read after the loop", way_out)


def _obstacle(context: LoopContext, variable: Variable) -> str:
    """Return why threads cannot have copies of an array, empty if they can."""
    program = context.program
    length = length_of(program, context.function, variable)
    if length is None or not length.is_small:
        return "it is too large, or of unknown size, to be copied for each thread"
    if variable.scope is not Scope.LOCAL or program.is_reachable(variable):
        return "other functions may use it too"
    if escapes(context.function.body, variable, program):
        return "a pointer to it may be kept"
    return ""


def _role_inside(coverage: Coverage) -> ArrayRole | None:
    """Return the role that the loop itself allows."""
    if not coverage.exposed():
        return ArrayRole.PRIVATE
    return None if coverage.exposes_written() else ArrayRole.FIRSTPRIVATE


def _is_used_after(context: LoopContext, solver: Solver, variable: Variable) -> bool:
    """Tell whether the values that the loop leaves may be read."""
    body = context.function.body
    if any(isinstance(node, Label | OpaqueStatement) for node in walk(body)):
        return any(
            _names(node, variable) and not context.span.contains(node.span)
            for node in walk(body)
            if isinstance(node, VarRef)
        )
    loop = context.counted.loop
    for parent in parents_of(body, loop):
        headers: tuple[Node | None, ...] = ()
        if isinstance(parent, For):
            headers = (parent.condition, parent.step)
        elif isinstance(parent, While | DoWhile):
            headers = (parent.condition,)
        if any(each is not None and _names(each, variable) for each in headers):
            return True
    return any(
        _reads_old(context, solver, variable, part) for part in _followers(body, loop)
    )


def _followers(body: Block, loop: For) -> Iterator[Sequence[Statement]]:
    """Yield what may run after a loop, each part from its beginning."""
    child: Node = loop
    for parent in reversed(parents_of(body, loop)):
        if isinstance(parent, Block):
            position = next(n for n, each in enumerate(parent.body) if each is child)
            yield parent.body[position + 1 :]
        elif isinstance(parent, For | While | DoWhile):
            # One more iteration; which ones have been is not known.
            yield (parent.body,)
        child = parent


def _reads_old(
    context: LoopContext,
    solver: Solver,
    variable: Variable,
    statements: Sequence[Statement],
) -> bool:
    """Tell whether statements may read elements that they have not written."""
    named = [each for each in statements if _names(each, variable)]
    if not named:
        return False
    program = context.program
    if any(_passes_whole(each, variable, program.by_key) for each in named):
        return True
    writes = find_writes(Block(named[0].span, tuple(statements)), program)
    trace = trace_statements(statements, program, writes, Symbols())
    if any(each.code not in _KNOWN_OBSTACLES for each in trace.obstacles):
        return True
    if any(each.location is None for each in trace.every):
        return True
    facts = guard_facts(context.function, statements[0], trace.names, program)
    coverage = Coverage(trace, variable, solver, facts)
    return coverage.is_too_large or coverage.exposed()


def _passes_whole(node: Node, variable: Variable, known: object) -> bool:
    """Tell whether a function whose text is not known is given the array."""
    return any(
        isinstance(each, Call)
        and each.key not in known  # type: ignore[operator]
        and any(
            argument.ctype.target is not None and _names(argument, variable)
            for argument in each.arguments
        )
        for each in walk(node)
    )


def _names(node: Node, variable: Variable) -> bool:
    return any(
        isinstance(each, VarRef) and each.variable == variable for each in walk(node)
    )

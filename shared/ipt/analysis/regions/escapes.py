"""Calls that would lead out of a region, other than by a statement that says so.

`longjmp` and an exception must not leave a parallel region (OpenMP 5.2, section
10.1, and the rules for structured blocks).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ipt.analysis.effects import EffectKind, effects_of
from ipt.analysis.writes import called_functions
from ipt.findings import Finding
from ipt.model import Call, OpaqueExpression, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.model import Node, Program, Statement

__all__ = ["escape_finding"]

_JUMPS = frozenset(
    (
        "setjmp",
        "_setjmp",
        "sigsetjmp",
        "__sigsetjmp",
        "longjmp",
        "_longjmp",
        "siglongjmp",
    )
)
_CATCH = re.compile(rb"\bcatch\b")


def escape_finding(statements: Sequence[Statement], program: Program) -> Finding | None:
    """Return why control may leave some statements, None if it cannot.

    Args:
        statements: The statements; functions of the program are followed.
        program: The program.
    """
    for node in _every(statements, program):
        if isinstance(node, Call) and node.name in _JUMPS:
            return _leaves(node, f"{node.name}()")
        if isinstance(node, OpaqueExpression) and "throw" in node.what:
            return _leaves(node, "an exception")
    unknown = [
        each.call
        for each in effects_of(statements, program)
        if each.kind is EffectKind.ANYTHING
    ]
    # The whole text is searched only where there is something to be caught.
    if unknown and any(_CATCH.search(source.bare) for source in program.sources):
        what = f"an exception of {unknown[0].name or 'a function'}()"
        return _leaves(unknown[0], what)
    return None


def _every(statements: Sequence[Statement], program: Program) -> Iterator[Node]:
    for statement in statements:
        yield from walk(statement)
        for key in called_functions(statement, program):
            yield from walk(program.by_key[key].body)


def _leaves(node: Node, what: str) -> Finding:
    return Finding(
        "IPT328",
        f"{what} may leave the parallel region, which all threads must enter and "
        "leave together.",
        node.span.place,
        way_out="Leave the statement out of the region.",
    )

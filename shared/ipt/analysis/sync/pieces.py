"""What pieces of a block need before directives can go around them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ipt.analysis.shape import has_directive
from ipt.analysis.sync.placing import leaving_jumps
from ipt.analysis.writes import called_functions
from ipt.model import (
    Block,
    Case,
    Declaration,
    Kind,
    Label,
    Node,
    OpaqueStatement,
    Statement,
    VarRef,
    in_macro,
    parents_of,
    text_of,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.model import Function, Program, Variable

__all__ = [
    "block_of",
    "declared_in",
    "named_outside",
    "piece_problem",
    "unnameable",
]

_DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*pragma[ \t]+omp\b", re.MULTILINE)


def block_of(function: Function, statement: Statement) -> Block | None:
    """Return the block that a statement is directly in, None if in none."""
    path = parents_of(function.body, statement)
    return path[-1] if path and isinstance(path[-1], Block) else None


def piece_problem(
    program: Program, function: Function, statements: Sequence[Statement]
) -> str:
    """Return why no directive can go around some statements, empty if one can."""
    return next(_piece_problems(program, function, statements), "")


def _piece_problems(
    program: Program, function: Function, statements: Sequence[Statement]
) -> Iterator[str]:
    first = statements[0]
    source = first.span.source
    for each in statements:
        line = each.span.line
        if in_macro(each):
            yield f"line {line} comes from a macro"
        if any(isinstance(n, Label | Case | OpaqueStatement) for n in walk(each)):
            yield f"line {line} has labels, or something that is not understood"
        jump = next(leaving_jumps(each), None)
        if jump is not None:
            yield f"{jump.kind} in line {jump.span.line} leaves it"
        if has_directive(each):
            yield f"line {line} has an OpenMP directive already"
    if _DIRECTIVE.search(source.bare, first.span.start, statements[-1].span.end):
        yield "there is an OpenMP directive inside"
    if any(has_directive(n) for n in parents_of(function.body, first)[1:]):
        yield "there is an OpenMP directive around it"
    for key in {k for each in statements for k in called_functions(each, program)}:
        span = program.by_key[key].span
        if _DIRECTIVE.search(span.source.bare, span.start, span.end):
            yield f"{program.by_key[key].name}() has OpenMP directives of its own"


def declared_in(statements: Sequence[Statement]) -> set[Variable]:
    """Return the variables that statements of a block declare for what follows."""
    return {
        each.variable
        for statement in statements
        if isinstance(statement, Declaration)
        for each in statement.declarators
    }


def named_outside(statements: Sequence[Statement]) -> list[Variable]:
    """Return the variables that statements name and that exist before them."""
    first, last = statements[0].span, statements[-1].span
    found: dict[Variable, None] = {}
    for statement in statements:
        for node in walk(statement):
            if not isinstance(node, VarRef):
                continue
            variable = node.variable
            is_inside = variable.source is first.source and (
                first.start <= variable.offset < last.end
            )
            if not is_inside:
                found[variable] = None
    return list(found)


def unnameable(statements: Sequence[Node], variables: Sequence[Variable]) -> str:
    """Return why a clause cannot list one of some variables, empty if it can."""
    for variable in variables:
        if not variable.name:
            return "a member of a union without a name is used"
        if any(v.name == variable.name and v != variable for v in variables):
            return f"two variables called {variable.name} are used"
        if variable.is_thread_local or variable.is_static_member:
            whose = "each thread has" if variable.is_thread_local else "a class has"
            return f"{whose} its own {variable.name}, which no clause can name"
        if variable.ctype.kind is Kind.OTHER:
            return f"the type of {variable.name} is not understood"
    for statement in statements:
        for node in walk(statement):
            if isinstance(node, VarRef) and "::" in text_of(node):
                return f"{text_of(node)} cannot stand in a directive"
    return ""

"""Whether iterations share a variable, or each could have its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.exposure import Exposure
from ipt.model import (
    DoWhile,
    For,
    Kind,
    Label,
    Scope,
    Subscript,
    While,
    parents_of,
    strip_casts,
    walk,
)
from ipt.restructure.coverage import is_written_first
from ipt.restructure.exact import references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.analysis.presburger import Solver
    from ipt.model import CType, Expression, Function, Variable
    from ipt.restructure.ordering import Ordering
    from ipt.restructure.study import Study
    from ipt.source import Span

__all__ = ["sharing_reason"]

# What a thread's stack holds without asking.
_MOST_BYTES = 65_536


def sharing_reason(
    study: Study, ordering: Ordering, solver: Solver, variable: Variable
) -> str:
    """Return why a variable cannot belong to one iteration, empty if it can.

    Args:
        study: The loop.
        ordering: Its accesses.
        solver: Decides whether each iteration writes what it reads.
        variable: An array or a single number.
    """
    return next(_reasons(study, ordering, solver, variable), "")


def _reasons(
    study: Study, ordering: Ordering, solver: Solver, variable: Variable
) -> Iterator[str]:
    if not _is_own(study, variable):
        yield "it may be used elsewhere"
    if study.text.open is None:
        yield "the body of the loop has no braces"
    if not 0 < _size(variable.ctype) <= _MOST_BYTES:
        yield "its size is not known, or too large for each thread"
    if not _is_only_subscripted(study.function, variable):
        yield "its address is passed on"
    if not ordering.is_followed:
        yield "not everything in the loop can be followed"
    if _is_used_later(study, variable):
        yield "its values are used after the loop"
    if not _is_set_first(study, ordering, solver, variable):
        yield "an iteration may read what another one wrote"


def _is_own(study: Study, variable: Variable) -> bool:
    """Tell whether nobody beside this function can use a variable.

    What outlives a call must be used in the loop only: the next call would
    find what this one has left.
    """
    program = study.program
    if program.is_reachable(variable) or variable.is_thread_local:
        return False
    if variable.scope is Scope.LOCAL:
        return True
    if variable.scope is Scope.GLOBAL and program.language != "c":
        # What templates and constructors use is not known.
        return False
    return variable.is_shared_storage and all(
        study.loop.span.contains(each)
        for function in program.functions
        for each in _uses(function, variable)
    )


def _is_only_subscripted(function: Function, variable: Variable) -> bool:
    """Tell whether every use of an array is a use of an element."""
    if variable.ctype.kind is not Kind.ARRAY:
        return True
    found: set[int] = set()
    for node in walk(function.body):
        if not isinstance(node, Subscript) or not node.ctype.is_arithmetic:
            continue
        inner: Expression = node
        while isinstance(inner, Subscript):
            inner = strip_casts(inner.base)
        found.add(id(inner))
    return all(id(each) in found for each in references(function.body, {variable}))


def _is_set_first(
    study: Study, ordering: Ordering, solver: Solver, variable: Variable
) -> bool:
    if variable.ctype.kind is Kind.ARRAY:
        return is_written_first(ordering, solver, variable)
    exposure = Exposure(variable)
    exposure.visit(study.loop.body, frozenset())
    return not exposure.reads


def _uses(function: Function, variable: Variable) -> list[Span]:
    return [each.span for each in references(function.body, {variable})]


def _is_used_later(study: Study, variable: Variable) -> bool:
    """Tell whether a value may be read behind the loop."""
    loop, function = study.loop, study.function
    outside = [
        each for each in _uses(function, variable) if not loop.span.contains(each)
    ]
    if not outside:
        return False
    if any(isinstance(node, Label) for node in walk(function.body)):
        return True
    around = [
        each.span
        for each in parents_of(function.body, loop)
        if isinstance(each, For | While | DoWhile)
    ]
    return any(
        each.start > loop.span.start or any(up.contains(each) for up in around)
        for each in outside
    )


def _size(ctype: CType) -> int:
    """Return the bytes of an array of numbers, 0 if they are not known."""
    count = 1
    while ctype.kind is Kind.ARRAY and ctype.target is not None:
        count *= ctype.extent or 0
        ctype = ctype.target
    return count * ctype.bits // 8 if ctype.is_arithmetic else 0

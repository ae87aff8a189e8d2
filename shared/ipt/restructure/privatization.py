"""Gives every iteration a temporary variable of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.exposure import Exposure
from ipt.errors import TransformRefused
from ipt.model import (
    Declaration,
    DoWhile,
    For,
    Kind,
    Label,
    Scope,
    Subscript,
    VarRef,
    While,
    parents_of,
    strip_casts,
    walk,
)
from ipt.restructure.coverage import is_written_first
from ipt.restructure.exact import references
from ipt.restructure.layout import statement_span
from ipt.restructure.restructuring import RestructuringKind
from ipt.source import Insertion, Replacement

if TYPE_CHECKING:
    from ipt.analysis.presburger import Solver
    from ipt.findings import Finding
    from ipt.model import CType, Expression, Function, Variable
    from ipt.restructure.ordering import Ordering
    from ipt.restructure.study import Study
    from ipt.source import Edit, Span

__all__ = ["Privatization", "privatization"]

# What a thread's stack holds without asking.
_MOST_BYTES = 65_536
_CODES = ("IPT301", "IPT302", "IPT312", "IPT316", "IPT322")


@dataclass(frozen=True, slots=True, eq=False)
class Privatization:
    """Declares temporary variables inside the loop.

    Before::

        static double t[3];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < 3; k++)
                t[k] = a[i] * k;
            b[i] = t[0] + t[1] + t[2];
        }

    After::

        for (int i = 0; i < n; i++) {
            double t[3];
            for (int k = 0; k < 3; k++)
                t[k] = a[i] * k;
            b[i] = t[0] + t[1] + t[2];
        }

    Where a local array has another purpose before the loop, the declaration
    there stays, and the loop gets one of its own with the same name.

    Attributes:
        study: The loop.
        ordering: Its accesses.
        solver: Decides whether each iteration writes what it reads.
        variables: Arrays or single numbers.
    """

    study: Study
    ordering: Ordering
    solver: Solver
    variables: tuple[Variable, ...]

    @property
    def kind(self) -> RestructuringKind:
        """It privatizes."""
        return RestructuringKind.PRIVATIZATION

    @property
    def loop(self) -> For:
        """The loop."""
        return self.study.loop

    @property
    def counter(self) -> str:
        """The counter of the loop."""
        return self.study.counted.counter.name

    @property
    def why(self) -> str:
        """What the variables are for."""
        names = " and ".join(each.name for each in self.variables)
        return f"Each iteration sets {names} before it reads it, and gets its own."

    @property
    def findings(self) -> tuple[Finding, ...]:
        """It costs nothing."""
        return ()

    def validate(self) -> None:
        """Check that no value in the variables outlives an iteration.

        Raises:
            TransformRefused: One does, or may.
        """
        found: list[Finding] = []
        for each in self.variables:
            reason = _reason(self.study, self.ordering, self.solver, each)
            if reason:
                message = f"{each.name} cannot be declared inside the loop: {reason}."
                way_out = f"Set {each.name} before it is read, in every iteration."
                found.append(self.study.refusal("IPT341", message, way_out))
        if found:
            raise TransformRefused(found)

    def edits(self) -> list[Edit]:
        """Return the new declarations, and the old ones taken out if without use.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate()
        text = self.study.text
        assert text.open is not None  # noqa: S101 - _reason has looked
        declarations = [_declaration(each) for each in self.variables]
        start, first = text.source.line_end(text.open), text.statements[0].start
        if start <= text.source.line_start(first):
            indent = text.indent + text.unit
            lines = tuple(f"{indent}{each}" for each in declarations)
            found: list[Edit] = [Insertion(start, lines)]
        else:
            data = " ".join(["", *declarations]).encode()
            found = [Replacement(text.open + 1, text.open + 1, data)]
        removed = [_old(self.study, each) for each in self.variables]
        return [each for each in removed if each is not None] + found


def _reason(  # noqa: PLR0911 - a return a reason
    study: Study, ordering: Ordering, solver: Solver, variable: Variable
) -> str:
    """Return why a variable cannot belong to one iteration, empty if it can."""
    if not _is_own(study, variable):
        return "it may be used elsewhere"
    if study.text.open is None:
        return "the body of the loop has no braces"
    if not 0 < _size(variable.ctype) <= _MOST_BYTES:
        return "its size is not known, or too large for each thread"
    if not _is_only_subscripted(study.function, variable):
        return "its address is passed on"
    if not ordering.is_followed:
        return "not everything in the loop can be followed"
    if _is_used_later(study, variable):
        return "its values are used after the loop"
    if not _is_set_first(study, ordering, solver, variable):
        return "an iteration may read what another one wrote"
    return ""


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


def _old(study: Study, variable: Variable) -> Edit | None:
    """Return the edit that takes out the old declaration, None if it stays."""
    uses = _uses(study.function, variable)
    if not all(study.loop.span.contains(each) for each in uses):
        return None
    for node in walk(study.function.body):
        if not isinstance(node, Declaration) or len(node.declarators) != 1:
            continue
        span = statement_span(node)
        if node.declarators[0].variable != variable or span is None:
            continue
        source = span.source
        start, end = source.line_start(span.start), source.line_end(span.end - 1)
        rest = source.data[start : span.start] + source.data[span.end : end]
        if not rest.strip():
            return Replacement(start, end, b"")
    return None


def _declaration(variable: Variable) -> str:
    sizes, ctype = "", variable.ctype
    while ctype.target is not None:
        sizes += f"[{ctype.extent}]"
        ctype = ctype.target
    return f"{ctype.spelling} {variable.name}{sizes};"


def _size(ctype: CType) -> int:
    """Return the bytes of an array of numbers, 0 if they are not known."""
    count = 1
    while ctype.kind is Kind.ARRAY and ctype.target is not None:
        count *= ctype.extent or 0
        ctype = ctype.target
    return count * ctype.bits // 8 if ctype.is_arithmetic else 0


def privatization(
    study: Study, ordering: Ordering, solver: Solver
) -> Privatization | None:
    """Return the rewrite for the variables that hold a loop up for no reason.

    Args:
        study: The loop.
        ordering: Its accesses.
        solver: Decides.

    Returns:
        None if there are no such variables.
    """
    names = {
        name.split("[")[0]
        for each in study.verdict.refusals
        if each.code in _CODES
        for name in each.variables
    }
    found: list[Variable] = []
    for node in walk(study.loop.body):
        if not isinstance(node, VarRef) or node.variable in found:
            continue
        variable = node.variable
        is_inside = study.loop.span.start <= variable.offset < study.loop.span.end
        is_number = variable.ctype.leaf.is_arithmetic
        if variable.name not in names or is_inside or not is_number:
            continue
        if not _reason(study, ordering, solver, variable):
            found.append(variable)
    return Privatization(study, ordering, solver, tuple(found)) if found else None

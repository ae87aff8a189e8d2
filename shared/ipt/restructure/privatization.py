"""Gives every iteration a temporary variable of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.errors import TransformRefused
from ipt.model import (
    Declaration,
    VarRef,
    walk,
)
from ipt.restructure.exact import references
from ipt.restructure.layout import statement_span
from ipt.restructure.loop_rewrite import LoopRewrite
from ipt.restructure.restructuring import RestructuringKind
from ipt.restructure.sharing import sharing_reason
from ipt.source import Insertion, Replacement

if TYPE_CHECKING:
    from ipt.analysis.presburger import Solver
    from ipt.findings import Finding
    from ipt.model import Variable
    from ipt.restructure.ordering import Ordering
    from ipt.restructure.study import Study
    from ipt.source import Edit

__all__ = ["Privatization", "privatization"]

_CODES = ("IPT301", "IPT302", "IPT312", "IPT316", "IPT322")


@dataclass(frozen=True, slots=True, eq=False)
class Privatization(LoopRewrite):
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

    ordering: Ordering
    solver: Solver
    variables: tuple[Variable, ...]

    @property
    def kind(self) -> RestructuringKind:
        """It privatizes."""
        return RestructuringKind.PRIVATIZATION

    @property
    def why(self) -> str:
        """What the variables are for."""
        names = " and ".join(each.name for each in self.variables)
        return f"Each iteration sets {names} before it reads it, and gets its own."

    def validate(self) -> None:
        """Check that no value in the variables outlives an iteration.

        Raises:
            TransformRefused: One does, or may.
        """
        found: list[Finding] = []
        for each in self.variables:
            reason = sharing_reason(self.study, self.ordering, self.solver, each)
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
        assert text.open is not None  # noqa: S101 - validate has looked
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


def _old(study: Study, variable: Variable) -> Edit | None:
    """Return the edit that takes out the old declaration, None if it stays."""
    uses = references(study.function.body, {variable})
    if not all(study.loop.span.contains(each.span) for each in uses):
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
        if not sharing_reason(study, ordering, solver, variable):
            found.append(variable)
    return Privatization(study, ordering, solver, tuple(found)) if found else None

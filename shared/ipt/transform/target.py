"""`#pragma omp target` in front of a loop, and what a device needs for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.source import Insertion
from ipt.transform.directives import (
    clause_list,
    reduction_clauses,
    vouched_lines,
    wrapped,
)
from ipt.transform.lines import lines_of
from ipt.transform.verdicts import FromVerdict, check_settled, vouched

if TYPE_CHECKING:
    from ipt.analysis.sync.target import TargetVerdict
    from ipt.findings import Finding
    from ipt.model import Function
    from ipt.source import Edit, Span

__all__ = ["Target"]

_DIRECTIVE = "#pragma omp target teams distribute parallel for"


@dataclass(frozen=True, slots=True)
class Target(FromVerdict):
    r"""Runs a loop on a device, or on the processor where there is none.

    Before::

        for (int i = 0; i < n; i++)
            y[i] += a * x[i];

    After::

        #pragma omp target teams distribute parallel for default(none) \\
            shared(n, y, a, x) map(tofrom: y[0:n]) map(to: x[0:n])
        for (int i = 0; i < n; i++)
            y[i] += a * x[i];

    Attributes:
        verdict: What the analysis found, with all lengths known.
    """

    verdict: TargetVerdict

    def validate(self) -> None:
        """Check that the loop may run on a device.

        Raises:
            TransformRefused: It may not, or a length must be given first.
        """
        check_settled(self.verdict)
        check_settled(self.verdict.loop)
        lines_of((self.verdict.loop.loop,))

    @property
    def function(self) -> Function:
        """The function that is changed."""
        return self.verdict.loop.function

    @property
    def span(self) -> Span:
        """The loop."""
        return self.verdict.loop.loop.span

    def clauses(self) -> list[str]:
        """Return the clauses of the directive."""
        loop = self.verdict.loop
        found = ["default(none)"]
        found += clause_list(
            shared=loop.shared, private=loop.private, lastprivate=loop.lastprivate
        )
        found += reduction_clauses((each.op, each.name) for each in loop.reductions)
        return found + [each.text for each in self.verdict.maps]

    @property
    def directive(self) -> str:
        """The directive on one line."""
        return " ".join((_DIRECTIVE, *self.clauses()))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the analysis found."""
        return (*self.verdict.findings, *self.verdict.loop.findings)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the user vouched for and nobody proved."""
        return vouched((*self.verdict.loop.accepted, *self.verdict.accepted))

    def edits(self) -> list[Edit]:
        """Return the lines to insert.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate()
        lines = lines_of((self.verdict.loop.loop,))
        comments = vouched_lines(self.assumptions)
        directive = wrapped(_DIRECTIVE, self.clauses(), lines.indent)
        edits: list[Edit] = [lines.before([*comments, *directive])]
        for each in self.verdict.functions:
            source = each.span.source
            start = source.line_start(each.span.start)
            end = source.line_end(each.span.end - 1)
            edits.append(Insertion(start, ("#pragma omp declare target",), order=2))
            edits.append(Insertion(end, ("#pragma omp end declare target",), order=-2))
        return edits

"""`#pragma omp parallel for` in front of a loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis import AssumptionKind, Status
from ipt.errors import TransformRefused
from ipt.source import Insertion

if TYPE_CHECKING:
    from ipt.analysis import LoopVerdict
    from ipt.findings import Finding
    from ipt.model import Function
    from ipt.source import Edit, Span

__all__ = ["ParallelFor"]

_WIDTH = 79
_DIRECTIVE = "#pragma omp parallel for"


@dataclass(frozen=True, slots=True)
class ParallelFor:
    """Runs the iterations of one loop on several threads.

    Before::

        double s = 0;
        for (int i = 0; i < n; i++)
            s += a[i];

    After::

        double s = 0;
        #pragma omp parallel for default(none) shared(n, a) reduction(+: s)
        for (int i = 0; i < n; i++)
            s += a[i];

    `default(none)` makes the compiler check that every variable has a role.
    Constants are listed too: since OpenMP 4.0 they are no longer shared by
    themselves (GCC 9 and later refuse the program otherwise).

    Attributes:
        verdict: What the analysis found, with all assumptions accepted.
        schedule: The argument of the schedule clause, empty for none.
        collapse: How many nested loops to run as one.
        condition: The argument of the `if` clause, empty for none.
        atomic: The names of those `updates` of the verdict that become atomic
            instead of an array reduction.
        simd: Whether the verdict's inner loops get `omp simd`.
    """

    verdict: LoopVerdict
    schedule: str = ""
    collapse: int = 1
    condition: str = ""
    atomic: frozenset[str] = frozenset()
    simd: bool = False

    def validate(self) -> None:
        """Check that the loop may run in parallel.

        Raises:
            TransformRefused: It may not, or something must be decided first.
        """
        verdict = self.verdict
        if verdict.status is Status.REFUSED:
            raise TransformRefused(verdict.refusals)
        if verdict.decisions:
            codes = ("IPT201", "IPT202", "IPT203", "IPT204")
            open_ = [each for each in verdict.findings if each.code in codes]
            raise TransformRefused(open_)

    def clauses(self) -> list[str]:
        """Return the clauses of the directive."""
        verdict = self.verdict
        found = ["default(none)"]
        lists = (
            ("shared", verdict.shared),
            ("private", verdict.private),
            ("lastprivate", verdict.lastprivate),
        )
        found += [f"{name}({', '.join(names)})" for name, names in lists if names]
        by_operator: dict[str, list[str]] = {}
        for reduction in verdict.reductions:
            by_operator.setdefault(reduction.op, []).append(reduction.name)
        for operator, names in by_operator.items():
            found.append(f"reduction({operator}: {', '.join(names)})")
        if self.schedule:
            found.append(f"schedule({self.schedule})")
        return found

    @property
    def function(self) -> Function:
        """The function that is changed."""
        return self.verdict.function

    @property
    def span(self) -> Span:
        """The loop."""
        return self.verdict.loop.span

    @property
    def directive(self) -> str:
        """The directive on one line."""
        return f"{_DIRECTIVE} {' '.join(self.clauses())}"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the analysis found for the loop."""
        return self.verdict.findings

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the user vouched for and nobody proved."""
        return tuple(
            each.text
            for each in self.verdict.accepted
            if each.kind is not AssumptionKind.ROUNDING
        )

    @property
    def headers(self) -> frozenset[str]:
        """The directive needs none."""
        return frozenset()

    def edits(self) -> list[Edit]:
        """Return the lines to insert.

        Raises:
            TransformRefused: The loop may not run in parallel.
        """
        self.validate()
        source, offset = self.span.source, self.span.start
        indent = (source.indentation(offset) or b"").decode()
        lines = [
            f"{indent}/* ipt: taken as true, not proved: {each}. */"
            for each in self.assumptions
        ]
        lines += _wrapped(indent, self.clauses())
        return [Insertion(source.line_start(offset), tuple(lines))]


def _wrapped(indent: str, clauses: list[str]) -> list[str]:
    lines = [indent + _DIRECTIVE]
    for clause in clauses:
        if len(lines[-1]) + len(clause) + 3 > _WIDTH and lines[-1].strip() != clause:
            lines[-1] += " \\"
            lines.append(f"{indent}    {clause}")
        else:
            lines[-1] += f" {clause}"
    return lines

"""`#pragma omp parallel for` in front of a loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.protection import Protection, ProtectionKind
from ipt.errors import TransformRefused
from ipt.findings import Finding
from ipt.model import for_loops
from ipt.source import Insertion
from ipt.transform.directives import (
    clause_list,
    reduction_clauses,
    vouched_lines,
    wrapped,
)
from ipt.transform.lines import lines_of
from ipt.transform.protection import protection_edits
from ipt.transform.schedules import schedule_argument
from ipt.transform.verdicts import FromVerdict, check_settled

if TYPE_CHECKING:
    from ipt.analysis import LoopVerdict
    from ipt.analysis.verdict import Update, VectorLoop
    from ipt.model import Evaluate, Function
    from ipt.source import Edit, Span

__all__ = ["ParallelFor"]

_DIRECTIVE = "#pragma omp parallel for"


@dataclass(frozen=True, slots=True)
class ParallelFor(FromVerdict):
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
            instead of an array reduction; None for those that the analysis
            advises.
        simd: Whether the verdict's inner loops get `omp simd`.
        threads: The argument of the `num_threads` clause, 0 for none.
        binding: The argument of the `proc_bind` clause, empty for none.
    """

    verdict: LoopVerdict
    schedule: str = ""
    collapse: int = 1
    condition: str = ""
    atomic: frozenset[str] | None = None
    simd: bool = False
    threads: int = 0
    binding: str = ""

    def validate(self) -> None:
        """Check that the loop may run in parallel.

        Raises:
            TransformRefused: It may not, or something must be decided first.
        """
        verdict = self.verdict
        check_settled(verdict)
        if self.collapse > verdict.collapse:
            raise TransformRefused([_not_collapsible(verdict)])
        for update in self._atomic_updates():
            if not update.can_be_atomic:
                raise TransformRefused([_not_atomic(update)])

    def _atomic_updates(self) -> list[Update]:
        """Return the updates of array elements that become atomic."""
        return [each for each in self.verdict.updates if self._is_atomic(each)]

    def _is_atomic(self, update: Update) -> bool:
        if not update.section:
            return True
        if self.atomic is None:
            return update.is_atomic_better
        return update.name in self.atomic

    def clauses(self) -> list[str]:
        """Return the clauses of the directive."""
        verdict = self.verdict
        reduced = {each.name for each in self._combined_updates()}
        shared = [each for each in verdict.shared if each not in reduced]
        found = ["default(none)"]
        found += clause_list(shared=shared, private=verdict.private)
        found += self.data_clauses()
        if self.collapse > 1:
            found.append(f"collapse({self.collapse})")
        if self.schedule:
            found.append(f"schedule({schedule_argument(self.schedule, verdict)})")
        if any(each.kind is ProtectionKind.ORDERED for each in verdict.protections):
            found.append("ordered")
        if self.condition:
            found.append(f"if({self.condition})")
        if self.threads:
            found.append(f"num_threads({self.threads})")
        if self.binding:
            found.append(f"proc_bind({self.binding})")
        return found

    def _combined_updates(self) -> list[Update]:
        """Return the updates of array elements that become a reduction."""
        atomic = self._atomic_updates()
        return [each for each in self.verdict.updates if each not in atomic]

    def data_clauses(self) -> list[str]:
        """Return the clauses of variables that are copied in or out."""
        verdict = self.verdict
        found = clause_list(
            firstprivate=verdict.firstprivate, lastprivate=verdict.lastprivate
        )
        found += [f"linear({each})" for each in verdict.linear]
        reduced = [(each.op, each.name) for each in verdict.reductions]
        reduced += [(each.op, each.section) for each in self._combined_updates()]
        return found + reduction_clauses(reduced)

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

    def edits(self) -> list[Edit]:
        """Return the lines to insert.

        Raises:
            TransformRefused: The loop may not run in parallel.
        """
        self.validate()
        source, offset = self.span.source, self.span.start
        indent = (source.indentation(offset) or b"").decode()
        lines = vouched_lines(self.assumptions)
        lines += wrapped(_DIRECTIVE, self.clauses(), indent)
        place = source.line_start(offset)
        line = Insertion(place, tuple(indent + each for each in lines))
        return [line, *self.inner_edits()]

    def inner_edits(self) -> list[Edit]:
        """Return the directives inside the loop."""
        edits: list[Edit] = []
        for update in self._atomic_updates():
            for each in update.statements:
                edits += protection_edits(_atomic(each))
        for protection in self.verdict.protections:
            edits += protection_edits(protection)
        if self.simd:
            # No line may stand between loops that are run as one.
            merged = list(for_loops(self.verdict.loop))[: self.collapse]
            for inner in self.verdict.simd:
                if inner.loop not in merged:
                    edits += _vector_line(inner)
        return edits


def _vector_line(inner: VectorLoop) -> list[Edit]:
    """Return the directive of an inner loop, none where a line cannot go."""
    try:
        return [lines_of([inner.loop]).before([inner.directive])]
    except TransformRefused:
        return []


def _atomic(statement: Evaluate) -> Protection:
    return Protection(ProtectionKind.ATOMIC_UPDATE, (statement,))


def _not_collapsible(verdict: LoopVerdict) -> Finding:
    return Finding(
        "IPT323",
        f"no more than {verdict.collapse} of the nested loops can run as one.",
        verdict.loop.span.place,
        way_out="Leave out collapse.",
    )


def _not_atomic(update: Update) -> Finding:
    return Finding(
        "IPT315",
        f"the updates of {update.name} are not of a form that OpenMP can do "
        "atomically.",
        update.statements[0].span.place,
        (update.name,),
        f"Write them as {update.name}[…] {update.op}= …, or use the reduction.",
    )

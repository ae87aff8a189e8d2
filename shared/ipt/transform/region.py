"""`#pragma omp parallel` around several loops and what is between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.protection import ProtectionKind
from ipt.source import Span
from ipt.transform.directives import clause_list, vouched_lines, wrapped
from ipt.transform.lines import lines_of
from ipt.transform.parallel_for import ParallelFor
from ipt.transform.schedules import schedule_argument
from ipt.transform.verdicts import FromVerdict, check_settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ipt.analysis.regions import RegionPart, RegionVerdict
    from ipt.model import For, Function
    from ipt.source import Edit

__all__ = ["ParallelRegion"]

_DIRECTIVE = "#pragma omp parallel"
_FOR = "#pragma omp for"
_BARRIER = "#pragma omp barrier"
# Among edits at one offset: what ends comes before what begins, and the
# region is around its parts.
_CLOSE_PART, _CLOSE_REGION, _OPEN_REGION, _BARRIER_HERE = -9, -8, -3, -2


@dataclass(frozen=True, slots=True)
class ParallelRegion(FromVerdict):
    """Starts the threads once for several loops.

    Before::

        for (int i = 0; i < n; i++)
            a[i] = i;
        for (int i = 0; i < n; i++)
            b[i] = 2 * a[i];

    After::

        #pragma omp parallel default(none) shared(n, a, b)
        {
        #pragma omp for schedule(static) nowait
        for (int i = 0; i < n; i++)
            a[i] = i;
        #pragma omp for schedule(static) nowait
        for (int i = 0; i < n; i++)
            b[i] = 2 * a[i];
        }

    The text keeps its indentation, so that it stays as it was byte for byte.
    Variables of a reduction are shared in the region and have their clause at
    the loop (OpenMP 5.2, section 5.5.8).

    Attributes:
        verdict: What the analysis found, with all assumptions accepted.
        schedules: The argument of the schedule clause, for the loops that
            shall have one.  Threads wait behind a loop after all where going
            on would rest on another schedule.
        threads: The argument of the `num_threads` clause, 0 for none.
        simd: Whether the inner loops that can use vector instructions are told to.
    """

    verdict: RegionVerdict
    schedules: Mapping[For, str] = field(default_factory=dict)
    threads: int = 0
    simd: bool = False

    def validate(self) -> None:
        """Check that the statements may be one region.

        Raises:
            TransformRefused: They may not, or something must be decided first.
        """
        check_settled(self.verdict)
        lines_of(self.verdict.statements)

    @property
    def function(self) -> Function:
        """The function that is changed."""
        return self.verdict.function

    @property
    def span(self) -> Span:
        """All statements of the region."""
        first, last = self.verdict.statements[0].span, self.verdict.statements[-1].span
        return Span(first.start, last.end, first.source)

    def clauses(self) -> list[str]:
        """Return the clauses of the directive around."""
        verdict = self.verdict
        found = ["default(none)"]
        found += clause_list(
            shared=verdict.shared,
            private=verdict.private,
            firstprivate=verdict.firstprivate,
        )
        if self.threads:
            found.append(f"num_threads({self.threads})")
        return found

    @property
    def directive(self) -> str:
        """The directive on one line."""
        return f"{_DIRECTIVE} {' '.join(self.clauses())}"

    def edits(self) -> list[Edit]:
        """Return the lines to insert.

        Raises:
            TransformRefused: The statements may not be one region.
        """
        self.validate()
        around = lines_of(self.verdict.statements)
        opening = vouched_lines(self.assumptions)
        opening += wrapped(_DIRECTIVE, self.clauses(), around.indent)
        edits: list[Edit] = [
            around.before([*opening, "{"], _OPEN_REGION),
            around.behind(["}"], _CLOSE_REGION),
        ]
        for part in self.verdict.walk():
            edits += self._part(part)
        return edits

    def _part(self, part: RegionPart) -> list[Edit]:
        if part.kind == "every":
            return []
        lines = lines_of(part.statements)
        edits: list[Edit] = []
        if part.barrier:
            edits.append(lines.before([_BARRIER], _BARRIER_HERE))
        if part.kind == "for":
            directive = wrapped(_FOR, self.loop_clauses(part), lines.indent)
            return [*edits, lines.before(directive), *self._inner(part)]
        is_single = part.kind == "single"
        nowait = " nowait" if is_single and part.nowait else ""
        directive = [f"#pragma omp {part.kind}{nowait}"]
        waits = [] if is_single or part.nowait else [_BARRIER]
        if len(part.statements) == 1:
            edits.append(lines.before(directive))
            if waits:
                edits.append(lines.behind(waits, _CLOSE_PART))
            return edits
        edits.append(lines.before([*directive, "{"]))
        edits.append(lines.behind(["}", *waits], _CLOSE_PART))
        return edits

    def _inner(self, part: RegionPart) -> list[Edit]:
        """Return the directives inside a loop: those of `parallel for` there."""
        assert part.verdict is not None  # noqa: S101 - a loop has one
        return ParallelFor(part.verdict, simd=self.simd).inner_edits()

    def schedule_of(self, part: RegionPart) -> str:
        """Return the argument of the schedule clause of a loop."""
        assert part.verdict is not None  # noqa: S101 - a loop has one
        if part.verdict.linear:
            # See ParallelFor: LLVM 19 loses their last value otherwise.
            return ""
        default = "static" if self._is_relied_on(part) else part.verdict.schedule
        return self.schedules.get(part.verdict.loop, default)

    def goes_on(self, part: RegionPart) -> bool:
        """Tell whether threads need not wait behind a loop."""
        if not part.nowait:
            return False
        by_loop = {e.verdict.loop: e for e in self.verdict.loops if e.verdict}
        schedules = {self.schedule_of(by_loop[each]) for each in part.same_threads}
        return not schedules or (
            len(schedules) == 1 and schedules.pop().split(",")[0] == "static"
        )

    def _is_relied_on(self, part: RegionPart) -> bool:
        assert part.verdict is not None  # noqa: S101 - a loop has one
        return any(part.verdict.loop in e.same_threads for e in self.verdict.loops)

    def loop_clauses(self, part: RegionPart) -> list[str]:
        """Return the clauses of the directive in front of a loop."""
        assert part.verdict is not None  # noqa: S101 - a loop has one
        found = clause_list(private=part.private)
        found += ParallelFor(part.verdict).data_clauses()
        if any(e.kind is ProtectionKind.ORDERED for e in part.verdict.protections):
            found.append("ordered")
        schedule = self.schedule_of(part)
        if schedule:
            found.append(f"schedule({schedule_argument(schedule, part.verdict)})")
        if self.goes_on(part):
            found.append("nowait")
        return found

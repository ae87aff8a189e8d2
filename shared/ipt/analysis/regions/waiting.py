"""Where the threads of a region must wait for each other, and where not.

Two threads go the same way through a region, so that one can be at B while
another is still at A only if a way leads from A to B on which nobody waits.
All such pairs are compared; where they meet, a barrier stays or is added.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.lowering import Lowering, Symbols
from ipt.analysis.polynomials import Polynomial
from ipt.analysis.regions.steps import reachable
from ipt.analysis.runs import merged_writes
from ipt.model import For, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.concurrency import Concurrency
    from ipt.analysis.regions.steps import Step
    from ipt.analysis.writes import Writes
    from ipt.findings import Finding
    from ipt.model import Expression, Program, Variable

__all__ = ["Waiting"]

_MOST_COMPARISONS = 400


@dataclass(frozen=True, slots=True)
class _Answer:
    """Whether two steps may be done at the same time.

    Attributes:
        same_threads: Whether that rests on the same iterations being done by
            the same threads.
    """

    findings: tuple[Finding, ...] = ()
    same_threads: bool = False


@dataclass
class Waiting:
    """Places the barriers of one region; owns the comparisons made so far."""

    context: Concurrency
    steps: Sequence[Step]
    _known: dict[object, _Answer] = field(default_factory=dict)

    def conflicts(self) -> list[tuple[Step, Step, tuple[Finding, ...]]]:
        """Return the pairs of steps that may be done at once and must not be."""
        found: list[tuple[Step, Step, tuple[Finding, ...]]] = []
        for first in self.steps:
            following = reachable(first)
            for second in following:
                answer = self._compare(first, second, following)
                if answer.findings:
                    found.append((first, second, answer.findings))
        return found

    def add_barriers(self) -> list[Finding]:
        """Add a barrier wherever one is needed.

        Returns:
            Why it cannot be done, empty if it was.
        """
        while True:
            found = self.conflicts()
            if not found:
                return []
            _, second, findings = found[0]
            draft = second.draft
            if draft is None or not draft.in_block or draft.barrier:
                return list(findings)
            draft.barrier = True

    def drop_barriers(self) -> None:
        """Let threads go on behind a part where that is proved, loops first."""
        parts = [(each, each.draft) for each in self.steps if each.draft is not None]
        loops = [each for each in parts if each[1].kind == "for"]
        others = [each for each in parts if each[1].kind in ("single", "master")]
        for step, draft in (*loops, *others):
            if len(self._known) > _MOST_COMPARISONS:
                break
            step.waits = False
            if self.conflicts():
                step.waits = True
            else:
                draft.nowait = True
        self._note_same_threads()

    def _note_same_threads(self) -> None:
        for first in self.steps:
            following = reachable(first)
            for second in following:
                if self._compare(first, second, following).same_threads:
                    assert first.draft is not None  # noqa: S101 - both are loops
                    assert second.draft is not None  # noqa: S101 - both are loops
                    for each in (first, second):
                        loop = each.run.statements[0]
                        if loop not in first.draft.same_threads:
                            first.draft.same_threads.append(loop)  # type: ignore[arg-type]  # a for

    def _compare(self, first: Step, second: Step, among: Sequence[Step]) -> _Answer:
        if (first.is_even and second.is_even) or not (
            first.run.statements and second.run.statements
        ):
            return _Answer()
        tracer = self.context.tracer
        changed = merged_writes([tracer.writes(e.run) for e in (first, *among)])
        named = tracer.named(first.run) | tracer.named(second.run)
        key = (
            first,
            second,
            changed.varying & named,
            frozenset(changed.fields),
            frozenset(changed.memory),
        )
        if key not in self._known:
            self._known[key] = self._answer(first, second, changed)
        return self._known[key]

    def _answer(self, first: Step, second: Step, changed: Writes) -> _Answer:
        runs = (first.run, second.run)
        findings = self.context.conflicts(runs, changed)
        program = self.context.analyzer.program
        if not findings or not _same_assignment(first, second, changed, program):
            return _Answer(tuple(findings))
        findings = self.context.conflicts(runs, changed, same_iterations=True)
        return _Answer(tuple(findings), same_threads=True)


def _same_assignment(
    first: Step, second: Step, changed: Writes, program: Program
) -> bool:
    """Tell whether both loops can be made to run each iteration on one thread.

    OpenMP 5.2, section 11.5.3: with `schedule(static)` and the same chunk size,
    worksharing loops of one region that have the same number of iterations and
    no `simd` share them out in the same way.  Here their counters run through
    the same values, too.
    """
    loops = [_counted(each) for each in (first, second)]
    left, right = loops
    if left is None or right is None or left.step is None:
        return False
    is_alike = (
        left.step == right.step
        and left.op == right.op
        and left.counter.ctype == right.counter.ctype
    )
    if not is_alike:
        return False
    names = Symbols()

    def value(node: Expression) -> Polynomial | None:
        lowering = Lowering(look_up, names)
        found = lowering.value(node)
        return None if lowering.symbols else found

    def look_up(variable: Variable) -> Polynomial | None:
        is_steady = variable.key not in changed.varying
        is_plain = variable.ctype.kind is Kind.INTEGER
        if not (is_steady and is_plain) or program.is_reachable(variable):
            return None
        return Polynomial.symbol(names.parameter(variable))

    bounds = [
        (value(left.lower), value(right.lower)),
        (value(left.bound), value(right.bound)),
    ]
    return all(one is not None and one == other for one, other in bounds)


def _counted(step: Step) -> CountedLoop | None:
    draft = step.draft
    if draft is None or draft.kind != "for" or draft.verdict is None:
        return None
    is_static = draft.verdict.schedule.split(",")[0] in ("", "static")
    if not is_static or draft.verdict.linear or not isinstance(draft.statement, For):
        return None
    counted = counted_loop(draft.statement)
    return counted if isinstance(counted, CountedLoop) else None

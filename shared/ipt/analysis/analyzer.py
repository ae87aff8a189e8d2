"""The analysis of one program, loop by loop.

exits, form  what rules a loop out by its shape
tracing      all accesses, calls followed
scalars      a role for every plain variable
memory       no two iterations meet in an array, or why they do
advice       whether it pays, and with which schedule
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.advice import advise
from ipt.analysis.aliasing import Aliasing
from ipt.analysis.assumptions import Assumption, AssumptionKind
from ipt.analysis.canonical import CountedLoop, NotCounted, counted_loop
from ipt.analysis.context import LoopContext
from ipt.analysis.dependence import DependenceTester
from ipt.analysis.facts import parameter_facts
from ipt.analysis.memory import MemoryResult, compare_memory
from ipt.analysis.obstacles import add_obstacles
from ipt.analysis.presburger import Solver, TooComplex
from ipt.analysis.scalars import Roles, find_roles
from ipt.analysis.shape import shape_findings
from ipt.analysis.tracing import trace_loop
from ipt.analysis.verdict import LoopVerdict, Status
from ipt.analysis.writes import find_writes
from ipt.findings import Finding, Severity
from ipt.model import For, Function, Program, for_loops

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Analyzer"]

_ORDER = {Severity.REFUSAL: 0, Severity.DECISION: 1, Severity.INFORMATION: 2}


class Analyzer:
    """Answers questions about the loops of one program; owns its caches."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._aliasing = Aliasing(program)
        self._solver = Solver()
        self._known: dict[tuple[For, frozenset[Assumption]], LoopVerdict] = {}

    def loops(self, function: Function) -> list[For]:
        """Return the `for` loops of a function, outer ones first."""
        return list(for_loops(function.body))

    def analyze(
        self, function: Function, loop: For, accepted: Sequence[Assumption] = ()
    ) -> LoopVerdict:
        """Return the verdict on one loop.

        Args:
            function: The function it is in.
            loop: The loop.
            accepted: What a person vouches for.

        Returns:
            The verdict.
        """
        key = (loop, frozenset(accepted))
        if key not in self._known:
            self._known[key] = self._analyze(function, loop, key[1])
        return self._known[key]

    def _analyze(
        self, function: Function, loop: For, accepted: frozenset[Assumption]
    ) -> LoopVerdict:
        counted = counted_loop(loop)
        findings = shape_findings(function, loop)
        if isinstance(counted, NotCounted):
            place = counted.node.span.place
            findings.append(
                Finding(
                    "IPT305",
                    f"OpenMP cannot count the iterations beforehand: {counted.reason}.",
                    place,
                    way_out="Write it as for (i = first; i < end; i += step).",
                )
            )
            return LoopVerdict(function, loop, Status.REFUSED, tuple(findings))
        return self._analyze_counted(function, counted, findings, accepted)

    def _analyze_counted(
        self,
        function: Function,
        counted: CountedLoop,
        findings: list[Finding],
        accepted: frozenset[Assumption],
    ) -> LoopVerdict:
        writes = find_writes(counted.loop, self.program)
        trace = trace_loop(counted, self.program, writes)
        context = LoopContext(self.program, function, counted, writes, trace, findings)
        tester = DependenceTester(
            trace,
            self._solver,
            parameter_facts(function, trace.names, self.program),
            step=counted.step,
            is_downward=counted.is_downward,
        )
        add_obstacles(context, self._aliasing)
        roles, memory = Roles(), MemoryResult()
        try:
            roles = find_roles(context, tester)
            memory = compare_memory(context, tester, self._aliasing)
        except TooComplex:
            context.add(
                "IPT318",
                "the loop is too large to analyse.",
                counted.loop.span,
                way_out="Move a part of its body to a function, or simplify it.",
            )
        return _conclude(context, roles, memory, accepted)


def _conclude(
    context: LoopContext,
    roles: Roles,
    memory: MemoryResult,
    accepted: frozenset[Assumption],
) -> LoopVerdict:
    needed = [*sorted(memory.assumptions, key=_sort_key), *roles.rounding]
    decisions = tuple(each for each in needed if each not in accepted)
    _inform(context, roles, memory, needed, accepted)
    findings = tuple(sorted(context.findings, key=lambda f: _ORDER[f.severity]))
    if any(each.severity is Severity.REFUSAL for each in findings):
        status = Status.REFUSED
    elif any(each.kind is not AssumptionKind.ROUNDING for each in decisions):
        status = Status.NEEDS_DECISION
    else:
        status = Status.REDUCTION if roles.reductions else Status.PARALLEL
    advice = advise(context)
    return LoopVerdict(
        context.function,
        context.counted.loop,
        status,
        findings + advice.findings,
        decisions,
        tuple(each for each in needed if each in accepted),
        private=tuple(roles.private),
        lastprivate=tuple(roles.lastprivate),
        shared=tuple(roles.shared),
        reductions=tuple(roles.reductions),
        schedule=advice.schedule,
        is_recommended=advice.is_recommended and status is not Status.REFUSED,
        advice=advice.reason,
    )


def _sort_key(assumption: Assumption) -> tuple[str, tuple[str, ...], str]:
    return (assumption.kind.value, assumption.names, assumption.detail)


_DECISION_CODES = {
    AssumptionKind.DISTINCT: "IPT201",
    AssumptionKind.ROWS: "IPT202",
    AssumptionKind.ROW_POINTERS: "IPT203",
    AssumptionKind.ROUNDING: "IPT204",
}


def _inform(
    context: LoopContext,
    roles: Roles,
    memory: MemoryResult,
    needed: Sequence[Assumption],
    accepted: frozenset[Assumption],
) -> None:
    span = context.span
    if any(each.severity is Severity.REFUSAL for each in context.findings):
        return
    for assumption in needed:
        if assumption in accepted and assumption.kind is not AssumptionKind.ROUNDING:
            message = f"taken as true, not proved: {assumption.text}."
            context.add("IPT109", message, span, assumption.names)
            continue
        lead = (
            "the order of a floating-point sum or product changes: "
            if assumption.kind is AssumptionKind.ROUNDING
            else "it cannot be proved that "
        )
        code = _DECISION_CODES[assumption.kind]
        context.add(code, lead + assumption.text + ".", span, assumption.names)
    if not needed or all(n.kind is AssumptionKind.ROUNDING for n in needed):
        context.add("IPT101", "proved parallel: no two iterations meet.", span)
    for reduction in roles.reductions:
        context.add(
            "IPT102",
            f"reduction on {reduction.name} ({reduction.op}).",
            span,
            (reduction.name,),
        )
    if roles.private:
        listed = ", ".join(roles.private)
        context.add(
            "IPT103", f"private to each thread: {listed}.", span, tuple(roles.private)
        )
    if roles.lastprivate:
        listed = ", ".join(roles.lastprivate)
        message = f"the last iteration's value is kept: {listed}."
        context.add("IPT104", message, span, tuple(roles.lastprivate))
    if memory.shown_by_calls:
        names = tuple(sorted(memory.shown_by_calls))
        message = (
            f"all calls of {context.function.name} in this file pass distinct memory "
            f"for {', '.join(names)}."
        )
        context.add("IPT105", message, span, names)

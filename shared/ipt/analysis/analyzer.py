"""The analysis of one program, loop by loop.

exits, form  what rules a loop out by its shape
tracing      all accesses, calls followed
scalars      a role for every plain variable
memory       no two iterations meet in an array, or why they do
advice       whether it pays, and with which schedule
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ipt.analysis.advice import Advice, advise
from ipt.analysis.aliasing import Aliasing
from ipt.analysis.assumptions import Assumption, AssumptionKind
from ipt.analysis.canonical import CountedLoop, NotCounted, counted_loop
from ipt.analysis.context import LoopContext
from ipt.analysis.dependence import DependenceTester
from ipt.analysis.facts import guard_facts, parameter_facts
from ipt.analysis.informing import add_information
from ipt.analysis.limits import Limits
from ipt.analysis.memory import MemoryResult, compare_memory
from ipt.analysis.nesting import collapsible_loops, vector_loops
from ipt.analysis.obstacles import add_obstacles
from ipt.analysis.presburger import Solver, TooComplex
from ipt.analysis.pruning import Pruned, prune
from ipt.analysis.scalars import Roles, find_roles
from ipt.analysis.shape import shape_findings
from ipt.analysis.tracing import trace_loop
from ipt.analysis.verdict import LoopVerdict, Status
from ipt.analysis.writes import find_writes
from ipt.findings import Finding, Severity
from ipt.model import For, Function, Program, for_loops

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

__all__ = ["Analyzer"]

_ORDER = {Severity.REFUSAL: 0, Severity.DECISION: 1, Severity.INFORMATION: 2}


class Analyzer:
    """Answers questions about the loops of one program; owns its caches.

    Attributes:
        found: What others have found out about the program and want to keep.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.aliasing = Aliasing(program)
        self.solver = Solver()
        self._limits = Limits(program)
        self.found: dict[Hashable, Any] = {}
        self._prunings: dict[Function, Pruned] = {}
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
        pruned = self._pruned(function)
        left = counted_loop(pruned.loops.get(loop, loop))
        if loop not in pruned.loops or not isinstance(left, CountedLoop):
            verdict = self._analyze_counted(function, counted, findings, accepted)
        else:
            verdict = self._analyze_counted(
                pruned.function, left, findings, accepted, loop
            )
            verdict = replace(verdict, function=function, loop=loop)
        return self._with_nested(verdict, accepted)

    def _pruned(self, function: Function) -> Pruned:
        if function not in self._prunings:
            self._prunings[function] = prune(function, self.program, self.solver)
        return self._prunings[function]

    def _analyze_counted(
        self,
        function: Function,
        counted: CountedLoop,
        findings: list[Finding],
        accepted: frozenset[Assumption],
        whole: For | None = None,
    ) -> LoopVerdict:
        writes = find_writes(counted.loop, self.program)
        trace = trace_loop(counted, self.program, writes)
        context = LoopContext(
            self.program, function, counted, writes, trace, findings, whole
        )
        tester = DependenceTester(
            trace,
            self.solver,
            [
                *parameter_facts(function, trace.names, self.program),
                *guard_facts(function, counted.loop, trace.names, self.program),
            ],
            step=counted.step,
            is_downward=counted.is_downward,
        )
        add_obstacles(context, self.aliasing)
        roles, memory = Roles(), MemoryResult()
        try:
            roles = find_roles(context, tester)
            memory = compare_memory(context, tester, self.aliasing)
            roles.take_arrays(memory.private)
        except TooComplex:
            context.add(
                "IPT318",
                "the loop is too large to analyse.",
                counted.loop.span,
                way_out="Move a part of its body to a function, or simplify it.",
            )
        advice = advise(context, self._limits, tester.facts, memory.contended)
        return _conclude(context, roles, memory, accepted, advice)

    def _with_nested(
        self, verdict: LoopVerdict, accepted: frozenset[Assumption]
    ) -> LoopVerdict:
        """Return a verdict with what the loops inside can gain."""
        if verdict.status is Status.REFUSED:
            return verdict
        writes = find_writes(verdict.loop, self.program)
        vouched = sorted(accepted, key=_sort_key)
        return replace(
            verdict,
            collapse=collapsible_loops(self, verdict, writes, vouched),
            simd=vector_loops(self, verdict, vouched),
        )


def _conclude(
    context: LoopContext,
    roles: Roles,
    memory: MemoryResult,
    accepted: frozenset[Assumption],
    advice: Advice,
) -> LoopVerdict:
    needed = [*sorted(memory.assumptions, key=_sort_key), *roles.rounding]
    needed.sort(key=_is_rounding)
    decisions = tuple(each for each in needed if each not in accepted)
    add_information(context, roles, memory, needed, accepted)
    findings = tuple(sorted(context.findings, key=lambda f: _ORDER[f.severity]))
    if any(each.severity is Severity.REFUSAL for each in findings):
        status = Status.REFUSED
    elif any(each.kind is not AssumptionKind.ROUNDING for each in decisions):
        status = Status.NEEDS_DECISION
    else:
        combines = bool(roles.reductions or memory.updates)
        status = Status.REDUCTION if combines else Status.PARALLEL
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
        updates=tuple(memory.updates),
        firstprivate=tuple(roles.firstprivate),
        linear=tuple(roles.linear),
        schedule=advice.schedule,
        condition=advice.condition,
        is_recommended=advice.is_recommended and status is not Status.REFUSED,
        advice=advice.reason,
    )


def _is_rounding(assumption: Assumption) -> bool:
    return assumption.kind is AssumptionKind.ROUNDING


def _sort_key(assumption: Assumption) -> tuple[str, tuple[str, ...], str]:
    return (assumption.kind.value, assumption.names, assumption.detail)

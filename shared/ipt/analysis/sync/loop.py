"""The verdict on a loop whose named statements run one thread at a time.

placing     the directives may stand where they are wanted
guarded     what the protected statements share with other iterations
residual    the rest of the loop has independent iterations
separation  what is shared is touched under one protection only
ordering    the order in which iterations come does not show, or may
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ipt.analysis.analyzer import Analyzer
from ipt.analysis.assumptions import Assumption, AssumptionKind
from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.protection import ProtectionKind
from ipt.analysis.sync.guarded import find_guarded, is_own
from ipt.analysis.sync.informing import (
    assumption_findings,
    order_refusals,
    protection_findings,
)
from ipt.analysis.sync.ordering import order_effects
from ipt.analysis.sync.placing import misplaced
from ipt.analysis.sync.residual import STREAMS, residual_of
from ipt.analysis.sync.separation import Separation, separate
from ipt.analysis.sync.tickets import tickets_of
from ipt.analysis.verdict import LoopVerdict, Status
from ipt.analysis.writes import find_writes
from ipt.findings import Finding, Severity
from ipt.model import Kind, VarRef, text_of, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.protection import Protection
    from ipt.analysis.sync.guarded import Guarded
    from ipt.analysis.sync.order_record import OrderEffects
    from ipt.model import For, Function, Variable

__all__ = ["protect_loop"]

_ORDERED_SCHEDULE = "static,1"
_PROVED = "IPT101"
_SEVERITIES = (Severity.REFUSAL, Severity.DECISION, Severity.INFORMATION)


def protect_loop(
    analyzer: Analyzer,
    function: Function,
    loop: For,
    protections: Sequence[Protection],
    accepted: Sequence[Assumption] = (),
) -> LoopVerdict:
    """Return the verdict on a loop with some of its statements protected.

    Nothing is taken on trust: what is shared must be touched under one
    protection only, the rest of the loop must have independent iterations, and
    the order in which iterations come to the protected statements must not
    show in the result, unless they are `ordered` or a person vouches for it.

    Args:
        analyzer: Of the program.
        function: The function that the loop is in.
        loop: The loop.
        protections: The statements of its body that are protected, and how.
        accepted: What a person vouches for.

    Returns:
        The verdict, with the protections in it.
    """
    if not protections:
        return analyzer.analyze(function, loop, accepted)
    counted = counted_loop(loop)
    findings = misplaced(analyzer.program, loop, protections)
    if findings or not isinstance(counted, CountedLoop):
        plain = analyzer.analyze(function, loop, accepted)
        findings += [] if isinstance(counted, CountedLoop) else plain.refusals
        return LoopVerdict(
            function,
            loop,
            Status.REFUSED,
            tuple(findings),
            protections=tuple(protections),
        )
    proof = _Proof(analyzer, function, counted, tuple(protections), tuple(accepted))
    return proof.verdict()


@dataclass
class _Proof:
    """One loop with its protections; owns the findings on the way."""

    analyzer: Analyzer
    function: Function
    counted: CountedLoop
    protections: tuple[Protection, ...]
    accepted: tuple[Assumption, ...]

    def verdict(self) -> LoopVerdict:
        """Return the verdict on the loop."""
        program = self.analyzer.program
        guarded = find_guarded(program, self.function, self.counted, self.protections)
        tickets = tickets_of(program, self.counted, guarded)
        residual = residual_of(program, self.function, self.counted, guarded, tickets)
        rest = Analyzer(residual.program).analyze(
            residual.function, residual.loop, self.accepted
        )
        counted = counted_loop(residual.loop)
        apart = Separation()
        if isinstance(counted, CountedLoop):
            apart = separate(
                program,
                self.function,
                self.counted,
                guarded,
                (residual, counted),
                aliasing=self.analyzer.aliasing,
            )
        writes = find_writes(self.counted.loop, program)
        order = order_effects(program, guarded, writes.varying)
        findings = [
            *self._unnameable(guarded),
            *apart.findings,
            *order_refusals(self.counted, order),
        ]
        return self._conclude(rest, findings, apart, order)

    def _unnameable(self, guarded: Guarded) -> list[Finding]:
        """Return what is wrong with the names of guarded objects in clauses."""
        found = []
        named = _named(self.counted.loop)
        for variable in {each.variable for each in guarded.shared}:
            reason = ""
            twins = [each for each in named if each.name == variable.name]
            if variable.is_declared_in(self.counted.loop.span):
                continue
            if len(twins) > 1:
                reason = f"the loop uses two variables called {variable.name}"
            elif variable.ctype.kind is Kind.REFERENCE:
                reason = f"{variable.name} is a reference"
            elif variable.is_thread_local:
                reason = f"each thread has its own {variable.name}"
            elif any(
                isinstance(each, VarRef)
                and each.variable == variable
                and "::" in text_of(each)
                for each in walk(self.counted.loop)
            ):
                reason = f"{variable.name} is named with ::"
            if reason:
                found.append(
                    Finding(
                        "IPT311",
                        f"{reason}; no clause can share it.",
                        self.counted.loop.span.place,
                        (variable.name,),
                        "Use a local variable.",
                    )
                )
        return found

    def _needed(self, apart: Separation, order: OrderEffects) -> list[Assumption]:
        found = sorted(apart.assumptions, key=lambda each: each.names)
        if order.kept:
            names = tuple(sorted(order.kept))
            found.append(Assumption(AssumptionKind.ORDER, names))
        found += [
            Assumption(AssumptionKind.ROUNDING, (name,))
            for name in sorted(order.rounded)
        ]
        return found

    def _conclude(
        self,
        rest: LoopVerdict,
        findings: list[Finding],
        apart: Separation,
        order: OrderEffects,
    ) -> LoopVerdict:
        findings += [each for each in rest.findings if each.code != _PROVED]
        needed = self._needed(apart, order)
        is_refused = any(each.severity is Severity.REFUSAL for each in findings)
        if not is_refused:
            findings += assumption_findings(self.counted, needed, self.accepted)
            findings += protection_findings(self.counted, self.protections)
        mine = tuple(each for each in needed if each not in self.accepted)
        decisions = (*(each for each in rest.decisions if each not in mine), *mine)
        taken = (each for each in needed if each in self.accepted)
        is_open = any(each.kind is not AssumptionKind.ROUNDING for each in decisions)
        status = Status.REDUCTION if rest.reductions else Status.PARALLEL
        if is_refused:
            status = Status.REFUSED
        elif is_open:
            status = Status.NEEDS_DECISION
        is_ordered = self._has(ProtectionKind.ORDERED)
        schedule = rest.schedule
        if is_ordered:
            # In chunks, a thread would wait for the whole chunk before its own.
            schedule = "dynamic,1" if schedule else _ORDERED_SCHEDULE
        return replace(
            rest,
            function=self.function,
            loop=self.counted.loop,
            status=status,
            findings=tuple(_sorted(findings)),
            decisions=decisions,
            accepted=tuple(dict.fromkeys((*rest.accepted, *taken))),
            shared=self._shared(rest),
            collapse=1,
            simd=(),
            protections=self.protections,
            schedule=schedule,
            is_recommended=rest.is_recommended and not is_refused,
        )

    def _has(self, kind: ProtectionKind) -> bool:
        return any(each.kind is kind for each in self.protections)

    def _shared(self, rest: LoopVerdict) -> tuple[str, ...]:
        """Return the shared variables of the whole loop, in the order of the text."""
        listed = {*rest.private, *rest.lastprivate, *rest.firstprivate}
        listed |= {each.name.split("[")[0] for each in rest.reductions}
        listed |= {each.split(":")[0] for each in rest.linear}
        counter = self.counted.counter
        return tuple(
            self._spelled(each)
            for each in _named(self.counted.loop)
            if not is_own(self.function, self.counted.loop, each)
            and not each.is_declared_in(self.counted.loop.span)
            and each.name not in listed
            and each != counter
        )

    def _spelled(self, variable: Variable) -> str:
        """Return the name of a variable, with `std::` where the text has it."""
        if variable.name not in STREAMS:
            return variable.name
        return next(
            text_of(each)
            for each in walk(self.counted.loop)
            if isinstance(each, VarRef) and each.variable == variable
        )


def _named(loop: For) -> list[Variable]:
    found: dict[Variable, None] = {}
    for node in walk(loop):
        if isinstance(node, VarRef) and not node.variable.is_this:
            found[node.variable] = None
    return list(found)


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda each: _SEVERITIES.index(each.severity))

"""What a proved loop needs to run on a device.

Arrays are copied there and back by `map` clauses (OpenMP 5.2, section 5.8.3);
functions that the loop calls are made for the device too (section 7.8).  The
old offload model called the same in, out and inout.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.assumptions import Assumption, AssumptionKind
from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.sync.extents import Extent, extent_of
from ipt.analysis.tracing import trace_loop
from ipt.analysis.verdict import LoopVerdict, Status
from ipt.analysis.writes import called_functions, find_writes
from ipt.findings import Finding, refusals_in
from ipt.model import Kind, VarRef, walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipt.analysis.analyzer import Analyzer
    from ipt.analysis.locations import Access, Base
    from ipt.model import Function

__all__ = ["MapClause", "TargetVerdict", "map_clauses"]


@dataclass(frozen=True, slots=True)
class MapClause:
    """One array that is copied.

    Attributes:
        kind: `to`, `from` or `tofrom`.
        name: The array or pointer.
        section: The part of it, such as `[0:n]`; empty for a whole array.
    """

    kind: str
    name: str
    section: str = ""

    @property
    def text(self) -> str:
        """The clause."""
        return f"map({self.kind}: {self.name}{self.section})"


@dataclass(frozen=True, slots=True, eq=False)
class TargetVerdict:
    """The conclusion for a loop on a device.

    Attributes:
        loop: The verdict on it as a parallel loop.
        maps: What is copied.
        functions: Those of the program that it calls.
        decisions: Arrays whose length must be given.
    """

    loop: LoopVerdict
    status: Status
    findings: tuple[Finding, ...]
    maps: tuple[MapClause, ...] = ()
    functions: tuple[Function, ...] = ()
    decisions: tuple[Assumption, ...] = ()
    accepted: tuple[Assumption, ...] = ()

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that rule the device out."""
        return refusals_in(self.findings)


def map_clauses(
    analyzer: Analyzer,
    verdict: LoopVerdict,
    lengths: Mapping[str, str] | None = None,
) -> TargetVerdict:
    """Return what a loop needs to run on a device.

    Args:
        analyzer: Of the program.
        verdict: On the loop, with nothing left to decide.
        lengths: The number of elements of arrays for which a person gave it,
            as expressions that hold in front of the loop.
    """
    return _Analysis(analyzer, verdict, dict(lengths or {})).verdict()


@dataclass
class _Analysis:
    analyzer: Analyzer
    loop: LoopVerdict
    lengths: dict[str, str]
    needed: list[Assumption] = field(default_factory=list)
    taken: list[Assumption] = field(default_factory=list)

    def verdict(self) -> TargetVerdict:
        """Return the verdict."""
        loop = self.loop
        if not loop.status.is_proved:
            return TargetVerdict(loop, loop.status, loop.findings)
        counted = counted_loop(loop.loop)
        problem = self._problem()
        if problem or not isinstance(counted, CountedLoop):
            return self._refused(*(problem or ("it is not counted", "")))
        program = self.analyzer.program
        keys = called_functions(loop.loop, program)
        functions = tuple(program.by_key[key] for key in keys)
        trace = trace_loop(counted, program, find_writes(loop.loop, program))
        problem = self._of_functions(functions) or self._of_accesses(trace.accesses)
        if problem:
            return self._refused(*problem)
        maps: list[MapClause] = []
        for base, accesses in self._blocks(trace.accesses).items():
            extent = extent_of(program, loop.function, counted, base, accesses)
            maps.append(self._map(base, extent, accesses))
        maps += self._scalars(maps)
        return TargetVerdict(
            loop,
            Status.NEEDS_DECISION if self.needed else loop.status,
            tuple(self._inform(maps)),
            tuple(maps),
            functions,
            tuple(self.needed),
            tuple(self.taken),
        )

    def _refused(self, why: str, way_out: str) -> TargetVerdict:
        message = f"the loop cannot be moved to a device: {why}."
        place = self.loop.loop.span.place
        finding = Finding("IPT338", message, place, (), way_out)
        return TargetVerdict(self.loop, Status.REFUSED, (finding,))

    def _problem(self) -> tuple[str, str] | None:
        loop = self.loop
        if loop.protections:
            return "some of its statements are protected", "Leave out the protection."
        if loop.updates:
            names = ", ".join(each.name for each in loop.updates)
            return f"its iterations add to elements of {names}", ""
        if loop.linear or loop.firstprivate:
            names = ", ".join((*loop.linear, *loop.firstprivate))
            return f"each iteration goes on with its own {names}", ""
        for node in walk(loop.loop):
            if not isinstance(node, VarRef):
                continue
            ctype = node.variable.ctype
            if ctype.kind in (Kind.REFERENCE, Kind.OTHER):
                return f"the type of {node.variable.name} is not a plain one", ""
            if ctype.kind is Kind.POINTER and node.variable.is_thread_local:
                return f"each thread has its own {node.variable.name}", ""
        return None

    def _of_functions(self, functions: Sequence[Function]) -> tuple[str, str] | None:
        source = self.loop.loop.span.source
        for each in functions:
            if each.span.source is not source:
                return (
                    f"{each.name}() is in another file",
                    "Put the function into the same file.",
                )
            for node in walk(each.body):
                if isinstance(node, VarRef) and node.variable.is_shared_storage:
                    return (
                        (
                            f"{each.name}() uses {node.variable.name}, which is not an "
                            "argument"
                        ),
                        "Pass it as an argument.",
                    )
        return None

    def _of_accesses(self, accesses: Sequence[Access]) -> tuple[str, str] | None:
        for each in accesses:
            if each.location is None:
                line = each.node.span.line
                return (
                    f"line {line} uses a pointer that is not followed",
                    "Use an array.",
                )
        for base in self._blocks(accesses):
            if base.path not in ((), ("*",)):
                return (
                    f"{base.display} is reached through more than one pointer",
                    "Use one flat array.",
                )
            if base.variable.is_this or base.variable.holds_container:
                return (
                    f"{base.display} belongs to an object, which a device cannot copy",
                    "Take a pointer to the elements first: double *p = v.data();",
                )
        return None

    def _blocks(self, accesses: Sequence[Access]) -> dict[Base, list[Access]]:
        """Return the blocks of memory to be copied, with what is done to each."""
        found: dict[Base, list[Access]] = {}
        for each in accesses:
            base = None if each.location is None else each.location.split[0]
            if base is not None and self._is_copied(base):
                found.setdefault(base, []).append(each)
        return found

    def _is_copied(self, base: Base) -> bool:
        """Tell whether a block exists in front of the loop and must be copied."""
        variable, loop = base.variable, self.loop.loop
        if variable.name in (*self.loop.private, *self.loop.lastprivate):
            return False
        if variable.is_declared_in(loop.span):
            return False
        if not base.is_pointer and variable.ctype.is_scalar:
            return False
        is_mine = variable.is_declared_in(self.loop.function.span)
        return is_mine or variable.is_shared_storage

    def _map(
        self, base: Base, extent: Extent | None, accesses: Sequence[Access]
    ) -> MapClause:
        name = base.variable.name
        is_written = any(each.is_write for each in accesses)
        is_read = any(not each.is_write for each in accesses)
        kind = "tofrom" if is_written else "to"
        if not base.is_pointer:
            return MapClause(kind, name)
        if name in self.lengths:
            length = self.lengths[name]
            self.taken.append(Assumption(AssumptionKind.LENGTH, (name,), length))
            return MapClause(kind, name, f"[0:{length}]")
        if extent is None:
            self.needed.append(Assumption(AssumptionKind.LENGTH, (name,)))
            return MapClause(kind, name)
        if extent.is_filled and not is_read:
            kind = "from"
        return MapClause(kind, name, f"[0:{extent.length}]")

    def _scalars(self, maps: Sequence[MapClause]) -> list[MapClause]:
        """Return the single variables whose value comes back."""
        known = {each.name for each in maps}
        names = [each.name for each in self.loop.reductions]
        names += self.loop.lastprivate
        return [MapClause("tofrom", name) for name in names if name not in known]

    def _inform(self, maps: Sequence[MapClause]) -> list[Finding]:
        place = self.loop.loop.span.place
        found = []
        for each in self.needed:
            message = f"how many elements {', '.join(each.names)} has is not known."
            found.append(Finding("IPT209", message, place, each.names))
        for each in self.taken:
            message = f"taken as true, not proved: {each.text}."
            found.append(Finding("IPT109", message, place, each.names))
        texts = ", ".join(each.text for each in maps) or "nothing"
        message = f"the loop can run on a device; copied: {texts}."
        return [*found, Finding("IPT122", message, place)]

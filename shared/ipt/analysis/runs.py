"""What statements do that one thread runs beside another one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.effects import effects_of
from ipt.analysis.facts import parameter_facts
from ipt.analysis.lowering import Symbols
from ipt.analysis.tracing import trace_statements
from ipt.analysis.writes import Writes, called_functions, find_writes
from ipt.model import Declarator, Scope, VarRef, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.effects import Effect
    from ipt.analysis.frames import Key
    from ipt.analysis.locations import Access, Base
    from ipt.analysis.tracing import Trace
    from ipt.model import Function, Node, Program, Statement

__all__ = [
    "Run",
    "RunTrace",
    "RunTracer",
    "is_reachable",
    "merged_writes",
]


@dataclass(frozen=True, slots=True)
class Run:
    """Statements that one thread runs, one after the other.

    Attributes:
        statements: Consecutive statements of one block.
        private: Variables of which the thread has a copy of its own.
    """

    statements: tuple[Statement, ...]
    private: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class RunTrace:
    """What a run does to memory that other threads see, and to the world.

    Attributes:
        blocks: The accesses by block.
        unknown: Those through pointers that cannot be followed.
        effects: What its library calls do.
    """

    run: Run
    trace: Trace
    blocks: dict[Base, list[Access]]
    unknown: list[Access]
    effects: list[Effect]

    @property
    def first(self) -> Statement:
        """The statement that it begins with."""
        return self.run.statements[0]

    @property
    def every(self) -> list[Access]:
        """All accesses."""
        known = [each for group in self.blocks.values() for each in group]
        return known + self.unknown


class RunTracer:
    """Traces the runs of one function; owns what it has traced so far.

    All traces share their symbols, so that any two can be compared.

    Attributes:
        names: The symbols.
        facts: What is known of values that never change in the function.
    """

    def __init__(self, program: Program, function: Function) -> None:
        self._program = program
        self.names = Symbols()
        self.facts = parameter_facts(function, self.names, program)
        parameters = {each.key for each in function.parameters}
        self._around = _declared(function.body) | parameters
        self._writes: dict[Statement, Writes] = {}
        self._named: dict[tuple[Statement, ...], frozenset[Key]] = {}
        self._traces: dict[object, RunTrace] = {}

    def writes(self, run: Run) -> Writes:
        """Return what a run changes, called functions included."""
        for each in run.statements:
            if each not in self._writes:
                self._writes[each] = find_writes(each, self._program)
        return merged_writes([self._writes[each] for each in run.statements])

    def named(self, run: Run) -> frozenset[Key]:
        """Return the variables that a run names, called functions included."""
        if run.statements not in self._named:
            bodies: list[Node] = list(run.statements)
            for each in run.statements:
                keys = called_functions(each, self._program)
                bodies += [self._program.by_key[key].body for key in keys]
            self._named[run.statements] = frozenset(
                node.variable.key
                for body in bodies
                for node in walk(body)
                if isinstance(node, VarRef)
            )
        return self._named[run.statements]

    def trace(self, run: Run, changed: Writes) -> RunTrace:
        """Trace a run.

        Args:
            run: The run.
            changed: What any thread may change meanwhile.
        """
        key = (
            run.statements,
            run.private,
            changed.varying & self.named(run),
            frozenset(changed.fields),
            frozenset(changed.memory),
        )
        if key not in self._traces:
            self._traces[key] = self._trace(run, changed)
        return self._traces[key]

    def _trace(self, run: Run, changed: Writes) -> RunTrace:
        writes = merged_writes([changed])
        writes.declared |= set(writes.counts)
        writes.counts = self.writes(run).counts
        trace = trace_statements(run.statements, self._program, writes, self.names)
        own = run.private.union(*map(_declared, run.statements))
        blocks: dict[Base, list[Access]] = defaultdict(list)
        unknown: list[Access] = []
        for access in trace.accesses:
            if access.location is None:
                unknown.append(access)
            elif not _is_own(access, self._program, own, self._around):
                blocks[access.location.split[0]].append(access)
        effects = effects_of(run.statements, self._program)
        return RunTrace(run, trace, dict(blocks), unknown, effects)


def is_reachable(program: Program, access: Access) -> bool:
    """Tell whether a pointer may lead to what is accessed."""
    if access.location is None or not access.location.is_whole_variable:
        return True
    return program.is_reachable(access.location.root)


def _is_own(
    access: Access, program: Program, own: frozenset[Key], around: frozenset[Key]
) -> bool:
    """Tell whether an access is to what the thread has for itself.

    Args:
        access: The access.
        program: The program.
        own: The variables of which it has a copy, or which it declares.
        around: All variables of the function around.
    """
    assert access.location is not None  # noqa: S101 - the caller looked
    if access.location.split[0].is_pointer:
        return False
    root = access.location.root
    if root.key in own:
        return True
    if root.is_shared_storage:
        return False
    if root.key not in around:
        # A called function declares it.
        return True
    # A call of the function itself has parameters and locals of its own.
    is_plain_c = program.language == "c"
    return bool(access.calls) and is_plain_c and not is_reachable(program, access)


def merged_writes(parts: Sequence[Writes]) -> Writes:
    """Return what any of some statements change."""
    found = Writes()
    for each in parts:
        found.counts += each.counts
        found.fields |= each.fields
        found.declared |= each.declared
        found.memory += each.memory
    return found


def _declared(node: Node) -> frozenset[Key]:
    """Return the variables declared in a node that each run of it has anew."""
    return frozenset(
        each.variable.key
        for each in walk(node)
        if isinstance(each, Declarator) and each.variable.scope is Scope.LOCAL
    )

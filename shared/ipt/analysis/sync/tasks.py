"""Functions that call themselves twice, whose calls can be done at the same time.

The calls stand in one statement (`return f(n - 1) + f(n - 2);`) or in
statements one behind the other.  All but the last become tasks, and their
results are waited for before anything uses them: OpenMP 5.2, sections 12.5
and 15.5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.assumptions import Assumption, AssumptionKind
from ipt.analysis.calls import CallKind, classify_call
from ipt.analysis.sync.pieces import named_outside, piece_problem, unnameable
from ipt.analysis.sync.recursion import (
    Memory,
    memory_of,
    outer_calls,
    recursive_groups,
)
from ipt.analysis.verdict import Status
from ipt.findings import Finding, refusals_in
from ipt.model import (
    Assign,
    Call,
    Increment,
    Kind,
    OpaqueExpression,
    VarRef,
    strip_casts,
    text_of,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.analyzer import Analyzer
    from ipt.analysis.sync.recursion import CallGroup, OuterCall
    from ipt.model import Expression, Function, Node, Variable

__all__ = ["Cutoff", "TasksVerdict", "analyze_tasks"]

# Below this a task costs more than it saves: levels of a recursion that halves
# or counts down, and elements of an array.
_LEVELS, _ELEMENTS = 20, 1000


@dataclass(frozen=True, slots=True)
class Cutoff:
    """When a call is large enough to be a task.

    Attributes:
        size: What measures it, an expression in front of the calls.
        threshold: The least size that is worth a task.
    """

    size: str
    threshold: int

    @property
    def condition(self) -> str:
        """The argument of an `if` clause, empty if nothing measures the size."""
        return f"{self.size} > {self.threshold}" if self.size else ""


@dataclass(frozen=True, slots=True, eq=False)
class TasksVerdict:
    """The conclusion for the recursive calls of one function.

    Attributes:
        groups: The calls, those of one group at the same time.
        starts: The first calls, from outside of the recursion.
        cutoff: When a call is large enough.
    """

    function: Function
    status: Status
    findings: tuple[Finding, ...]
    groups: tuple[CallGroup, ...] = ()
    starts: tuple[OuterCall, ...] = ()
    decisions: tuple[Assumption, ...] = ()
    accepted: tuple[Assumption, ...] = ()
    cutoff: Cutoff = field(default_factory=lambda: Cutoff("", 0))

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that rule tasks out."""
        return refusals_in(self.findings)


def analyze_tasks(
    analyzer: Analyzer, function: Function, accepted: Sequence[Assumption] = ()
) -> TasksVerdict:
    """Return whether the calls of a function by itself can be tasks.

    Args:
        analyzer: Of the program.
        function: The function.
        accepted: What a person vouches for.
    """
    return _Analysis(analyzer, function, tuple(accepted)).verdict()


@dataclass
class _Analysis:
    analyzer: Analyzer
    function: Function
    accepted: tuple[Assumption, ...]

    def verdict(self) -> TasksVerdict:
        program, function = self.analyzer.program, self.function
        groups = recursive_groups(function)
        if not groups:
            return self._refused(
                f"{function.name} does not call itself twice, one call right behind "
                "the other",
                "Put the calls next to each other, each a statement of its own.",
            )
        starts = outer_calls(program, function)
        problem = self._problem(groups, starts)
        if problem:
            return self._refused(*problem)
        memory = memory_of(program, function)
        if memory.clash:
            return self._refused(memory.clash, "Pass it as an argument instead.")
        needed = self._needed(memory)
        decisions = tuple(each for each in needed if each not in self.accepted)
        return TasksVerdict(
            function,
            Status.NEEDS_DECISION if decisions else Status.PARALLEL,
            tuple(self._inform(groups, needed)),
            tuple(groups),
            tuple(starts),
            decisions,
            tuple(each for each in needed if each in self.accepted),
            self._cutoff(groups, memory),
        )

    def _refused(self, why: str, way_out: str) -> TasksVerdict:
        place = self.function.span.place
        message = f"the calls cannot be tasks: {why}."
        finding = Finding("IPT337", message, place, (self.function.name,), way_out)
        return TasksVerdict(self.function, Status.REFUSED, (finding,))

    def _problem(
        self, groups: Sequence[CallGroup], starts: Sequence[OuterCall]
    ) -> tuple[str, str] | None:
        program = self.analyzer.program
        if self.function.key in program.function_pointers:
            return "it is called through a pointer too", "Call it by its name."
        if not starts:
            return (
                "no function of the program calls it where threads can be started",
                "Call it in a statement of its own, outside of loop headers.",
            )
        for group in groups:
            why = piece_problem(program, self.function, group.statements)
            if group.is_returned:
                why = "" if why.startswith("return ") else why
            if any(call.callee is not None for call in group.calls):
                why = "it is a member of a class"
            why = why or unnameable(group.statements, named_outside(group.statements))
            why = why or self._entangled(group)
            if why:
                return why, "Put the calls next to each other, each on its own line."
        for start in starts:
            why = piece_problem(program, start.function, (start.statement,))
            why = why or unnameable(
                (start.statement,), named_outside((start.statement,))
            )
            if why:
                line = start.statement.span.line
                return f"in line {line}, {why}", "Call it in a statement of its own."
        return None

    def _entangled(self, group: CallGroup) -> str:
        """Return why one call of a group needs another one, empty if none does."""
        results: list[Variable] = [v for v in group.results if v is not None]
        if len(set(results)) != len(results):
            return "two calls set the same variable"
        for call in group.calls:
            for argument in call.arguments:
                if _has_effect(argument):
                    return f"{text_of(argument)} does more than compute a value"
                used = _variables(argument)
                for each in results:
                    if each in used:
                        return f"the result {each.name} is an argument of another call"
        for each in results:
            if self.analyzer.program.is_reachable(each) or each.is_shared_storage:
                return f"{each.name} is reached in other ways too"
        return ""

    def _needed(self, memory: Memory) -> list[Assumption]:
        if not memory.is_passed:
            return []
        return [Assumption(AssumptionKind.PARTS, (self.function.name,))]

    def _inform(
        self, groups: Sequence[CallGroup], needed: Sequence[Assumption]
    ) -> list[Finding]:
        found = []
        for each in needed:
            place = groups[0].calls[0].span.place
            if each in self.accepted:
                message = f"taken as true, not proved: {each.text}."
                found.append(Finding("IPT109", message, place, each.names))
                continue
            texts = " and ".join(text_of(call) for call in groups[0].calls[:2])
            message = (
                f"{texts} get pointers to the same memory: it cannot be proved that "
                f"{each.text}."
            )
            found.append(Finding("IPT208", message, place, each.names))
        for group in groups:
            place = group.calls[0].span.place
            message = (
                f"{len(group.calls)} calls of {self.function.name} can be done at the "
                "same time."
            )
            found.append(Finding("IPT121", message, place, (self.function.name,)))
        return found

    def _cutoff(self, groups: Sequence[CallGroup], memory: Memory) -> Cutoff:
        """Return what measures the size of a call, by its integer parameters."""
        integers = [
            (number, each)
            for number, each in enumerate(self.function.parameters)
            if each.ctype.kind is Kind.INTEGER
        ]
        changing = [
            each
            for number, each in integers
            if any(
                text_of(strip_casts(call.arguments[number])) != each.name
                for group in groups
                for call in group.calls
                if number < len(call.arguments)
            )
        ]
        threshold = _ELEMENTS if memory.is_passed else _LEVELS
        match changing:
            case [only]:
                return Cutoff(only.name, threshold)
            case [low, high]:
                return Cutoff(f"{high.name} - {low.name}", threshold)
            case _:
                return Cutoff("", 0)


def _variables(node: Node) -> list[Variable]:
    return [n.variable for n in walk(node) if isinstance(n, VarRef)]


def _has_effect(argument: Expression) -> bool:
    """Tell whether evaluating an argument does more than compute a value."""
    for node in walk(argument):
        if isinstance(node, Assign | Increment | OpaqueExpression):
            return True
        if isinstance(node, Call):
            kind = classify_call(node.name, is_system=node.is_system)
            if kind is not CallKind.PURE or node.callee is not None:
                return True
    return False

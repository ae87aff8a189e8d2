"""Pieces of one block that different threads may do at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from ipt.analysis.assumptions import Assumption, AssumptionKind
from ipt.analysis.concurrency import Run, conflicts_of
from ipt.analysis.exposure import Exposure, first_use_after
from ipt.analysis.sync.heaviness import is_heavy
from ipt.analysis.sync.pieces import (
    block_of,
    declared_in,
    named_outside,
    piece_problem,
    unnameable,
)
from ipt.analysis.verdict import Status
from ipt.analysis.writes import find_writes
from ipt.findings import Finding, refusals_in
from ipt.model import Block, Declaration, Jump, Kind, VarRef, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.analyzer import Analyzer
    from ipt.model import Function, Statement, Variable

__all__ = ["SectionsVerdict", "analyze_sections"]

_LEAST = 2


@dataclass(frozen=True, slots=True, eq=False)
class SectionsVerdict:
    """The conclusion for pieces of a block that would be sections.

    Attributes:
        groups: The pieces: consecutive statements, one behind the other.
        findings: Everything found, refusals first.
        decisions: What a person must vouch for first.
        accepted: What a person has vouched for already.
        shared: Names of variables that all threads use together.
        private: Names of variables of which each thread has its own.
        is_recommended: Whether it is likely to pay.
        advice: Why, as a sentence.
    """

    function: Function
    groups: tuple[tuple[Statement, ...], ...]
    status: Status
    findings: tuple[Finding, ...]
    decisions: tuple[Assumption, ...] = ()
    accepted: tuple[Assumption, ...] = ()
    shared: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    is_recommended: bool = False
    advice: str = ""

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that rule the sections out."""
        return refusals_in(self.findings)


def analyze_sections(
    analyzer: Analyzer,
    function: Function,
    groups: Sequence[Sequence[Statement]],
    accepted: Sequence[Assumption] = (),
) -> SectionsVerdict:
    """Return the verdict on pieces of a block that would be sections.

    OpenMP 5.2, section 11.3: any thread may do any section, in any order, and
    all wait at the end.

    Args:
        analyzer: Of the program.
        function: The function that they are in.
        groups: Two pieces or more, each of consecutive statements, and each
            right behind the one before.
        accepted: What a person vouches for.
    """
    pieces = tuple(tuple(each) for each in groups)
    return _Analysis(analyzer, function, pieces, tuple(accepted)).verdict()


@dataclass
class _Analysis:
    analyzer: Analyzer
    function: Function
    groups: tuple[tuple[Statement, ...], ...]
    accepted: tuple[Assumption, ...]

    def verdict(self) -> SectionsVerdict:
        problem = self._problem()
        if problem:
            return self._refused([self._finding("IPT336", problem)])
        private = self._private()
        found, needed = self._conflicts(private)
        if found:
            return self._refused([self._because(each) for each in found])
        decisions = tuple(each for each in needed if each not in self.accepted)
        return SectionsVerdict(
            self.function,
            self.groups,
            Status.NEEDS_DECISION if decisions else Status.PARALLEL,
            tuple(self._inform(needed)),
            decisions,
            tuple(each for each in needed if each in self.accepted),
            tuple(v.name for v in self._named() if v not in private),
            tuple(v.name for v in self._named() if v in private),
            is_recommended=self._is_worth_it(),
            advice=f"{len(self.groups)} pieces of work need nothing of each other",
        )

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All statements, in order."""
        return tuple(each for group in self.groups for each in group)

    def _refused(self, findings: list[Finding]) -> SectionsVerdict:
        return SectionsVerdict(
            self.function, self.groups, Status.REFUSED, tuple(findings)
        )

    def _finding(self, code: str, why: str) -> Finding:
        return Finding(
            code,
            f"these statements cannot be sections: {why}.",
            self.groups[0][0].span.place,
            way_out="Choose other statements, or leave them as they are.",
        )

    def _because(self, found: Finding) -> Finding:
        return Finding(
            "IPT336",
            f"these statements cannot be sections: {found.message}",
            found.place,
            found.variables,
            "Put what depends on each other into one section.",
        )

    def _problem(self) -> str:
        if len(self.groups) < _LEAST or not all(self.groups):
            return "two pieces are needed at least"
        if not self._are_neighbours():
            return "they do not follow each other in one block"
        for group in self.groups:
            problem = piece_problem(self.analyzer.program, self.function, group)
            if problem:
                return problem
            if all(isinstance(each, Declaration) for each in group):
                return "a piece only declares variables"
        return self._hidden() or unnameable(self.statements, self._named())

    def _are_neighbours(self) -> bool:
        statements = self.statements
        block = block_of(self.function, statements[0])
        if block is None:
            return False
        body = block.body
        start = next(n for n, each in enumerate(body) if each is statements[0])
        part = body[start : start + len(statements)]
        return len(part) == len(statements) and all(
            one is other for one, other in zip(part, statements, strict=True)
        )

    def _hidden(self) -> str:
        """Return why the braces of a section would hide a variable."""
        for group in self.groups:
            declared = declared_in(group)
            inside = {id(node) for each in group for node in walk(each)}
            for node in walk(self.function.body):
                is_used = isinstance(node, VarRef) and node.variable in declared
                if is_used and id(node) not in inside:
                    assert isinstance(node, VarRef)  # noqa: S101 - as just asked
                    return f"{node.variable.name} is used outside of its piece"
        return ""

    def _named(self) -> list[Variable]:
        return named_outside(self.statements)

    def _private(self) -> set[Variable]:
        """Return the variables that pieces use only for themselves."""
        program = self.analyzer.program
        found = set()
        for variable in self._named():
            if not variable.ctype.is_scalar or variable.is_shared_storage:
                continue
            if program.is_reachable(variable):
                continue
            users = [group for group in self.groups if variable in named_outside(group)]
            writers = [
                group
                for group in users
                if any(find_writes(s, program).counts[variable.key] for s in group)
            ]
            is_alone = len(users) < _LEAST or not writers
            if not is_alone and all(_is_set_first(g, variable) for g in users):
                last = self.statements[-1]
                if first_use_after(self.function, last, variable) is None:
                    found.add(variable)
        return found

    def _conflicts(
        self, private: set[Variable]
    ) -> tuple[list[Finding], list[Assumption]]:
        """Return what stands against it, and what must be assumed otherwise."""
        keys = frozenset(each.key for each in private)
        runs = [Run(group, keys) for group in self.groups]
        findings: list[Finding] = []
        needed: dict[Assumption, None] = {}
        for pair in combinations(runs, 2):
            found = self._compare(pair, ())
            if not found:
                continue
            assumption = Assumption(AssumptionKind.DISTINCT, _blocks(*pair))
            names = assumption.names
            if len(names) < _LEAST or self._compare(pair, (assumption,)):
                findings += found
            else:
                needed[assumption] = None
        return findings, list(needed)

    def _compare(
        self, pair: tuple[Run, Run], assumed: tuple[Assumption, ...]
    ) -> list[Finding]:
        return conflicts_of(self.analyzer, self.function, pair, assumed)

    def _inform(self, needed: Sequence[Assumption]) -> list[Finding]:
        place = self.groups[0][0].span.place
        found = []
        for each in needed:
            if each in self.accepted:
                message = f"taken as true, not proved: {each.text}."
                found.append(Finding("IPT109", message, place, each.names))
            else:
                message = f"it cannot be proved that {each.text}."
                found.append(Finding("IPT201", message, place, each.names))
        lines = ", ".join(str(group[0].span.line) for group in self.groups)
        message = f"the pieces from lines {lines} touch nothing in common."
        return [*found, Finding("IPT121", message, place)]

    def _is_worth_it(self) -> bool:
        """Tell whether two pieces have much to do that loops could not share out."""
        heavy = [g for g in self.groups if is_heavy(self.analyzer, self.function, g)]
        return len(heavy) >= _LEAST


def _blocks(left: Run, right: Run) -> tuple[str, ...]:
    """Return the names of the arrays and pointers that two pieces use."""
    kinds = (Kind.POINTER, Kind.ARRAY)
    every = (*left.statements, *right.statements)
    return tuple(
        sorted({v.name for v in named_outside(every) if v.ctype.kind in kinds})
    )


def _is_set_first(group: Sequence[Statement], variable: Variable) -> bool:
    """Tell whether a piece sets a variable before it reads it."""
    exposure = Exposure(variable)
    whole = Block(group[0].span, tuple(group))
    exposure.visit(whole, frozenset())
    has_jump = any(isinstance(n, Jump) for each in group for n in walk(each))
    return not exposure.reads and not has_jump

"""Whether the roles of variables are right for the accesses of some runs.

An array is a variable of many cells; what has to hold holds for each of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ipt.analysis import LoopVerdict
    from ipt.testing.nests.execution import Access, Run
    from ipt.testing.nests.model import Nest

__all__ = ["LoopObservation", "Observation", "Roles", "observe", "roles_of"]

_ARRAYS = frozenset("abcw")


@dataclass(frozen=True, slots=True)
class Roles:
    """What a verdict says about the variables that a loop writes.

    Attributes:
        reductions: What each thread has its own of, with the operator.
        atomic: What is shared and updated by one thread at a time.
    """

    private: frozenset[str] = frozenset()
    firstprivate: frozenset[str] = frozenset()
    lastprivate: frozenset[str] = frozenset()
    reductions: frozenset[tuple[str, str]] = frozenset()
    atomic: frozenset[tuple[str, str]] = frozenset()


def roles_of(verdict: LoopVerdict) -> Roles:
    """Return the roles of a verdict."""
    atomic: set[tuple[str, str]] = set()
    copied: set[tuple[str, str]] = set()
    for each in verdict.updates:
        kind = atomic if each.is_atomic_better or not each.section else copied
        kind.add((each.name, each.op))
    return Roles(
        frozenset(verdict.private),
        frozenset(verdict.firstprivate),
        frozenset(verdict.lastprivate),
        frozenset((each.name.partition("[")[0], each.op) for each in verdict.reductions)
        | copied,
        frozenset(atomic),
    )


@dataclass(slots=True)
class Observation:
    """What some runs show about one loop and one variable.

    Attributes:
        conflicts: Two iterations meet in one cell, and one of them writes.
        carries: An iteration reads what another one wrote.
        looks_back: An iteration reads what was there before the loop.
        mixes: The same, in a run in which some iteration writes the cell.
        leaves: Something reads after the loop what it wrote.
        leaves_inner: Something reads after the loop what another iteration than
            the last one wrote, or what was there before.
        ops: The operators of all accesses; empty for a plain one.
        meeting: The operators of accesses in which iterations meet.
    """

    conflicts: bool = False
    carries: bool = False
    looks_back: bool = False
    mixes: bool = False
    leaves: bool = False
    leaves_inner: bool = False
    ops: frozenset[str] = frozenset()
    meeting: frozenset[str] = frozenset()

    @property
    def may_be_private(self) -> bool:
        """Whether each thread may have its own."""
        return not (self.carries or self.looks_back or self.leaves)

    @property
    def may_be_lastprivate(self) -> bool:
        """Whether each thread may have its own, if the last one's value is kept."""
        return not (self.carries or self.looks_back or self.leaves_inner)

    @property
    def may_be_firstprivate(self) -> bool:
        """Whether each thread may have its own copy."""
        return not (self.carries or self.mixes or self.leaves)

    def may_be_combined(self, op: str = "") -> bool:
        """Whether all that is done with it is one kind of accumulation."""
        return len(self.ops) == 1 and bool(op in self.ops if op else max(self.ops))


@dataclass(frozen=True, slots=True)
class LoopObservation:
    """What some runs show about one loop.

    Attributes:
        is_entered: Whether each of its runs has an iteration.
    """

    variables: dict[str, Observation]
    is_entered: bool

    def wrong(self, roles: Roles) -> str:
        """Return a variable whose role is wrong, or nothing."""
        return next(
            (
                name
                for name, seen in self.variables.items()
                if not _is_right(name, seen, roles)
            ),
            "",
        )

    @property
    def is_parallel(self) -> bool:
        """Whether there is a right role for everything, arrays being shared."""
        return all(
            not seen.conflicts
            if name in _ARRAYS
            else not seen.conflicts
            or seen.may_be_private
            or (seen.may_be_lastprivate and self.is_entered)
            or seen.may_be_combined()
            for name, seen in self.variables.items()
        )

    @property
    def needs_array_roles(self) -> bool:
        """Whether an array of its own for each thread, or a combined one, would do."""
        return not self.is_parallel and all(
            not seen.conflicts
            or seen.may_be_private
            or seen.may_be_combined()
            or (name not in _ARRAYS and seen.may_be_lastprivate and self.is_entered)
            for name, seen in self.variables.items()
        )


def _is_right(name: str, seen: Observation, roles: Roles) -> bool:
    for each, op in roles.reductions:
        if each == name:
            return seen.may_be_combined(op)
    for each, op in roles.atomic:
        if each == name:
            return seen.meeting <= {op}
    checks = (
        (roles.lastprivate, seen.may_be_lastprivate),
        (roles.firstprivate, seen.may_be_firstprivate),
        (roles.private, seen.may_be_private),
    )
    for names, is_right in checks:
        if name in names:
            return is_right
    return not seen.conflicts


def observe(nest: Nest, sizes: Iterable[int]) -> dict[int, LoopObservation]:
    """Run a nest with several sizes and return what is seen, by the loop's number."""
    runs = [nest.run(n) for n in sizes]
    found = {}
    for number in sorted({each for run in runs for each in run.trips}):
        variables: dict[str, Observation] = defaultdict(Observation)
        for run in runs:
            instances = _Instances.of(run, number)
            for name, accesses in _by_cell(run.accesses):
                _look(variables[name], accesses, instances)
        own = {name: seen for name, seen in variables.items() if seen.ops}
        trips = [each for run in runs for each in run.trips.get(number, [])]
        found[number] = LoopObservation(own, all(trips))
    return found


@dataclass(frozen=True, slots=True)
class _Instances:
    """The runs of one loop in one run of the nest."""

    number: int
    trips: list[int]
    ends: list[int]

    @classmethod
    def of(cls, run: Run, number: int) -> _Instances:
        return cls(number, run.trips.get(number, []), run.ends.get(number, []))

    def is_last(self, where: tuple[int, int]) -> bool:
        """Tell whether an iteration is the last one of its run."""
        return where[1] == self.trips[where[0]] - 1

    def end_between(self, since: int, until: int, own: int) -> bool:
        """Tell whether a run with iterations, other than `own`, ended in a time."""
        ended = range(bisect_right(self.ends, since), bisect_right(self.ends, until))
        return any(self.trips[each] for each in ended if each != own)


def _by_cell(accesses: Iterable[Access]) -> Iterator[tuple[str, list[Access]]]:
    cells: dict[tuple[str, int, int], list[Access]] = defaultdict(list)
    for each in accesses:
        cells[each.cell].append(each)
    for cell, found in cells.items():
        yield cell[0], found


def _look(seen: Observation, accesses: list[Access], instances: _Instances) -> None:
    """Add what the accesses to one cell show about a loop."""
    written: Access | None = None
    users: dict[int, set[int]] = defaultdict(set)
    ops: dict[int, set[str]] = defaultdict(set)
    writers: set[int] = set()
    back: set[int] = set()
    for each in accesses:
        here = each.where.get(instances.number)
        if here is not None:
            users[here[0]].add(here[1])
            ops[here[0]].add(each.op)
        if each.is_write:
            written = each
            if here is not None:
                writers.add(here[0])
            continue
        there = None if written is None else written.where.get(instances.number)
        if here is None or there is None or here[0] != there[0]:
            _look_after(seen, written, each, instances)
            if here is not None:
                seen.looks_back = True
                back.add(here[0])
        elif there[1] != here[1]:
            seen.carries = True
    meeting = [each for each in writers if len(users[each]) > 1]
    seen.conflicts |= bool(meeting)
    seen.ops |= frozenset().union(*ops.values())
    seen.meeting |= frozenset().union(*(ops[each] for each in meeting))
    seen.mixes |= bool(back & writers)


def _look_after(
    seen: Observation, written: Access | None, read: Access, instances: _Instances
) -> None:
    """Add what a read shows that sees nothing of the loop's run around it."""
    there = None if written is None else written.where.get(instances.number)
    since = 0 if written is None else written.time
    if there is not None:
        seen.leaves = True
        seen.leaves_inner |= not instances.is_last(there)
    # A run after the write would put the last iteration's own over the value.
    own = -1 if there is None else there[0]
    seen.leaves_inner |= instances.end_between(since, read.time, own)

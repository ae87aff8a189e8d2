"""The dependences of a loop nest, with a direction for every loop.

What distribution and interchange need (Allen and Kennedy, *Optimizing
Compilers for Modern Architectures*, 2001, sections 2.2 and 5.2): the pairs of
statements that touch the same memory, and for every loop around both whether
the source runs in an earlier (`<`), the same (`=`) or a later (`>`) iteration
than the sink.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.dependence import FIRST, SECOND, DependenceTester
from ipt.analysis.exposure import Exposure
from ipt.analysis.facts import guard_facts, parameter_facts
from ipt.analysis.nest import Nest, Touch
from ipt.analysis.polynomials import Polynomial, compare
from ipt.analysis.presburger import PointSet, TooComplex
from ipt.analysis.tracing import trace_loop
from ipt.analysis.writes import find_writes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.analysis.analyzer import Analyzer
    from ipt.analysis.presburger import Solver
    from ipt.model import For, Function, Statement

__all__ = ["DependenceVector", "dependence_vectors"]

_MOST_PAIRS = 3000
_REVERSED = {"<": ">", "=": "=", ">": "<", "*": "*"}


@dataclass(frozen=True, slots=True)
class DependenceVector:
    """Two statements that touch the same memory, at least one of them writing.

    Attributes:
        source: The statement that runs first: an expression statement, a
            declaration, or a statement whose header touches the memory.
        sink: The statement that runs later.
        kind: `flow` (write, read), `anti` (read, write), `output` (write,
            write), or `unknown`: then any order must be expected, and if
            `name` is empty nothing may be moved at all.
        loops: The loops around both, the outermost first.
        directions: For each of these loops: `<`, `=`, `>`, or `*` for any.
        distances: How many iterations lie between, where it is always the same.
        name: The variable or block of memory.
        is_accumulation: Whether both are part of `x op= e`, so that only the
            order of the additions is at stake.
        is_removable: Whether the dependence goes away if every iteration of
            the loop that carries it has its own copy of the variable; no
            value flows along it.
    """

    source: Statement
    sink: Statement
    kind: str
    loops: tuple[For, ...]
    directions: tuple[str, ...]
    distances: tuple[int | None, ...] = ()
    name: str = ""
    is_accumulation: bool = False
    is_removable: bool = False

    @property
    def carrier(self) -> For | None:
        """The outermost loop that may carry it; None if it stays within one."""
        for loop, direction in zip(self.loops, self.directions, strict=True):
            if direction != "=":
                return loop
        return None


def dependence_vectors(
    analyzer: Analyzer, function: Function, loop: For
) -> list[DependenceVector]:
    """Return all dependences within a loop nest.

    Args:
        analyzer: Of the program.
        function: The function that the loop is in.
        loop: The outermost loop.

    Returns:
        The dependences, complete: what is not understood is in it as
        `unknown`.  Counters of counted loops are left out within their loops.
    """
    counted = counted_loop(loop)
    if not isinstance(counted, CountedLoop):
        return [_unknown(loop)]
    writes = find_writes(loop, analyzer.program)
    trace = trace_loop(counted, analyzer.program, writes)
    tester = DependenceTester(
        trace,
        analyzer.solver,
        [
            *parameter_facts(function, trace.names, analyzer.program),
            *guard_facts(function, loop, trace.names, analyzer.program),
        ],
        step=counted.step,
        is_downward=counted.is_downward,
    )
    nest = Nest(analyzer, function, counted, trace)
    if trace.obstacles or nest.has_unknown:
        return [_unknown(loop)]
    try:
        return list(_Finder(nest, tester, analyzer.solver).run())
    except TooComplex:
        return [_unknown(loop)]


def _unknown(loop: For) -> DependenceVector:
    return DependenceVector(loop, loop, "unknown", (loop,), ("*",))


class _Finder:
    def __init__(self, nest: Nest, tester: DependenceTester, solver: Solver) -> None:
        self._nest = nest
        self._tester = tester
        self._solver = solver

    def run(self) -> Iterator[DependenceVector]:
        """Compare all touches of memory.

        Raises:
            TooComplex: There are too many, or isl did not finish.
        """
        pairs = list(self._nest.pairs())
        if len(pairs) > _MOST_PAIRS:
            raise TooComplex(str(len(pairs)))
        seen: set[DependenceVector] = set()
        for first, second in pairs:
            for found in self._compare(first, second):
                if found not in seen:
                    seen.add(found)
                    yield found

    def _compare(self, first: Touch, second: Touch) -> Iterator[DependenceVector]:
        loops = self._nest.common(first, second)
        if not self._nest.is_one_block(first, second):
            names = f"{first.name}, {second.name}"
            yield self._between(first, second, loops, ("*",) * len(loops), names)
            return
        points = self._points(first, second)
        if points is None:
            return
        for directions in self._directions(points, loops, ()):
            order = self._order(first, second, directions)
            is_within = first.statement is second.statement and set(directions) <= {"="}
            if is_within and order > 0:
                continue
            if order >= 0:
                yield self._vector(first, second, loops, directions, points)
            if order < 0 or (order == 0 and first is not second):
                turned = tuple(_REVERSED[each] for each in directions)
                yield self._vector(second, first, loops, turned, points)

    def _points(self, first: Touch, second: Touch) -> PointSet | None:
        points = self._tester.meeting_points(first.access, second.access)
        if points is None:
            return None
        same = tuple(
            compare(Polynomial.symbol(n + FIRST), "==", Polynomial.symbol(n + SECOND))
            for n in self._nest.symbols_around(first)
        )
        return replace(points, conditions=points.conditions + same)

    def _directions(
        self, points: PointSet, loops: tuple[For, ...], known: tuple[str, ...]
    ) -> Iterator[tuple[str, ...]]:
        if self._solver.is_empty(points):
            return
        if len(known) == len(loops):
            yield known
            return
        counter, is_downward = self._nest.counter(loops[len(known)])
        one = Polynomial.symbol(counter + FIRST)
        other = Polynomial.symbol(counter + SECOND)
        for direction, op in (("<", "<"), ("=", "=="), (">", ">")):
            turned = _REVERSED[op] if is_downward and op in _REVERSED else op
            narrowed = (*points.conditions, compare(one, turned, other))
            yield from self._directions(
                replace(points, conditions=narrowed), loops, (*known, direction)
            )

    def _order(self, first: Touch, second: Touch, directions: tuple[str, ...]) -> int:
        """Return 1 if the first one runs first, -1 if it runs later, 0 for either."""
        for each in directions:
            if each != "=":
                return 1 if each == "<" else -1
        if self._nest.share_uncounted(first, second):
            return 0
        return 1

    def _between(
        self,
        source: Touch,
        sink: Touch,
        loops: tuple[For, ...],
        directions: tuple[str, ...],
        names: str,
    ) -> DependenceVector:
        return DependenceVector(
            source.statement, sink.statement, "unknown", loops, directions, (), names
        )

    def _vector(
        self,
        source: Touch,
        sink: Touch,
        loops: tuple[For, ...],
        directions: tuple[str, ...],
        points: PointSet,
    ) -> DependenceVector:
        kind = "output" if sink.access.is_write else "flow"
        if not source.access.is_write:
            kind = "anti"
        found = DependenceVector(
            source.statement,
            sink.statement,
            kind,
            loops,
            directions,
            tuple(self._distance(points, each) for each in loops),
            source.name,
            source.access.is_accumulation and sink.access.is_accumulation,
        )
        carrier = found.carrier
        if carrier is None or not self._sets_first(source, carrier):
            return found
        return replace(found, is_removable=True)

    def _distance(self, points: PointSet, loop: For) -> int | None:
        counter, _ = self._nest.counter(loop)
        step = self._nest.step(loop)
        if step is None:
            return None
        first = Polynomial.symbol(counter + FIRST)
        second = Polynomial.symbol(counter + SECOND)
        value = Polynomial.symbol("distance")
        extended = PointSet(
            (*points.dimensions, "distance"),
            (*points.conditions, compare(value, "==", second - first)),
        )
        found = self._solver.constant(extended, "distance")
        return None if found is None else abs(found) // abs(step)

    def _sets_first(self, touch: Touch, loop: For) -> bool:
        """Tell whether each iteration of a loop sets a variable before reading it."""
        variable = touch.plain_variable
        if variable is None or self._nest.is_reachable(variable):
            return False
        exposure = Exposure(variable)
        exposure.visit(loop.body, frozenset())
        return not exposure.reads

"""Chooses what to parallelize without asking.

What is chosen is proved, and worth it by the analyzer's own measure.  Outer
loops come first: they give each thread the most work.  Several loops in a row,
or in a loop that must stay serial, share one parallel region where that saves
starting threads.  A function that is called from parallel work alone stays as
it is, since its callers keep all threads busy.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ipt.analysis import Analyzer, AssumptionKind, Status
from ipt.analysis.regions import analyze_region, find_regions
from ipt.errors import SourceError, TransformRefused
from ipt.model import Call, For, for_loops, walk
from ipt.restructure import find_restructurings, restructured
from ipt.transform import ParallelFor, ParallelRegion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.analysis import Assumption, LoopVerdict
    from ipt.analysis.regions import RegionVerdict
    from ipt.model import Function, Node, Program, Statement
    from ipt.restructure import Restructuring
    from ipt.transform import Transform

__all__ = [
    "choose",
    "chosen_loops",
    "parallel_for",
    "parallel_region",
    "restructure",
]

_MOST_REWRITES = 20

_PROVED = (Status.PARALLEL, Status.REDUCTION)


def choose(
    program: Program, analyzer: Analyzer, *, exact: bool = False
) -> list[Transform]:
    """Return the transforms of everything that is proved and worth it.

    Args:
        program: The program.
        analyzer: Analyses its loops.
        exact: Whether to leave alone what changes the last digits of
            floating-point results.

    Returns:
        Valid transforms that do not touch each other.
    """
    return _Chooser(program, analyzer, exact=exact).run()


def chosen_loops(transforms: Sequence[Transform]) -> list[For]:
    """Return the loops whose iterations some transforms share out."""
    found: list[For] = []
    for each in transforms:
        if isinstance(each, ParallelFor):
            found.append(each.verdict.loop)
        elif isinstance(each, ParallelRegion):
            parts = each.verdict.loops
            found += [part.verdict.loop for part in parts if part.verdict]
    return found


def restructure(
    program: Program, options: Sequence[str] = ()
) -> tuple[Program, list[Restructuring]]:
    """Rewrite loops as long as that frees one that is worth it.

    Args:
        program: The program.
        options: The user's compiler options, to read the new text.

    Returns:
        The program that is left, and what was done, in its order.
    """
    done: list[Restructuring] = []
    while len(done) < _MOST_REWRITES:
        found = _next_rewrite(program, options)
        if found is None:
            break
        try:
            program = restructured(program, found, options)
        except (SourceError, TransformRefused):
            break
        done.append(found)
    return program, done


def _next_rewrite(program: Program, options: Sequence[str]) -> Restructuring | None:
    analyzer = Analyzer(program)
    taken = {
        inner
        for loop in chosen_loops(choose(program, analyzer))
        for inner in for_loops(loop)
    }
    for function in program.functions:
        for loop in analyzer.loops(function):
            if loop in taken:
                continue
            found = find_restructurings(analyzer, function, loop, options)
            if found:
                return found[0]
    return None


def parallel_for(
    analyzer: Analyzer, verdict: LoopVerdict, *, exact: bool = False
) -> ParallelFor | None:
    """Return the transform of a loop that is proved, as its verdict advises.

    Args:
        analyzer: Analyses the loop again, with rounding accepted.
        verdict: What was found for the loop.
        exact: Whether other last digits are refused.

    Returns:
        The transform; None if the loop is not proved parallel.
    """
    if verdict.status not in _PROVED:
        return None
    if not _may_decide(verdict.decisions, exact=exact):
        return None
    settled = analyzer.analyze(verdict.function, verdict.loop, verdict.decisions)
    transform = ParallelFor(
        settled,
        settled.schedule,
        settled.collapse,
        settled.condition,
        simd=bool(settled.simd),
    )
    try:
        transform.edits()
    except TransformRefused:
        return None
    return transform


def parallel_region(
    analyzer: Analyzer, verdict: RegionVerdict, *, exact: bool = False
) -> ParallelRegion | None:
    """Return the transform of a region that is proved and worth it.

    Args:
        analyzer: Analyses the region again, with rounding accepted.
        verdict: What was found for the region.
        exact: Whether other last digits are refused.

    Returns:
        The transform; None if the region is not proved, or if its loops are
        better off one by one.
    """
    if verdict.status not in _PROVED or not verdict.is_recommended:
        return None
    if not _may_decide(verdict.decisions, exact=exact):
        return None
    if any(part.verdict and part.verdict.collapse > 1 for part in verdict.loops):
        # In a region each loop is shared out by its own counter alone.
        return None
    settled = verdict
    if verdict.decisions:
        settled = analyze_region(
            analyzer, verdict.function, verdict.statements, verdict.decisions
        )
    transform = ParallelRegion(settled)
    try:
        transform.edits()
    except TransformRefused:
        return None
    return transform


def _may_decide(decisions: Sequence[Assumption], *, exact: bool) -> bool:
    """Tell whether nobody need be asked for some decisions."""
    if exact and decisions:
        return False
    return all(each.kind is AssumptionKind.ROUNDING for each in decisions)


class _Chooser:
    """The choice for one program."""

    def __init__(self, program: Program, analyzer: Analyzer, *, exact: bool) -> None:
        self._program = program
        self._analyzer = analyzer
        self._exact = exact
        self._sites = _call_sites(program)
        self._covered: set[Node] = set()
        self._skipped: set[Function] = set()
        self._chosen: list[Transform] = []

    def run(self) -> list[Transform]:
        for function in _callers_first(self._program):
            if self._is_covered(function):
                self._skipped.add(function)
            else:
                self._regions(function)
                self._loops(function)
        return self._chosen

    def _regions(self, function: Function) -> None:
        """Take the regions of a function."""
        for verdict in find_regions(self._analyzer, function):
            transform = parallel_region(self._analyzer, verdict, exact=self._exact)
            if transform is not None:
                self._take(transform, verdict.statements)

    def _loops(self, function: Function) -> None:
        for loop in self._analyzer.loops(function):
            if loop in self._covered:
                continue
            verdict = self._analyzer.analyze(function, loop)
            if not verdict.is_recommended:
                continue
            transform = parallel_for(self._analyzer, verdict, exact=self._exact)
            if transform is not None:
                self._take(transform, [loop])

    def _take(self, transform: Transform, statements: Sequence[Statement]) -> None:
        self._chosen.append(transform)
        self._covered.update(
            node
            for statement in statements
            for node in walk(statement)
            if isinstance(node, Call | For)
        )

    def _is_covered(self, function: Function) -> bool:
        """Tell whether a function is only called where all threads are busy."""
        is_open = not function.is_static and not self._program.has_main
        if is_open or function.key in self._program.function_pointers:
            return False
        sites = self._sites.get(function.key, [])
        return bool(sites) and all(
            call in self._covered or owner in self._skipped for owner, call in sites
        )


def _call_sites(program: Program) -> dict[str, list[tuple[Function, Call]]]:
    found: dict[str, list[tuple[Function, Call]]] = defaultdict(list)
    for function in program.functions:
        for node in walk(function.body):
            if isinstance(node, Call):
                found[node.key].append((function, node))
    return found


def _callers_first(program: Program) -> list[Function]:
    """Return the functions so that callers precede what they call.

    Among functions that call each other in a circle the order is that of the
    text.
    """
    done: list[Function] = []
    seen: set[Function] = set()
    # Last things first: the order is turned round in the end.
    for start in reversed(program.functions):
        _visit(program, start, seen, done)
    return done[::-1]


def _visit(
    program: Program, start: Function, seen: set[Function], done: list[Function]
) -> None:
    if start in seen:
        return
    seen.add(start)
    stack = [(start, _called(program, start))]
    while stack:
        _, rest = stack[-1]
        following = next((each for each in rest if each not in seen), None)
        if following is None:
            done.append(stack.pop()[0])
        else:
            seen.add(following)
            stack.append((following, _called(program, following)))


def _called(program: Program, function: Function) -> Iterator[Function]:
    for node in walk(function.body):
        if isinstance(node, Call) and node.key in program.by_key:
            yield program.by_key[node.key]

"""Which loops and regions are worth taking together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.callers import call_sites
from ipt.analysis.regions import find_regions
from ipt.automatic.call_order import callers_first
from ipt.automatic.proposing import parallel_for, parallel_region
from ipt.model import Call, For, walk
from ipt.transform import ParallelFor, ParallelRegion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis import Analyzer
    from ipt.model import Function, Node, Program, Statement
    from ipt.transform import Transform

__all__ = ["choose", "chosen_loops"]


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


class _Chooser:
    """The choice for one program."""

    def __init__(self, program: Program, analyzer: Analyzer, *, exact: bool) -> None:
        self._program = program
        self._analyzer = analyzer
        self._exact = exact
        self._sites = call_sites(program)
        self._covered: set[Node] = set()
        self._skipped: set[Function] = set()
        self._chosen: list[Transform] = []

    def run(self) -> list[Transform]:
        for function in callers_first(self._program):
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

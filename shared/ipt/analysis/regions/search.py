"""Where one team of threads for several loops is worth it.

Runs of loops and plain assignments are tried, loops around parallel loops
first as a whole, then, where that is refused, what is inside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.assumptions import AssumptionKind
from ipt.analysis.regions.calm import settings_of
from ipt.analysis.regions.draft import Drafter
from ipt.analysis.regions.region import analyze_region
from ipt.analysis.verdict import Status
from ipt.model import (
    Block,
    Case,
    Declaration,
    DoWhile,
    For,
    If,
    Switch,
    While,
    for_loops,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.analysis.analyzer import Analyzer
    from ipt.analysis.assumptions import Assumption
    from ipt.analysis.regions.verdict import RegionVerdict
    from ipt.analysis.verdict import LoopVerdict
    from ipt.model import Function, Statement

__all__ = ["find_regions"]

# Longer runs are looked at in pieces: pairs of parts are compared.
_MOST_STATEMENTS = 24


def find_regions(
    analyzer: Analyzer, function: Function, accepted: Sequence[Assumption] = ()
) -> list[RegionVerdict]:
    """Return the regions of a function that are worth it, in the order of the text.

    Loops that need a decision are left out until it is accepted.

    Args:
        analyzer: Of the program.
        function: The function.
        accepted: What a person vouches for.

    Returns:
        Verdicts that are recommended; no two of them overlap.
    """
    return list(_Search(analyzer, function, tuple(accepted)).block([function.body]))


class _Search:
    def __init__(
        self, analyzer: Analyzer, function: Function, accepted: tuple[Assumption, ...]
    ) -> None:
        self._analyzer = analyzer
        self._function = function
        self._accepted = accepted
        self._drafter = Drafter(self._judge)

    def _judge(self, loop: For) -> LoopVerdict:
        return self._analyzer.analyze(self._function, loop, self._accepted)

    def block(self, statements: Sequence[Statement]) -> Iterator[RegionVerdict]:
        """Yield the regions among consecutive statements and inside them."""
        run: list[Statement] = []
        for each in statements:
            if self._joins(each) and len(run) < _MOST_STATEMENTS:
                run.append(each)
                continue
            yield from self._regions(run)
            run = [each] if self._joins(each) else []
            if not run:
                yield from self._inside(each)
        yield from self._regions(run)

    def _joins(self, node: Statement) -> bool:
        """Tell whether a statement may be a part of a region."""
        if isinstance(node, Declaration | Switch | Case):
            return False
        if self._holds_loop(node):
            return not isinstance(node, Block | If)
        is_assignment = settings_of(node, self._analyzer.program) is not None
        return is_assignment or (isinstance(node, Block) and not node.body)

    def _holds_loop(self, node: Statement) -> bool:
        return any(self._is_parallel(each) for each in for_loops(node))

    def _is_parallel(self, loop: For) -> bool:
        verdict = self._judge(loop)
        is_open = any(
            each.kind is not AssumptionKind.ROUNDING for each in verdict.decisions
        )
        return self._drafter.is_shared_out(loop) and not is_open

    def _regions(self, run: Sequence[Statement]) -> Iterator[RegionVerdict]:
        """Yield the regions of a run, tried as a whole first."""
        held = [n for n, each in enumerate(run) if self._holds_loop(each)]
        if not held:
            return
        run = run[held[0] : held[-1] + 1]
        verdict = analyze_region(self._analyzer, self._function, run, self._accepted)
        if verdict.is_recommended and verdict.status is not Status.NEEDS_DECISION:
            yield verdict
        elif len(held) > 1 and any(self._is_around(each) for each in run):
            # The loop around others may be what does not fit.
            yield from self._pieces(run)
        else:
            for each in run:
                yield from self._inside(each)

    def _pieces(self, run: Sequence[Statement]) -> Iterator[RegionVerdict]:
        piece: list[Statement] = []
        for each in run:
            if self._is_around(each):
                yield from self._regions(piece)
                yield from self._regions([each])
                piece = []
            else:
                piece.append(each)
        yield from self._regions(piece)

    def _is_around(self, node: Statement) -> bool:
        """Tell whether a statement is a serial loop around parallel ones."""
        is_loop = isinstance(node, While | DoWhile | For)
        return is_loop and not (isinstance(node, For) and self._is_parallel(node))

    def _inside(self, node: Statement) -> Iterator[RegionVerdict]:
        match node:
            case For() if self._is_parallel(node):
                return
            case For() | While() | DoWhile():
                yield from self._body(node.body)
            case If():
                yield from self._body(node.then)
                if node.otherwise is not None:
                    yield from self._body(node.otherwise)
            case Block():
                yield from self.block(node.body)
            case Switch() | Case():
                yield from self._body(node.body)
            case _:
                return

    def _body(self, node: Statement) -> Iterator[RegionVerdict]:
        if isinstance(node, Block):
            yield from self.block(node.body)
        else:
            yield from self._inside(node)

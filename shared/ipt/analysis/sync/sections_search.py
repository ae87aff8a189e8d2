"""Where sections are worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.cost import START, cost_of
from ipt.analysis.sync.heaviness import is_heavy
from ipt.analysis.sync.sections import analyze_sections
from ipt.analysis.verdict import Status
from ipt.model import Block, DoWhile, For, While, parents_of, walk

if TYPE_CHECKING:
    from ipt.analysis.analyzer import Analyzer
    from ipt.analysis.sync.sections import SectionsVerdict
    from ipt.model import Function, Statement

__all__ = ["find_sections"]

_LEAST = 2
_MOST_SECTIONS = 8


def find_sections(analyzer: Analyzer, function: Function) -> list[SectionsVerdict]:
    """Return neighbouring statements that are worth being sections.

    Args:
        analyzer: Of the program.
        function: Where to look.

    Returns:
        Recommended verdicts, none of which overlap.
    """
    found: list[SectionsVerdict] = []
    for block in walk(function.body):
        if isinstance(block, Block):
            found += _in_block(analyzer, function, block)
    return found


def _in_block(
    analyzer: Analyzer, function: Function, block: Block
) -> list[SectionsVerdict]:
    found: list[SectionsVerdict] = []
    is_repeated = any(
        isinstance(each, For | While | DoWhile)
        for each in parents_of(function.body, block)
    )
    # Most statements do little, and need not be compared.
    light = [
        number
        for number, each in enumerate(block.body)
        if not _is_worth_a_thread(analyzer, function, each, is_repeated=is_repeated)
    ]
    start = 0
    while start < len(block.body) - 1:
        best: SectionsVerdict | None = None
        last = next((each for each in light if each >= start), len(block.body))
        most = min(last, start + _MOST_SECTIONS)
        for end in range(start + _LEAST, most + 1):
            groups = [(each,) for each in block.body[start:end]]
            verdict = analyze_sections(analyzer, function, groups)
            if verdict.status is not Status.PARALLEL or not verdict.is_recommended:
                break
            best = verdict
        if best is not None:
            found.append(best)
            start += len(best.groups)
        else:
            start += 1
    return found


def _is_worth_a_thread(
    analyzer: Analyzer, function: Function, statement: Statement, *, is_repeated: bool
) -> bool:
    """Tell whether a statement has enough to do.

    In a loop, threads would be started for it again and again.
    """
    if not is_heavy(analyzer, function, (statement,)):
        return False
    return not is_repeated or cost_of(statement, analyzer.program).operations >= START

"""Whether statements have enough to do to be a thread's work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.writes import called_functions
from ipt.model import DoWhile, For, While, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.analyzer import Analyzer
    from ipt.model import Function, Statement

__all__ = ["is_heavy"]

_LOOPS = For | While | DoWhile


def is_heavy(
    analyzer: Analyzer, function: Function, statements: Sequence[Statement]
) -> bool:
    """Tell whether statements have much to do that no loop of theirs can share out.

    Args:
        analyzer: Of the program.
        function: The function that they are in.
        statements: A piece of one of its blocks.
    """
    for each in statements:
        if isinstance(each, For):
            verdict = analyzer.analyze(function, each)
            if verdict.status.is_proved:
                continue
        if _has_loop(each) or _calls_heavy(analyzer, each):
            return True
    return False


def _calls_heavy(analyzer: Analyzer, node: Statement) -> bool:
    """Tell whether calls have much to do, and no parallel loop to do it in."""
    program = analyzer.program
    called = [program.by_key[key] for key in called_functions(node, program)]
    if any(_has_parallel_loop(analyzer, each) for each in called):
        return False
    return any(
        _has_loop(each.body) or each.key in called_functions(each.body, program)
        for each in called
    )


def _has_parallel_loop(analyzer: Analyzer, function: Function) -> bool:
    return any(
        analyzer.analyze(function, each).status.is_proved
        for each in analyzer.loops(function)
    )


def _has_loop(node: Statement) -> bool:
    return any(isinstance(each, _LOOPS) for each in walk(node))

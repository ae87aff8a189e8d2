"""Rewrites of loops before anything is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Analyzer
from ipt.automatic.choosing import choose, chosen_loops
from ipt.errors import SourceError, TransformRefused
from ipt.model import for_loops
from ipt.restructure import find_restructurings, restructured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.model import Program
    from ipt.restructure import Restructuring

__all__ = ["restructure"]

_MOST_REWRITES = 20


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

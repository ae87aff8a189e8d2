"""What a region would leave to one thread, though several could share it out.

The threads of a region wait while one of them does a call.  Without the
region, the loops of the function that is called could be shared out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.assumptions import AssumptionKind
from ipt.analysis.verdict import Status
from ipt.model import Call, For, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.analyzer import Analyzer
    from ipt.analysis.regions.verdict import RegionPart
    from ipt.model import Function, Node, Program

__all__ = ["lost_work"]


def lost_work(
    analyzer: Analyzer, function: Function, parts: Sequence[RegionPart]
) -> str:
    """Return what one thread would do alone that is worth sharing out.

    Args:
        analyzer: Of the program.
        function: The function that the region is in.
        parts: The parts of the region.

    Returns:
        The function that holds it, with its brackets, or the loop; empty if
        there is nothing.
    """
    for part in (inner for each in parts for inner in each.walk()):
        if part.kind not in ("single", "master"):
            continue
        for node in (inner for each in part.statements for inner in walk(each)):
            if isinstance(node, For) and _is_worth_it(analyzer, function, node):
                return f"the loop of line {node.span.line}"
            found = _shared_out_by(analyzer, node)
            if found is not None:
                return f"{found.name}()"
    return ""


def _shared_out_by(analyzer: Analyzer, node: Node) -> Function | None:
    """Return the function with work for several threads that a call leads to."""
    program = analyzer.program
    waiting = [node]
    seen: set[Function] = set()
    while waiting:
        function = _called(program, waiting.pop())
        if function is None or function in seen:
            continue
        seen.add(function)
        key = ("worth sharing out", function)
        if key not in analyzer.found:
            analyzer.found[key] = function in program.functions and any(
                _is_worth_it(analyzer, function, each)
                for each in analyzer.loops(function)
            )
        if analyzer.found[key]:
            return function
        waiting += [each for each in walk(function.body) if isinstance(each, Call)]
    return None


def _called(program: Program, node: Node) -> Function | None:
    return program.by_key.get(node.key) if isinstance(node, Call) else None


def _is_worth_it(analyzer: Analyzer, function: Function, loop: For) -> bool:
    """Tell whether the iterations of a loop would be shared out, nobody asked."""
    verdict = analyzer.analyze(function, loop)
    return (
        verdict.status is not Status.REFUSED
        and verdict.is_recommended
        and all(each.kind is AssumptionKind.ROUNDING for each in verdict.decisions)
    )

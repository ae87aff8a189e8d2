"""The transform of a verdict that needs nobody to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import AssumptionKind
from ipt.analysis.regions import analyze_region
from ipt.errors import TransformRefused
from ipt.transform import ParallelFor, ParallelRegion

if TYPE_CHECKING:
    from ipt.analysis import Analyzer, LoopVerdict
    from ipt.analysis.regions import RegionVerdict
    from ipt.transform import Transform

__all__ = ["parallel_for", "parallel_region"]


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
    if not _is_settled(verdict, exact=exact):
        return None
    settled = analyzer.analyze(verdict.function, verdict.loop, verdict.decisions)
    made = ParallelFor(
        settled,
        settled.schedule,
        settled.collapse,
        settled.condition,
        simd=bool(settled.simd),
    )
    return made if _applies(made) else None


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
    if not verdict.is_recommended or not _is_settled(verdict, exact=exact):
        return None
    if any(part.verdict and part.verdict.collapse > 1 for part in verdict.loops):
        # In a region each loop is shared out by its own counter alone.
        return None
    settled = verdict
    if verdict.decisions:
        settled = analyze_region(
            analyzer, verdict.function, verdict.statements, verdict.decisions
        )
    made = ParallelRegion(settled)
    return made if _applies(made) else None


def _is_settled(verdict: LoopVerdict | RegionVerdict, *, exact: bool) -> bool:
    """Tell whether a verdict is proved and nobody need be asked for its decisions."""
    if not verdict.status.is_proved or (exact and verdict.decisions):
        return False
    return all(each.kind is AssumptionKind.ROUNDING for each in verdict.decisions)


def _applies(transform: Transform) -> bool:
    """Tell whether the text lets a transform be made."""
    try:
        transform.edits()
    except TransformRefused:
        return False
    return True

"""A second look at a region: do its barriers keep its threads apart?

For verdicts that somebody has changed: a barrier less is a conflict here, or
was not needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.concurrency import Concurrency
from ipt.analysis.regions.draft import Draft, drafts_in
from ipt.analysis.regions.roles import find_region_roles
from ipt.analysis.regions.steps import steps_of
from ipt.analysis.regions.usage import declared_by_threads, variables_of
from ipt.analysis.regions.waiting import Waiting
from ipt.model import Block, If

if TYPE_CHECKING:
    from ipt.analysis.analyzer import Analyzer
    from ipt.analysis.regions.verdict import RegionPart, RegionVerdict
    from ipt.findings import Finding

__all__ = ["region_conflicts"]


def region_conflicts(analyzer: Analyzer, verdict: RegionVerdict) -> list[Finding]:
    """Return where threads of a region would meet, as its parts are now.

    Args:
        analyzer: Of the program.
        verdict: A verdict that is not refused, possibly with other parts.

    Returns:
        A finding for each pair of parts that may run at the same time and
        must not; none if all barriers that are needed are there.
    """
    drafts = [_draft(each) for each in verdict.parts]
    listed = {*verdict.private, *verdict.firstprivate}
    inside = declared_by_threads(list(drafts_in(drafts)))
    even = frozenset(
        each.key
        for each in variables_of(verdict.statements)
        if each.key in inside
        or (each.name in listed and each.key not in _declared_deeper(verdict))
    )
    roles = find_region_roles(
        analyzer.program, verdict.function, verdict.statements, drafts, even
    )
    steps = steps_of(drafts, frozenset(roles.own))
    context = Concurrency(analyzer, verdict.function, verdict.accepted)
    waiting = Waiting(context, steps)
    return [each for _, _, found in waiting.conflicts() for each in found]


def _declared_deeper(verdict: RegionVerdict) -> set[tuple[str, int]]:
    return {
        each.key
        for each in variables_of(verdict.statements)
        if any(each.is_declared_in(node.span) for node in verdict.statements)
    }


def _draft(part: RegionPart) -> Draft:
    made = Draft(part.statements, part.kind, part.verdict)
    made.barrier, made.nowait = part.barrier, part.nowait
    made.is_followed = bool(part.parts)
    branch = part.statement.otherwise if isinstance(part.statement, If) else None
    other = set(branch.body if isinstance(branch, Block) else (branch,))
    for each in part.parts:
        target = made.otherwise if each.statement in other else made.inner
        target.append(_draft(each))
    return made

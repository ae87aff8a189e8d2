"""Statements that not all threads may run at the same time, and what follows.

loop                  a loop with protected statements; its docstring draws the parts
forms                 what `atomic` can protect
suggesting            the smallest protection that is enough
sections              pieces of a block side by side (`sections_search`: where)
tasks, recursion      calls of a function by itself
target, extents       a loop on a device, and what is copied there
"""

from __future__ import annotations

from ipt.analysis.sync.forms import atomic_kind
from ipt.analysis.sync.loop import protect_loop
from ipt.analysis.sync.sections import (
    SectionsVerdict,
    analyze_sections,
)
from ipt.analysis.sync.sections_search import find_sections
from ipt.analysis.sync.suggesting import suggest_protections
from ipt.analysis.sync.target import MapClause, TargetVerdict, map_clauses
from ipt.analysis.sync.tasks import Cutoff, TasksVerdict, analyze_tasks

__all__ = [
    "Cutoff",
    "MapClause",
    "SectionsVerdict",
    "TargetVerdict",
    "TasksVerdict",
    "analyze_sections",
    "analyze_tasks",
    "atomic_kind",
    "find_sections",
    "map_clauses",
    "protect_loop",
    "suggest_protections",
]

"""Statements that not all threads may run at the same time, and what follows.

Protection of statements in a loop, sections, tasks, and loops on a device.
"""

from __future__ import annotations

from ipt.analysis.sync.forms import atomic_kind
from ipt.analysis.sync.loop import protect_loop
from ipt.analysis.sync.sections import (
    SectionsVerdict,
    analyze_sections,
    find_sections,
)
from ipt.analysis.sync.suggesting import output_statements, suggest_protections
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
    "output_statements",
    "protect_loop",
    "suggest_protections",
]

"""Transforms: from a verdict to edits of the user's text, one a file.

Each has `validate`, which changes nothing and refuses with reasons, apart
from `edits`.

verdicts    what all of them ask of a verdict
directives  a directive as text
lines       where lines can go around statements
"""

from __future__ import annotations

from ipt.transform.includes import include_edits
from ipt.transform.parallel_for import ParallelFor
from ipt.transform.protection import protection_edits
from ipt.transform.region import ParallelRegion
from ipt.transform.sections import Sections
from ipt.transform.target import Target
from ipt.transform.task_start import TaskStart
from ipt.transform.tasks import Tasks, task_transforms
from ipt.transform.timing import Timing
from ipt.transform.transform import Transform

__all__ = [
    "ParallelFor",
    "ParallelRegion",
    "Sections",
    "Target",
    "TaskStart",
    "Tasks",
    "Timing",
    "Transform",
    "include_edits",
    "protection_edits",
    "task_transforms",
]

"""Transforms: from a verdict to insertions in the user's text.

Each has `validate`, which changes nothing and refuses with reasons, apart
from `edits`.
"""

from __future__ import annotations

from ipt.transform.parallel_for import ParallelFor
from ipt.transform.timing import Timing, include_edit

__all__ = ["ParallelFor", "Timing", "include_edit"]

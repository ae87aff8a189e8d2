"""Chooses what to parallelize without asking.

What is chosen is proved, and worth it by the analyzer's own measure.  Outer
loops come first: they give each thread the most work.  Several loops in a row,
or in a loop that must stay serial, share one parallel region where that saves
starting threads.  A function that is called from parallel work alone stays as
it is, since its callers keep all threads busy.
"""

from __future__ import annotations

from ipt.automatic.choosing import choose, chosen_loops
from ipt.automatic.proposing import parallel_for, parallel_region
from ipt.automatic.rewriting import restructure
from ipt.automatic.running import parallelize_automatically

__all__ = [
    "choose",
    "chosen_loops",
    "parallel_for",
    "parallel_region",
    "parallelize_automatically",
    "restructure",
]

"""Parallel regions: one team of threads for several loops, and what is between.

draft, sharing  the parts, and who does each (`calm`: what all can do for themselves)
usage, roles    what becomes of each variable
steps, waiting  who can meet whom, and where threads must wait
layout, escapes what the text allows
worth, lost     what the threads gain by it
region          all of it, as a verdict
search          where to look for regions
"""

from __future__ import annotations

from ipt.analysis.regions.region import analyze_region
from ipt.analysis.regions.search import find_regions
from ipt.analysis.regions.verdict import PartKind, RegionPart, RegionVerdict

__all__ = [
    "PartKind",
    "RegionPart",
    "RegionVerdict",
    "analyze_region",
    "find_regions",
]

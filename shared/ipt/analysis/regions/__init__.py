"""Parallel regions: one team of threads for several loops, and what is between."""

from __future__ import annotations

from ipt.analysis.regions.checking import region_conflicts
from ipt.analysis.regions.region import analyze_region
from ipt.analysis.regions.search import find_regions
from ipt.analysis.regions.verdict import PartKind, RegionPart, RegionVerdict

__all__ = [
    "PartKind",
    "RegionPart",
    "RegionVerdict",
    "analyze_region",
    "find_regions",
    "region_conflicts",
]

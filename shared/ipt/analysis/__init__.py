"""The analysis: which loops can run in parallel, and what each variable becomes.

Every answer is proved, or says what it rests on.  The parts are drawn in
`ipt.analysis.analyzer`.
"""

from __future__ import annotations

from ipt.analysis.analyzer import Analyzer
from ipt.analysis.assumptions import Assumption, AssumptionKind
from ipt.analysis.verdict import LoopVerdict, Reduction, Status, Update, VectorLoop

__all__ = [
    "Analyzer",
    "Assumption",
    "AssumptionKind",
    "LoopVerdict",
    "Reduction",
    "Status",
    "Update",
    "VectorLoop",
]

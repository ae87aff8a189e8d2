"""A serial program beside its parallel one: what they printed, and how fast.

```
IPT_COMPARE       ─▶ rows ─┬─▶ medians ─▶ speed-up and efficiency
compare/*.out ─▶ texts ────┴─▶ the first difference, numbers within a tolerance
table.py          outputs.py      difference.py          report.py
```
"""

from .difference import Difference, find_difference
from .report import TOLERANCE, to_report
from .table import SERIAL, Row, read_table

__all__ = [
    "SERIAL",
    "TOLERANCE",
    "Difference",
    "Row",
    "find_difference",
    "read_table",
    "to_report",
]

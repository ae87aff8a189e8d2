"""What compilers and linkers complained about, read out of what they printed.

    text ─▶ lines ─▶ remarks, one form each ─▶ diagnostics ─▶ places in the home
            lines.py  gcc.py, nvcc.py, linker.py  parser.py     places.py

A compiler's output is somebody's text: nothing in it may make reading fail or take
long, and what is not understood is left out, since the page shows the whole text too.
"""

from .model import Diagnostic, Note, Report
from .parser import read_diagnostics
from .places import HomePlaces
from .report import to_report

__all__ = [
    "Diagnostic",
    "HomePlaces",
    "Note",
    "Report",
    "read_diagnostics",
    "to_report",
]

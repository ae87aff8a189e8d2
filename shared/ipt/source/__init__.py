"""The user's text: places in it, excerpts of it, edits of it.

Nothing here knows C; offsets are byte offsets, as Clang counts them.
"""

from __future__ import annotations

from ipt.source.edits import Edit, Insertion, Replacement, apply_edits
from ipt.source.text import Edge, Place, SourceText, Span

__all__ = [
    "Edge",
    "Edit",
    "Insertion",
    "Place",
    "Replacement",
    "SourceText",
    "Span",
    "apply_edits",
]

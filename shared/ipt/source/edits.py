"""Edits of the user's text: whole lines are inserted, nothing else is touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ipt.source.text import SourceText

__all__ = ["Insertion", "apply_edits"]


@dataclass(frozen=True, slots=True)
class Insertion:
    """Lines to insert before the byte at `offset`, which begins a line.

    Attributes:
        offset: A line start, or the end of the file.
        lines: The new lines, without line ends.
        order: Among insertions at one offset, smaller comes first.
    """

    offset: int
    lines: tuple[str, ...]
    order: int = 0


def apply_edits(source: SourceText, edits: Iterable[Insertion]) -> bytes:
    """Return the text with all insertions made.

    Inserted lines end as the file's own lines do, so that removing them gives
    the input back byte for byte.

    Args:
        source: The text to edit.
        edits: Insertions in any order.

    Returns:
        The new text.
    """
    newline = source.newline
    pieces: list[bytes] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.offset, edit.order)):
        pieces.append(source.data[position : edit.offset])
        if edit.offset > 0 and source.data[edit.offset - 1 : edit.offset] != b"\n":
            pieces.append(newline)
        pieces.extend(line.encode() + newline for line in edit.lines)
        position = edit.offset
    pieces.append(source.data[position:])
    return b"".join(pieces)

"""Edits of the user's text; what they do not name stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ipt.source.text import SourceText

__all__ = ["Edit", "Insertion", "Replacement", "apply_edits"]


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


@dataclass(frozen=True, slots=True)
class Replacement:
    r"""Bytes to put in place of those from `start` up to `end`.

    Attributes:
        data: The new bytes, with line ends as `\n`; they become those of the file.
        order: Among edits at one offset, smaller comes first.
    """

    start: int
    end: int
    data: bytes
    order: int = 0


Edit: TypeAlias = Insertion | Replacement


def apply_edits(source: SourceText, edits: Iterable[Edit]) -> bytes:
    """Return the text with all edits made.

    Inserted lines end as the file's own lines do, so that removing them gives
    the input back byte for byte.

    Args:
        source: The text to edit.
        edits: In any order; no two of them touch the same byte.

    Returns:
        The new text.

    Raises:
        ValueError: Two edits overlap.
    """
    newline = source.newline
    pieces: list[bytes] = []
    position = 0
    for edit in sorted(edits, key=_position):
        start, end = _extent(edit)
        if start < position:
            raise ValueError(f"two edits overlap at byte {start}")
        pieces.append(source.data[position:start])
        if isinstance(edit, Replacement):
            pieces.append(edit.data.replace(b"\n", newline))
        else:
            if start > 0 and source.data[start - 1 : start] != b"\n":
                pieces.append(newline)
            pieces.extend(line.encode() + newline for line in edit.lines)
        position = end
    pieces.append(source.data[position:])
    return b"".join(pieces)


def _extent(edit: Edit) -> tuple[int, int]:
    if isinstance(edit, Replacement):
        return edit.start, edit.end
    return edit.offset, edit.offset


def _position(edit: Edit) -> tuple[int, int, int]:
    start, end = _extent(edit)
    return start, edit.order, end

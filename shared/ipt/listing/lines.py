"""The grammar of a line answer."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from ipt.errors import IptError

__all__ = ["LineError", "LineRange", "read_lines"]

_ITEM = re.compile(r"\[?(\d{1,7})(?:-(?:(\d{1,7})|none))?\]?", re.IGNORECASE)
_MOST = 500


class LineError(IptError):
    """A line answer that cannot be used; `message` says why."""


@dataclass(frozen=True, slots=True)
class LineRange:
    """Lines from `first` to `last`, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        one = self.first == self.last
        return str(self.first) if one else f"{self.first}-{self.last}"


def read_lines(text: str) -> tuple[LineRange, ...]:
    """Read a line answer: `12`, `12-20`, `12,14-16`, or `none`.

    The brackets that the first IPT asked for are understood, and so is
    `none` as the end of a range.

    Args:
        text: The answer.

    Returns:
        The ranges in the order of the file, none for `none`.

    Raises:
        LineError: A part is neither a line nor a range, or two parts overlap.
    """
    if text.strip().lower() in ("", "none"):
        return ()
    parts = [each for each in re.split(r"[,;\s]+", _joined(text)) if each]
    if len(parts) > _MOST:
        raise LineError(f"These are more than {_MOST} parts; use ranges.")
    junk = [each for each in parts if not _ITEM.fullmatch(each) or not each.isascii()]
    if junk:
        listed = ", ".join(repr(each[:20]) for each in junk[:3])
        raise LineError(
            f"{listed}: neither a line nor a range of lines. Write 12, 12-20, "
            "12,14-16, or none."
        )
    found = sorted((_range(each) for each in parts), key=lambda each: each.first)
    for one, other in itertools.pairwise(found):
        if other.first <= one.last:
            raise LineError(f"Line {other.first} is named twice.")
    return tuple(found)


def _joined(text: str) -> str:
    """Remove the blanks around the dash of a range."""
    return re.sub(r"\s*-\s*", "-", text.strip())


def _range(part: str) -> LineRange:
    match = _ITEM.fullmatch(part)
    assert match is not None  # noqa: S101 - junk was refused before
    first = int(match[1])
    last = int(match[2]) if match[2] else first
    if last < first:
        raise LineError(f"{part}: the range ends before it begins.")
    return LineRange(first, last)

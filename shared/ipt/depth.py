"""Room for deeply nested programs, and its end.

The tree is walked by recursion, and a sum of a thousand terms is a thousand
levels deep.  Python's own limit must never be met while libclang calls back:
the error would be lost there, and a part of the program with it.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ipt.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Depth", "deep_recursion"]

_DEEPEST = 1500
# At most eight Python frames a level, with room to spare.
_FRAMES = 15_000
_MESSAGE = "The program is nested too deeply to analyse. Split its longest expressions."


class Depth:
    """Counts the levels of the tree while it is read."""

    def __init__(self) -> None:
        self._levels = 0

    def enter(self) -> None:
        """Go one level down.

        Raises:
            SourceError: It is one too many.
        """
        self._levels += 1
        if self._levels > _DEEPEST:
            raise SourceError(_MESSAGE)

    def leave(self) -> None:
        """Go one level up."""
        self._levels -= 1


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Allow as deep a recursion as `Depth` does."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)

"""The headers that inserted text needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ipt.source import Insertion

if TYPE_CHECKING:
    from collections.abc import Collection

    from ipt.source import SourceText

__all__ = ["include_edits"]

_INCLUDE = re.compile(rb"^[ \t]*#[ \t]*include\b")
_OPEN = re.compile(rb"^[ \t]*#[ \t]*if")
_CLOSE = re.compile(rb"^[ \t]*#[ \t]*endif")


def include_edits(source: SourceText, headers: Collection[str]) -> list[Insertion]:
    """Return the insertion of headers, none if there are none.

    They go behind the file's own includes, so that macros which must stand
    before the first header keep their effect.
    """
    if not headers:
        return []
    position = depth = offset = 0
    for line in source.data.splitlines(keepends=True):
        offset += len(line)
        if _OPEN.match(line):
            depth += 1
        elif _CLOSE.match(line):
            depth = max(0, depth - 1)
        if depth == 0 and _INCLUDE.match(line):
            position = offset
    lines = tuple(f"#include <{name}>" for name in sorted(headers))
    return [Insertion(position, lines, order=-3)]

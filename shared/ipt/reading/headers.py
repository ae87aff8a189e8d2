"""Splits the header of a `for` statement.

libclang leaves out absent parts, so that `for (;;i++)` and `for (i = 0;;)`
look alike; the semicolons of the text tell them apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

__all__ = ["ForHeader", "for_header"]

_TOKEN = re.compile(
    rb"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[();\[\]{}]""",
    re.DOTALL,
)
_FOR = re.compile(rb"for(?![A-Za-z0-9_$])")
_OPEN, _CLOSE = (b"(", b"[", b"{"), (b")", b"]", b"}")
_SEMICOLONS = 2


@dataclass(frozen=True, slots=True)
class ForHeader:
    """Offsets of the two semicolons and of the closing parenthesis."""

    first: int
    second: int
    close: int

    def assign(self, children: list[Any]) -> tuple[Any, Any, Any, Any]:
        """Return init, condition, step and body among the children of a cursor.

        The body is None if a part has two children: a condition that declares
        a variable is not understood.
        """
        parts: list[Any] = [None, None, None, None]
        for child in children:
            start = child.extent.start.offset
            limits = (self.first, self.second, self.close)
            position = sum(start > limit for limit in limits)
            if parts[position] is not None:
                return None, None, None, None
            parts[position] = child
        return parts[0], parts[1], parts[2], parts[3]


def for_header(data: bytes, start: int) -> ForHeader | None:
    """Find the parts of the `for` that begins at a byte offset.

    Returns:
        The offsets, None if the text there is not a whole `for` header; then
        the keyword came from a macro.
    """
    if not _FOR.match(data, start):
        return None
    depth = 0
    semicolons: list[int] = []
    for token in _TOKEN.finditer(data, start):
        mark = token.group()
        if mark in _OPEN:
            depth += 1
        elif mark in _CLOSE:
            depth -= 1
            if depth == 0:
                break
        elif mark == b";" and depth == 1:
            semicolons.append(token.start())
    else:
        return None
    if len(semicolons) != _SEMICOLONS:
        return None
    return ForHeader(semicolons[0], semicolons[1], token.start())

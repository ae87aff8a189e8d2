"""Keeps text that came over a network from naming files of this machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ipt.errors import SourceError

if TYPE_CHECKING:
    from ipt.source import SourceText

__all__ = ["header_refused", "refuse_odd_includes"]

_HIDDEN = re.compile(rb"\\\r?\n|/\*.*?\*/", re.DOTALL)
_INCLUDE = re.compile(
    rb"(?:#|%:|\?\?=)[ \t]*(?:include|include_next|import|embed)\b(.*)"
)
_PLAIN = re.compile(rb"""(?:<[A-Za-z0-9_./+-]+>|"[A-Za-z0-9_./+-]+").*""")


def header_refused(source: SourceText, line: int) -> SourceError:
    """Return the error for a header that may not be read."""
    return SourceError(
        f"{source.name}:{line}: this header cannot be included here. Only the "
        "compiler's own headers are available; copy what the program needs from "
        "the header into the file."
    )


def refuse_odd_includes(source: SourceText) -> None:
    """Refuse includes that could open any file, before anything is opened.

    Opening alone can do harm: some files never end.

    Raises:
        SourceError: An include names a path from the root, goes upward, or is
            put together by macros.
    """
    text = _HIDDEN.sub(lambda found: b" " * len(found.group()), source.data)
    # Also as it stands: a comment that begins in a string is none.
    for each in (text, source.data):
        for found in _INCLUDE.finditer(each):
            name = found.group(1).strip()
            is_plain = _PLAIN.fullmatch(name)
            if not is_plain or b".." in name or name[1:2] == b"/":
                raise header_refused(source, source.line_number(found.start()))

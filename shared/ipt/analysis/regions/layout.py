"""Whether directives and braces can go between the lines of a region."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ipt.findings import Finding
from ipt.model import in_macro

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.model import Statement

__all__ = ["end_of", "layout_finding", "share_line"]

_CONDITIONAL = re.compile(rb"^[ \t]*#[ \t]*(if|el|endif)", re.MULTILINE)
_PRAGMA = re.compile(rb"^[ \t]*#[ \t]*pragma|\b_Pragma\b", re.MULTILINE)
_OPENMP = re.compile(
    rb"^[ \t]*(?:#[ \t]*pragma|[^\n]*\b_Pragma\b)[^\n]*\bomp\b", re.MULTILINE
)


def end_of(statement: Statement) -> int:
    """Return the offset behind a statement and its semicolon."""
    data, end = statement.span.source.bare, statement.span.end
    if data[end - 1 : end] in (b"}", b";"):
        return end
    position = end
    while data[position : position + 1].isspace():
        position += 1
    return position + 1 if data[position : position + 1] == b";" else end


def share_line(first: Statement, second: Statement) -> bool:
    """Tell whether a statement begins on the line on which another one ends."""
    source = first.span.source
    return source.line_number(end_of(first) - 1) == second.span.line


def layout_finding(statements: Sequence[Statement]) -> Finding | None:
    """Return why lines cannot go around statements, None if they can.

    Args:
        statements: Consecutive ones of one block.
    """
    first, last = statements[0], statements[-1]
    source = first.span.source
    start, end = source.line_start(first.span.start), end_of(last)
    why = ""
    if any(in_macro(each) for each in (first, last)):
        why = "comes from a macro"
    elif source.indentation(first.span.start) is None:
        why = "does not begin its line"
    elif source.bare[end : source.line_end(end - 1)].strip(b" \t\r\n\\"):
        why = "shares a line with what follows"
    elif source.bare[:start].rstrip(b" \t\r\n").endswith(b"\\"):
        why = "stands in a line that is continued by a backslash"
    elif _splits_conditional(source.bare[start:end]):
        why = "has a part of a conditional of the preprocessor in it"
    elif _PRAGMA.search(source.bare, _gap(first), start):
        why = "has a pragma before it"
    elif _OPENMP.search(source.bare, start, end):
        why = "has a directive in it"
    if not why:
        return None
    return Finding(
        "IPT330",
        f"no directive can go around this statement: it {why}.",
        first.span.place,
        way_out="Write it on lines of its own.",
    )


def _splits_conditional(text: bytes) -> bool:
    """Tell whether an `#if` and its `#endif` are not both in a text."""
    depth = 0
    for found in _CONDITIONAL.finditer(text):
        if found[1] == b"if":
            depth += 1
        elif depth == 0:
            return True
        elif found[1] == b"endif":
            depth -= 1
    return depth != 0


def _gap(statement: Statement) -> int:
    """Return where the lines before a statement that hold no code begin."""
    source = statement.span.source
    start = source.line_start(statement.span.start)
    while start > 0:
        before = source.line_start(start - 1)
        line = source.bare[before:start].strip()
        if line and not line.startswith((b"#", b"_Pragma")):
            break
        start = before
    return start

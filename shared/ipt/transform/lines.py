"""Where lines and braces can go around statements of the user's text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.errors import TransformRefused
from ipt.findings import Finding
from ipt.model import in_macro
from ipt.source import Insertion, Replacement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.model import Statement
    from ipt.source import Edit, SourceText

__all__ = ["StatementLines", "lines_of"]

_REST = re.compile(
    rb"[ \t]*(?://[^\r\n]*|/\*(?:(?!\*/)[^\r\n])*\*/[ \t]*)?(?:\r?\n|\Z)"
)
_CONDITIONAL = re.compile(rb"^[ \t]*#[ \t]*(?:if|el|endif)", re.MULTILINE)
_DIRECTIVE = re.compile(rb"^[ \t]*#", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class StatementLines:
    """Consecutive statements of one block, as bytes of their file.

    Attributes:
        start: Where the first one begins.
        end: Behind the last one and its semicolon.
    """

    source: SourceText
    start: int
    end: int

    @property
    def indent(self) -> str:
        """The blanks that lines before the statements begin with."""
        source = self.source
        own = source.indentation(self.start)
        if own is not None:
            return own.decode()
        outer = self._outer
        return outer + ("\t" if outer.startswith("\t") else "  ")

    @property
    def _outer(self) -> str:
        """The blanks that the line of the first statement begins with."""
        line = self.source.data[self.source.line_start(self.start) : self.start]
        return line[: len(line) - len(line.lstrip(b" \t"))].decode()

    def before(self, lines: Sequence[str], order: int = 0) -> Edit:
        """Return the edit that puts lines before the statements.

        Where something else begins their line, such as the `if` whose body
        they are, that line is broken.
        """
        source = self.source
        if source.indentation(self.start) is not None:
            place = source.line_start(self.start)
            return Insertion(place, tuple(self.indent + each for each in lines), order)
        blank = self.start
        while source.data[blank - 1 : blank] in (b" ", b"\t"):
            blank -= 1
        text = "".join(f"\n{self.indent}{each}" for each in (*lines, ""))
        return Replacement(blank, self.start, text.encode(), order)

    def behind(self, lines: Sequence[str], order: int = 0) -> Edit:
        """Return the edit that puts lines behind the statements."""
        source = self.source
        rest = _REST.match(source.data, self.end)
        if rest is not None:
            place = source.line_end(self.end - 1)
            return Insertion(place, tuple(self._outer + each for each in lines), order)
        text = "".join(f"\n{self.indent}{each}" for each in lines)
        return Replacement(self.end, self.end, f"{text}\n{self.indent}".encode(), order)


def lines_of(statements: Sequence[Statement]) -> StatementLines:
    """Return where some statements stand.

    Args:
        statements: Consecutive ones of one block.

    Raises:
        TransformRefused: They come from a macro, or a line of the preprocessor
            stands in the way.
    """
    first, last = statements[0], statements[-1]
    source = first.span.source
    for number, each in enumerate(statements):
        is_twin = any(each.span == other.span for other in statements[:number])
        if is_twin or in_macro(each):
            raise _refused(each, "comes from a macro, which an edit must not enter")
    start = first.span.start
    end = _end(last)
    if end is None:
        raise _refused(last, "does not end with a semicolon of its own")
    before = source.data[: source.line_start(start)].rstrip(b" \t\r\n")
    if before.endswith(b"\\") or _in_directive(source, start):
        raise _refused(first, "stands in a line that is continued by a backslash")
    if _CONDITIONAL.search(source.bare, source.line_start(start), end):
        raise _refused(first, "has lines of the preprocessor in it")
    return StatementLines(source, start, end)


def _refused(statement: Statement, why: str) -> TransformRefused:
    return TransformRefused(
        [
            Finding(
                "IPT335",
                f"no directive can go in front of this statement: it {why}.",
                statement.span.place,
                way_out="Write it out on lines of its own.",
            )
        ]
    )


def _in_directive(source: SourceText, start: int) -> bool:
    return _DIRECTIVE.match(source.bare, source.line_start(start)) is not None


def _end(statement: Statement) -> int | None:
    """Return the offset behind a statement and its semicolon."""
    data, end = statement.span.source.bare, statement.span.end
    if data[end - 1 : end] in (b"}", b";"):
        return end
    position = end
    while data[position : position + 1].isspace():
        position += 1
    return position + 1 if data[position : position + 1] == b";" else None

"""A source file as bytes, with lines and places.

The text is kept as bytes, so that tabs, line ends and characters in any
encoding leave the tool as they came in.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field
from functools import cached_property

_NO_CODE = re.compile(
    rb"""//(?:\\\r?\n|[^\n])*|/\*.*?(?:\*/|\Z)"""
    rb"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""",
    re.DOTALL,
)
_NO_BLANK = re.compile(rb"[^\r\n]")

__all__ = ["Edge", "Place", "SourceText", "Span"]


@dataclass(slots=True, eq=False)
class Edge:
    """Where the text of a statement ends; all that end there share it.

    Attributes:
        is_split: Whether a macro there goes on with more than the statement.
    """

    is_split: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A range of bytes in a file of the program, end excluded.

    Attributes:
        begins_in_macro: Whether its first token comes from a macro; known of
            statements only.
        edge: Its end; known of statements only.
    """

    start: int
    end: int
    source: SourceText = field(repr=False)
    begins_in_macro: bool = field(default=False, compare=False, repr=False)
    edge: Edge | None = field(default=None, compare=False, repr=False)

    @property
    def in_macro(self) -> bool:
        """Whether the text of a statement is not its own from end to end."""
        is_split = self.edge is not None and self.edge.is_split
        return self.begins_in_macro or is_split

    def contains(self, other: Span) -> bool:
        """Tell whether `other` lies inside this span."""
        is_one_file = self.source is other.source
        return is_one_file and self.start <= other.start and other.end <= self.end

    @property
    def text(self) -> str:
        """The text of the span."""
        return self.source.slice(self)

    @property
    def place(self) -> Place:
        """Where the span begins."""
        return self.source.place(self.start)

    @property
    def line(self) -> int:
        """The line, from 1, in which the span begins."""
        return self.source.line_number(self.start)


@dataclass(frozen=True, slots=True)
class Place:
    """A position for people: file name, line and column from 1."""

    name: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.name}:{self.line}:{self.column}"


@dataclass(frozen=True, eq=False)
class SourceText:
    """One source file; immutable, and equal to no other one.

    Attributes:
        name: The name shown in messages.
        data: The bytes of the file.
    """

    name: str
    data: bytes

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        position = self.data.find(b"\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.data.find(b"\n", position + 1)
        return starts

    @cached_property
    def newline(self) -> bytes:
        """The line end that the file uses, that of its first line."""
        first = self.data.find(b"\n")
        return b"\r\n" if first > 0 and self.data[first - 1 : first] == b"\r" else b"\n"

    @cached_property
    def bare(self) -> bytes:
        """The bytes with each comment, string and character made blank."""
        return _NO_CODE.sub(_blank, self.data)

    def line_number(self, offset: int) -> int:
        """Return the line, from 1, that holds a byte offset."""
        return bisect.bisect_right(self._starts, offset)

    def line_start(self, offset: int) -> int:
        """Return the offset at which the line of `offset` begins."""
        return self._starts[self.line_number(offset) - 1]

    def line_end(self, offset: int) -> int:
        """Return the offset just behind the line of `offset`, line end included."""
        number = self.line_number(offset)
        return self._starts[number] if number < len(self._starts) else len(self.data)

    def place(self, offset: int) -> Place:
        """Return the place of a byte offset."""
        start = self.line_start(offset)
        column = len(self._decode(self.data[start:offset])) + 1
        return Place(self.name, self.line_number(offset), column)

    def slice(self, span: Span) -> str:
        """Return the text of a span."""
        return self._decode(self.data[span.start : span.end])

    def line(self, number: int) -> str:
        """Return one line, counted from 1, without its line end."""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.data)
        return self._decode(self.data[start:end]).rstrip("\r\n")

    def lines(self, span: Span) -> list[tuple[int, str]]:
        """Return the numbered lines that a span touches."""
        first = self.line_number(span.start)
        last = self.line_number(max(span.start, span.end - 1))
        return [(number, self.line(number)) for number in range(first, last + 1)]

    def indentation(self, offset: int) -> bytes | None:
        """Return the blanks before `offset` in its line, None if more stands there."""
        before = self.data[self.line_start(offset) : offset]
        # A form feed may stand between functions; a directive must not have one.
        return None if before.strip(b" \t\f\v") else before.translate(None, b"\f\v")

    def caret(self, place: Place) -> str:
        """Return the line of a place and a caret under its column."""
        text = self.line(place.line)
        blanks = "".join(
            "\t" if character == "\t" else " "
            for character in text[: place.column - 1].ljust(place.column - 1)
        )
        return f"{text}\n{blanks}^"

    @staticmethod
    def _decode(data: bytes) -> str:
        return data.decode("utf-8", "replace")


def _blank(match: re.Match[bytes]) -> bytes:
    text = match[0]
    if text.startswith((b"/", b"'")) or b"omp" not in text:
        return _NO_BLANK.sub(b" ", text)
    # The argument of _Pragma is a string.
    return text

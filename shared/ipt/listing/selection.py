"""From the lines of an answer to whole statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.listing.lines import LineError, LineRange, read_lines
from ipt.listing.statements import listed_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.listing.statements import ListedLine
    from ipt.model import Function, Statement

__all__ = ["Selection", "select", "spelled"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Neighbouring statements of one block that an answer names.

    Attributes:
        block: All statements of that block.
    """

    lines: LineRange
    statements: tuple[Statement, ...]
    block: tuple[Statement, ...]


def select(function: Function, answer: str) -> tuple[Selection, ...]:
    """Return the statements that a line answer names.

    Args:
        function: The function whose lines are meant.
        answer: See `read_lines`.

    Returns:
        One selection a part, in the order of the file; none for `none`.

    Raises:
        LineError: A line does not begin a complete statement, or a range does
            not end with one.
    """
    known = listed_lines(function)
    return tuple(_select(function, known, each) for each in read_lines(answer))


def _select(
    function: Function, known: dict[int, ListedLine], lines: LineRange
) -> Selection:
    first = _begin(function, known, lines.first)
    if lines.first == lines.last:
        return Selection(lines, first.statements, first.block)
    start = first.block.index(first.statements[0])
    rest = [each for each in first.block[start:] if each.span.line <= lines.last]
    end = _last_line(rest[-1])
    if lines.last not in (rest[-1].span.line, end):
        raise LineError(_bad_end(lines, rest[-1], end))
    return Selection(lines, tuple(rest), first.block)


def _begin(function: Function, known: dict[int, ListedLine], number: int) -> ListedLine:
    """Return what begins on a line.

    Raises:
        LineError: Nothing does; the message names the next line that would do.
    """
    if number in known:
        return known[number]
    lines = function.span.source.lines(function.span)
    if not lines[0][0] <= number <= lines[-1][0]:
        raise LineError(
            f"Line {number} is not in {function.name}, which has the lines "
            f"{lines[0][0]} to {lines[-1][0]}."
        )
    before = max((each for each in known if each < number), default=0)
    after = min((each for each in known if each > number), default=0)
    near = " or ".join(str(each) for each in (before, after) if each)
    raise LineError(
        f"Line {number} does not begin a complete statement"
        + (f"; the nearest that does: {near}." if near else ".")
    )


def _bad_end(lines: LineRange, last: Statement, end: int) -> str:
    if lines.last < end:
        return (
            f"Line {lines.last} is inside the statement that begins on line "
            f"{last.span.line}; a range ends with {last.span.line} or {end}."
        )
    return (
        f"Line {lines.last} does not end a statement of the block that line "
        f"{lines.first} is in; the last one before it ends on line {end}."
    )


def _last_line(statement: Statement) -> int:
    span = statement.span
    return span.source.line_number(max(span.start, span.end - 1))


def spelled(statements: Sequence[Statement]) -> str:
    """Return the line answer that names neighbouring statements."""
    first, last = statements[0].span.line, _last_line(statements[-1])
    return str(LineRange(first, last))

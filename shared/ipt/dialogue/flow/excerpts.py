"""What is shown of the user's text beside a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Status
from ipt.dialogue.flow.nests import loops_inside
from ipt.outcome import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ipt.analysis import LoopVerdict
    from ipt.dialogue.flow.work import Work
    from ipt.findings import Finding
    from ipt.model import Function
    from ipt.source import SourceText, Span

__all__ = ["lines_of_span", "loop_note"]

_LONGEST = 24
_DIRECTIVE = "IPT320"


def loop_note(
    work: Work, function: Function, number: int, verdict: LoopVerdict
) -> Note:
    """Return what is shown of a loop: its text and what was found."""
    loop = verdict.loop
    title = f"Loop {number} of {function.name}, {_where(work, loop.span)}"
    if verdict.status is Status.REFUSED:
        is_done = all(each.code == _DIRECTIVE for each in verdict.refusals)
        state = "has a directive already" if is_done else "stays serial as it is"
        excerpt = _lines_around(loop.span, verdict.refusals)
        refused = verdict.refusals
        return Note(f"{title} {state}", excerpt, refused, loop.span.source.name)
    inner = len(loops_inside(work.loops(function), loop))
    if inner:
        title += f" ({inner} more inside; the answer concerns the outermost)"
    excerpt = lines_of_span(loop.span)
    return Note(title, excerpt, verdict.findings, loop.span.source.name)


def _where(work: Work, span: Span) -> str:
    line = f"line {span.line}"
    return line if len(work.program.sources) == 1 else f"{span.source.name}, {line}"


def lines_of_span(span: Span) -> tuple[tuple[int, str], ...]:
    """Return the numbered lines of a span, cut in the middle if they are many.

    A comment right above belongs to it.
    """
    above = _comment_above(span)
    lines = [*above, *span.source.lines(span)]
    if len(lines) <= _LONGEST:
        return tuple(lines)
    cut = len(lines) - _LONGEST
    return (*lines[: _LONGEST - 1], (0, f"… {cut} more lines …"), lines[-1])


def _comment_above(span: Span) -> list[tuple[int, str]]:
    """Return the lines of the comment that ends right above a statement."""
    source, number = span.source, span.line - 1
    bare = source.bare.splitlines()
    found: list[tuple[int, str]] = []
    while number > 0 and len(found) < _LONGEST // 2:
        text = source.line(number)
        is_code = bool(bare[number - 1].strip()) if number <= len(bare) else False
        if is_code or not text.strip():
            break
        found.insert(0, (number, text))
        number -= 1
    return found


def _lines_around(
    span: Span, findings: Sequence[Finding]
) -> tuple[tuple[int, str], ...]:
    """Return the first line of a span and those that findings are about."""
    source = span.source
    wanted = [each.place.line for each in findings if each.place.name == source.name]
    return tuple(_with_gaps(source, sorted({span.line, *wanted})))


def _with_gaps(source: SourceText, numbers: Iterable[int]) -> Iterable[tuple[int, str]]:
    before = 0
    for number in numbers:
        if before and number > before + 1:
            yield 0, "…"
        yield number, source.line(number)
        before = number

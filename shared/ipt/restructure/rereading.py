"""Reads the rewritten text, so that all the rest works on it as on any program."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ipt.model import For, children_of
from ipt.reading import read_programs
from ipt.source import Insertion, SourceText, Span, apply_edits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.model import Function, Node, Program
    from ipt.reading import Toolchain
    from ipt.restructure.restructuring import Restructuring, Rewrite
    from ipt.source import Edit

__all__ = ["Rewritten", "reread", "restructured"]


class Rewritten:
    """A program after one rewrite.

    Attributes:
        program: The program.
        function: The function that was changed.
        span: What stands in place of the loop, from the beginning of its line.
    """

    def __init__(self, program: Program, function: Function, span: Span) -> None:
        self.program = program
        self.function = function
        self.span = span

    @property
    def loops(self) -> list[For]:
        """The outermost loops that stand in place of the one that was rewritten."""
        return list(_outermost(self.function.body, self.span))


def restructured(
    program: Program,
    restructuring: Restructuring,
    options: Sequence[str] = (),
    toolchain: Toolchain | None = None,
    *,
    own_headers: bool = True,
) -> Program:
    """Return the program with a loop rewritten.

    Args:
        program: The program that the restructuring was found in.
        restructuring: What to do.
        options: The user's compiler options.
        toolchain: Header folders; asked from the compiler if None.
        own_headers: Whether headers outside the compiler's folders may be read.

    Returns:
        A new program, read from the new text; its other files are as they were.

    Raises:
        TransformRefused: The rewrite does not apply.
        SourceError: The new text does not compile.
    """
    sources = _edited(program, restructuring.loop, restructuring.edits())
    return read_programs(sources, options, toolchain, own_headers=own_headers)


def reread(
    program: Program,
    function: Function,
    rewrite: Rewrite,
    options: Sequence[str] = (),
    toolchain: Toolchain | None = None,
    *,
    own_headers: bool = True,
) -> Rewritten | None:
    """Return the program after a rewrite and where its loop went.

    Returns:
        None if the function is not found again.

    Raises:
        TransformRefused: The rewrite does not apply.
        SourceError: The new text does not compile.
    """
    edits = rewrite.edits()
    sources = _edited(program, rewrite.loop, edits)
    found = read_programs(sources, options, toolchain, own_headers=own_headers)
    old = rewrite.loop.span
    position = next(n for n, each in enumerate(program.sources) if each is old.source)
    span = _moved(rewrite.loop, edits, sources[position])
    for each in found.functions:
        if each.span.contains(span) and each.name == function.name:
            return Rewritten(found, each, span)
    return None


def _edited(program: Program, loop: For, edits: Sequence[Edit]) -> list[SourceText]:
    changed = loop.span.source
    by_source: dict[SourceText, Sequence[Edit]] = defaultdict(list, {changed: edits})
    return [
        SourceText(each.name, apply_edits(each, by_source[each]))
        if each is changed
        else each
        for each in program.sources
    ]


def _moved(loop: For, edits: Sequence[Edit], source: SourceText) -> Span:
    """Return the span of what stands in place of a loop in the edited text.

    Every edit lies in front of the loop's line or touches the loop's lines.
    """
    old = loop.span.source
    first = old.line_start(loop.span.start)
    before = sum(_growth(each, old) for each in edits if _is_before(each, first))
    total = len(source.data) - len(old.data)
    return Span(first + before, loop.span.end + total, source)


def _is_before(edit: Edit, offset: int) -> bool:
    """Tell whether an edit lies in front of a line; what it inserts belongs to it."""
    if isinstance(edit, Insertion):
        return edit.offset < offset
    return edit.end <= offset


def _growth(edit: Edit, source: SourceText) -> int:
    if isinstance(edit, Insertion):
        return sum(len(line.encode()) + len(source.newline) for line in edit.lines)
    size = len(edit.data) + edit.data.count(b"\n") * (len(source.newline) - 1)
    return size - (edit.end - edit.start)


def _outermost(node: Node, span: Span) -> Iterator[For]:
    if isinstance(node, For) and span.contains(node.span):
        yield node
        return
    for child in children_of(node):
        yield from _outermost(child, span)

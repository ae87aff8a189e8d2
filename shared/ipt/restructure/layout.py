"""The text of a loop: its header, the statements of its body, and their lines.

A rewrite moves whole statements of the user's text.  That is only right where
the statements of the tree are those of the text: not where a macro makes
several of them, nor where the preprocessor chooses between lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ipt.findings import Finding
from ipt.model import Block, Label, OpaqueStatement, walk
from ipt.reading.headers import for_header
from ipt.source import Span

if TYPE_CHECKING:
    from ipt.model import For, Statement
    from ipt.source import SourceText

__all__ = [
    "LoopText",
    "fresh_name",
    "plain_text",
    "read_loop_text",
    "reindented",
    "statement_span",
]

_COMMENT = re.compile(rb"//(?:\\\r?\n|[^\n])*|/\*.*?\*/", re.DOTALL)
_DIRECTIVE = re.compile(rb"^[ \t]*#|\\\r?$|\b_Pragma\b", re.MULTILINE)
_RAW_STRING = re.compile(rb'R"')
_WORD = re.compile(r"[A-Za-z_]\w*")
_UNIT = "    "


def statement_span(statement: Statement) -> Span | None:
    """Return the span of a statement with its semicolon, None if there is no such."""
    span = statement.span
    bare = span.source.bare
    if bare[span.end - 1 : span.end] in (b"}", b";"):
        return span
    rest = bare[span.end : span.end + 200].lstrip()
    if not rest.startswith(b";"):
        return None
    return Span(span.start, bare.index(b";", span.end) + 1, span.source)


@dataclass(frozen=True, slots=False)
class LoopText:
    """A loop whose text can be rewritten.

    Attributes:
        loop: The loop.
        head: `for (…)`, up to the closing parenthesis.
        init: What stands in front of the first semicolon of the header.
        test: What stands between its semicolons.
        step: What stands behind them.
        open: The offset of the brace of its body, None if there is none.
        statements: The statements of its body, with their semicolons.
        span: The loop with its last semicolon.
    """

    loop: For
    head: Span
    init: Span
    test: Span
    step: Span
    open: int | None
    statements: tuple[Span, ...]
    span: Span

    @property
    def source(self) -> SourceText:
        """The file."""
        return self.span.source

    @cached_property
    def indent(self) -> str:
        """The blanks in front of the loop."""
        return (self.source.indentation(self.span.start) or b"").decode()

    @cached_property
    def unit(self) -> str:
        """By how much the user indents a body."""
        inner = self.source.indentation(self.statements[0].start)
        if inner is None or not inner.decode().startswith(self.indent):
            return "\t" if self.indent.startswith("\t") else _UNIT
        return inner.decode()[len(self.indent) :] or _UNIT

    @property
    def opening(self) -> str:
        """The header up to the brace of the body, as the user writes it."""
        end = self.head.end if self.open is None else self.open + 1
        span = Span(self.head.start, end, self.source)
        if self.open is None or _has_comment(span):
            return self.head_text + " {"
        return span.text.replace("\r\n", "\n")

    @property
    def head_text(self) -> str:
        """The header on one line, without comments."""
        return plain_text(self.head)

    @property
    def body_lines(self) -> list[str]:
        """The lines of the body, without its braces, at their indentation."""
        start = self.head.end if self.open is None else self.open + 1
        end = self.span.end if self.open is None else self.span.end - 1
        text = Span(start, end, self.source).text.replace("\r\n", "\n")
        first, *rest = text.rstrip().split("\n")
        inner = f"{self.indent}{self.unit}{first.strip()}"
        return ([inner] if first.strip() else []) + rest

    def between(self, number: int) -> int | None:
        """Return the offset of a line start behind a statement, before the next one.

        Args:
            number: Of the statement, from 0.

        Returns:
            The offset, None if both statements stand on one line.
        """
        start, end = self.statements[number].end, self.statements[number + 1].start
        offset = self.source.line_end(start - 1)
        for comment in _COMMENT.finditer(self.source.data, start, end):
            if comment.start() < offset < comment.end():
                offset = self.source.line_end(comment.end() - 1)
        return offset if offset <= self.source.line_start(end) else None


def read_loop_text(loop: For) -> LoopText | Finding:
    """Return the parts of a loop's text, or why they cannot be moved."""
    found = None if loop.in_macro else _parts(loop)
    if found is None:
        reason = "a part of the loop comes from a macro"
    elif _DIRECTIVE.search(found.source.bare[found.span.start : found.span.end]):
        reason = "there are lines for the preprocessor in the loop"
    elif found.source.indentation(found.span.start) is None:
        reason = "the loop does not begin its line"
    elif any(isinstance(node, Label | OpaqueStatement) for node in walk(loop)):
        reason = "something in the loop is not understood"
    elif not _is_text(found.span):
        reason = "there are characters in the loop that are not UTF-8"
    else:
        return found
    return Finding(
        "IPT340",
        f"the text cannot be moved: {reason}.",
        loop.span.place,
        way_out="Write the loop out, on lines of its own.",
    )


def _parts(loop: For) -> LoopText | None:
    source = loop.span.source
    header = for_header(source.data, loop.span.start)
    span = statement_span(loop)
    if header is None or span is None:
        return None
    is_braced = isinstance(loop.body, Block) and _starts_with(loop.body, b"{")
    body = (
        loop.body.body if is_braced and isinstance(loop.body, Block) else (loop.body,)
    )
    start = loop.body.span.start + 1 if is_braced else header.close + 1
    spans = _contiguous(body, start, span.end - 1 if is_braced else span.end, source)
    if not spans:
        return None
    after = source.data.index(b"(", loop.span.start) + 1
    return LoopText(
        loop,
        Span(loop.span.start, header.close + 1, source),
        Span(after, header.first, source),
        Span(header.first + 1, header.second, source),
        Span(header.second + 1, header.close, source),
        loop.body.span.start if is_braced else None,
        spans,
        span,
    )


def _contiguous(
    body: tuple[Statement, ...], start: int, end: int, source: SourceText
) -> tuple[Span, ...]:
    """Return the spans of statements if nothing but blanks stands between them."""
    found: list[Span] = []
    for statement in body:
        span = statement_span(statement)
        if span is None or source.bare[start : span.start].strip():
            return ()
        if span.start < start or span.end <= span.start:
            return ()
        found.append(span)
        start = span.end
    return () if source.bare[start:end].strip() else tuple(found)


def _starts_with(statement: Statement, mark: bytes) -> bool:
    start = statement.span.start
    return statement.span.source.bare[start : start + 1] == mark


def plain_text(span: Span) -> str:
    """Return the text of a span on one line, without comments."""
    bare = span.source.bare[span.start : span.end].decode("utf-8", "replace")
    return " ".join(bare.split())


def _has_comment(span: Span) -> bool:
    return _COMMENT.search(span.source.data, span.start, span.end) is not None


def _is_text(span: Span) -> bool:
    data = span.source.data[span.start : span.end]
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return _RAW_STRING.search(data) is None


def fresh_name(stem: str, source: SourceText, taken: set[str] | None = None) -> str:
    """Return a name that the file does not use."""
    words = set(_WORD.findall(source.data.decode("utf-8", "replace")))
    words |= taken or set()
    number, name = 1, stem
    while name in words:
        number += 1
        name = f"{stem}_{number}"
    return name


def reindented(lines: list[str], unit: str) -> list[str]:
    """Return lines that are indented by one unit more."""
    return [unit + line if line.strip() else line for line in lines]

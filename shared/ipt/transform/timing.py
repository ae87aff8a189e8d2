"""Wall-clock time of a statement, printed to standard error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.errors import TransformRefused
from ipt.findings import Finding
from ipt.model import Node, parents_of
from ipt.source import Insertion

if TYPE_CHECKING:
    from ipt.model import For, Function, Statement
    from ipt.source import SourceText

__all__ = ["Timing", "include_edit"]

_INCLUDE = re.compile(rb"^[ \t]*#[ \t]*include\b")
_OPEN = re.compile(rb"^[ \t]*#[ \t]*if")
_CLOSE = re.compile(rb"^[ \t]*#[ \t]*endif")
_TRAILING = re.compile(rb"[ \t]*(?://[^\r\n]*|/\*[^\r\n]*\*/[ \t]*)?\r?\n")


@dataclass(frozen=True, slots=True)
class Timing:
    r"""Measures the outermost statement around a parallel loop.

    Before::

        for (int i = 0; i < n; i++)
            a[i] = i;

    After::

        { double ipt_start = omp_get_wtime();
        for (int i = 0; i < n; i++)
            a[i] = i;
        fprintf(stderr, "ipt: lines 1 to 2 took %.6f s\n",
                omp_get_wtime() - ipt_start); }

    Attributes:
        function: The function that the loop is in.
        loop: The loop.
    """

    function: Function
    loop: For

    def target(self) -> Statement:
        """Return the statement of the function's body that holds the loop."""
        path: list[Node] = [*parents_of(self.function.body, self.loop), self.loop]
        return path[1]  # type: ignore[return-value]  # a body consists of statements

    def validate(self, source: SourceText) -> None:
        """Check that lines can go before and behind the statement.

        Raises:
            TransformRefused: Something else stands on its first or last line.
        """
        span = self.target().span
        rest = _TRAILING.match(source.data, self._end(source))
        if source.indentation(span.start) is None or rest is None:
            raise TransformRefused(
                [
                    Finding(
                        "IPT313",
                        "the statement to be timed shares a line with something else.",
                        source.place(span.start),
                        way_out="Put it on lines of its own.",
                    )
                ]
            )

    def _end(self, source: SourceText) -> int:
        """Return the offset behind the statement and its semicolon."""
        end = self.target().span.end
        if source.data[end - 1 : end] in (b"}", b";"):
            return end
        return source.data.index(b";", end) + 1

    def edits(self, source: SourceText) -> list[Insertion]:
        """Return the lines to insert.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate(source)
        span = self.target().span
        end = self._end(source)
        indent = (source.indentation(span.start) or b"").decode()
        first, last = source.line_number(span.start), source.line_number(end - 1)
        before = f"{indent}{{ double ipt_start = omp_get_wtime();"
        after = (
            f'{indent}fprintf(stderr, "ipt: lines {first} to {last} took %.6f s\\n",',
            f"{indent}        omp_get_wtime() - ipt_start); }}",
        )
        return [
            Insertion(source.line_start(span.start), (before,), order=-1),
            Insertion(source.line_end(end - 1), after, order=-2),
        ]


def include_edit(source: SourceText) -> Insertion:
    """Return the insertion of the headers that timing needs.

    They go behind the file's own includes, so that macros which must stand
    before the first header keep their effect.
    """
    position = depth = offset = 0
    for line in source.data.splitlines(keepends=True):
        offset += len(line)
        if _OPEN.match(line):
            depth += 1
        elif _CLOSE.match(line):
            depth = max(0, depth - 1)
        if depth == 0 and _INCLUDE.match(line):
            position = offset
    return Insertion(position, ("#include <omp.h>", "#include <stdio.h>"), order=-3)

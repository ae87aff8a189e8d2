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
    from ipt.source import Edit, Span

__all__ = ["Timing"]

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

    def validate(self) -> None:
        """Check that lines can go before and behind the statement.

        Raises:
            TransformRefused: Something else stands on its first or last line.
        """
        span = self.target().span
        source = span.source
        rest = _TRAILING.match(source.data, self._end())
        if source.indentation(span.start) is None or rest is None:
            raise TransformRefused(
                [
                    Finding(
                        "IPT313",
                        "the statement to be timed shares a line with something else.",
                        span.place,
                        way_out="Put it on lines of its own.",
                    )
                ]
            )

    def _end(self) -> int:
        """Return the offset behind the statement and its semicolon."""
        span = self.target().span
        source, end = span.source, span.end
        if source.data[end - 1 : end] in (b"}", b";"):
            return end
        return source.data.index(b";", end) + 1

    @property
    def span(self) -> Span:
        """The statement that is timed."""
        return self.target().span

    @property
    def directive(self) -> str:
        """The report does not name it."""
        return ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """There are none."""
        return ()

    @property
    def assumptions(self) -> tuple[str, ...]:
        """There are none."""
        return ()

    @property
    def headers(self) -> frozenset[str]:
        """For the clock, and to print."""
        return frozenset({"omp.h", "stdio.h"})

    def edits(self) -> list[Edit]:
        """Return the lines to insert.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate()
        span = self.target().span
        source = span.source
        end = self._end()
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

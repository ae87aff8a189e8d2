"""Wall-clock time of statements, printed to standard error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.errors import TransformRefused
from ipt.findings import Finding
from ipt.model import Declaration, Node, parents_of
from ipt.source import Insertion, Span

if TYPE_CHECKING:
    from ipt.model import Function, Statement
    from ipt.source import Edit

__all__ = ["Timing"]

_TRAILING = re.compile(rb"[ \t]*(?://[^\r\n]*|/\*[^\r\n]*\*/[ \t]*)?\r?\n")
# Around a region, which begins at -3 and ends at -8; what ends comes first.
_CLOSE, _OPEN = -6, -5


@dataclass(frozen=True, slots=True)
class Timing:
    r"""Measures the outermost statement around a parallel loop, or chosen ones.

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
        function: The function that the statement is in.
        statement: The loop, or another statement, to find the outermost of.
        chosen: What is timed in its place: neighbours in one block.
        prints: Whether the time is printed; otherwise `ipt_seconds` keeps it.
    """

    function: Function
    statement: Statement
    chosen: tuple[Statement, ...] = ()
    prints: bool = True

    def target(self) -> tuple[Statement, ...]:
        """Return what is timed."""
        if self.chosen:
            return self.chosen
        path: list[Node] = [
            *parents_of(self.function.body, self.statement),
            self.statement,
        ]
        return (path[1],)  # type: ignore[return-value]  # a body consists of statements

    def validate(self) -> None:
        """Check that lines can go before and behind the statements.

        Raises:
            TransformRefused: Something else stands on the first or last line,
                or a name is declared there that braces would hide.
        """
        span = self.span
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
        for each in self.target():
            if isinstance(each, Declaration):
                raise TransformRefused([_hidden(each)])

    def _end(self) -> int:
        """Return the offset behind the last statement and its semicolon."""
        span = self.span
        source, end = span.source, span.end
        if source.data[end - 1 : end] in (b"}", b";"):
            return end
        return source.data.index(b";", end) + 1

    @property
    def span(self) -> Span:
        """What is timed."""
        first, last = self.target()[0].span, self.target()[-1].span
        return Span(first.start, last.end, first.source)

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
        span = self.span
        source = span.source
        end = self._end()
        indent = (source.indentation(span.start) or b"").decode()
        first, last = source.line_number(span.start), source.line_number(end - 1)
        before = f"{indent}{{ double ipt_start = omp_get_wtime();"
        after = (
            f'{indent}fprintf(stderr, "ipt: lines {first} to {last} took %.6f s\\n",',
            f"{indent}        omp_get_wtime() - ipt_start); }}",
        )
        if not self.prints:
            after = (
                f"{indent}double ipt_seconds = omp_get_wtime() - ipt_start;",
                f"{indent}(void)ipt_seconds; /* ipt: the time in seconds */ }}",
            )
        return [
            Insertion(source.line_start(span.start), (before,), _OPEN),
            Insertion(source.line_end(end - 1), after, _CLOSE),
        ]


def _hidden(declaration: Declaration) -> Finding:
    names = tuple(each.variable.name for each in declaration.declarators)
    return Finding(
        "IPT313",
        f"{', '.join(names)} would not be known behind the lines that are timed.",
        declaration.span.place,
        names,
        "Begin behind the declaration.",
    )

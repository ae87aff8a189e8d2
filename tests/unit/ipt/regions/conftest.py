"""Regions of snippets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pytest

from ipt.analysis import Analyzer
from ipt.analysis.regions import analyze_region
from ipt.source import apply_edits
from ipt.testing import program_of
from ipt.transform import ParallelRegion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipt.analysis.protection import Protection
    from ipt.analysis.regions import RegionVerdict
    from ipt.model import Function, Program, Statement

HEAD = """\
typedef struct FILE FILE;
extern FILE *stderr;
int printf(const char *, ...);
int fprintf(FILE *, const char *, ...);
int rand(void);
int scanf(const char *, ...);
double fabs(double);
double fmax(double, double);
double sqrt(double);
void free(void *);
int outside(void);
double a[9000], b[9000], c[9000];
static int count;
"""


@dataclass(frozen=True)
class Snippet:
    """The body of `g`, between `BEGIN` and `END` in comments if they are there."""

    program: Program
    analyzer: Analyzer
    function: Function

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements of the body, those that are marked if any are."""
        data = self.program.source.data
        body = self.function.body.body
        if b"/*BEGIN*/" not in data:
            return body
        start, end = data.index(b"/*BEGIN*/"), data.index(b"/*END*/")
        return tuple(each for each in body if start < each.span.start < end)

    def region(self, protections: Sequence[Protection] = ()) -> RegionVerdict:
        """Return the verdict on the statements, with all decisions accepted."""
        first = analyze_region(
            self.analyzer, self.function, self.statements, (), protections
        )
        return analyze_region(
            self.analyzer,
            self.function,
            self.statements,
            first.decisions,
            protections,
        )

    def after(self, verdict: RegionVerdict | None = None) -> str:
        """Return the body with the region's lines."""
        verdict = verdict or self.region()
        edits = ParallelRegion(verdict).edits()
        text = apply_edits(self.program.source, edits).decode()
        return text[text.index("{\n", text.index("void g")) + 2 : text.rindex("}")]


class Reader(Protocol):
    """Reads the body of a function."""

    def __call__(
        self, body: str, parameters: str = "int n, double x", name: str = "test.c"
    ) -> Snippet:
        """Return the snippet."""


@pytest.fixture(name="read")
def _read() -> Reader:
    def read(
        body: str, parameters: str = "int n, double x", name: str = "test.c"
    ) -> Snippet:
        text = f"{HEAD}void g({parameters}) {{\n{body}\n}}\n"
        program = program_of(text, name)
        function = next(each for each in program.functions if each.name == "g")
        return Snippet(program, Analyzer(program), function)

    return read


@pytest.fixture(name="codes")
def _codes(read: Reader) -> Callable[[str], list[str]]:
    """Return the codes of what rules a region out."""

    def codes(body: str) -> list[str]:
        return [each.code for each in read(body).region().refusals]

    return codes

"""Where regions are worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Assumption, AssumptionKind
from ipt.analysis.regions import find_regions

if TYPE_CHECKING:
    from tests.unit.ipt.regions.conftest import Reader

LOOP = "for (int i = 0; i < n; i++) a[i] = x;\n"
REST = "for (int i = 0; i < n; i++) b[i] = a[n - 1 - i];\n"
STEP = "for (int t = 0; t < 9; t++) {\n"


def lines(read: Reader, body: str, *accepted: Assumption) -> list[tuple[int, int]]:
    """Return the first and last lines of the regions, the body's first being 1."""
    snippet = read(body, "int n, double x, double *p, double *q")
    head = snippet.program.source.data.index(b"void g")
    first = snippet.program.source.line_number(head)
    found = find_regions(snippet.analyzer, snippet.function, accepted)
    return [
        (
            each.statements[0].span.line - first,
            each.statements[-1].span.source.line_number(each.statements[-1].span.end)
            - first,
        )
        for each in found
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (LOOP + REST, [(1, 2)]),
        ("count = 1;\n" + LOOP + "count = 2;\n" + REST + "count = 3;", [(2, 4)]),
        (STEP + LOOP + REST + "}", [(1, 4)]),
        (STEP + LOOP + "}", [(1, 3)]),
        ("while (x < 9) {\n" + LOOP + REST + "x = a[3];\n}", [(1, 5)]),
        (STEP + "if (n > 3) {\n" + LOOP + REST + "}\n}", [(1, 6)]),
        (f"if (n) {{\n{LOOP}{REST}}}\nelse {{\n{LOOP}{REST}}}", [(2, 3), (6, 7)]),
        (f"{{\n{LOOP}{REST}}}", [(2, 3)]),
        (f"switch (n) {{\ncase 1:\n{{\n{LOOP}{REST}}}\n}}", [(4, 5)]),
        (f"while (outside())\n{{\n{LOOP}{REST}}}", [(3, 4)]),
        (f"do {{\n{LOOP}{REST}}} while (outside());", [(2, 3)]),
        (
            f"{LOOP}{REST}while (outside()) {{\n{LOOP}{REST}}}\n{LOOP}{REST}",
            [(1, 2), (4, 5), (7, 8)],
        ),
        (f"if (n)\nwhile (outside()) {{\n{LOOP}{REST}}}", [(3, 4)]),
    ],
)
def test_regions_are_found(
    read: Reader, body: str, expected: list[tuple[int, int]]
) -> None:
    """Several loops in a row, or a loop around, gain from one region."""
    assert expected == lines(read, body)


@pytest.mark.parametrize(
    "body",
    [
        LOOP,
        "count = 1;",
        LOOP + "int k = outside();\n" + "b[k] = 1;",
        LOOP + "outside();\n" + REST,
        "for (int i = 0; i < 3; i++) a[i] = 0;\nfor (int i = 0; i < 3; i++) b[i] = 0;",
        LOOP.replace("x", "p[i]") + LOOP.replace("a[i]", "p[i]"),
    ],
)
def test_nothing_is_proposed_without_a_gain(read: Reader, body: str) -> None:
    """One loop alone, serial work and loops in question are left alone."""
    assert lines(read, body) == []


def test_accepted_loops_are_used(read: Reader) -> None:
    """What a person vouches for counts."""
    body = "for (int i = 0; i < n; i++) p[i] = q[i];\n" + LOOP
    distinct = Assumption(AssumptionKind.DISTINCT, ("p", "q"))

    assert lines(read, body) == []
    assert lines(read, body, distinct) == [(1, 2)]


def test_serial_steps_that_cost_more_than_they_save_are_not_proposed(
    read: Reader,
) -> None:
    """Four waits in a step are no better than starting the threads once."""
    wait = 'printf("%f", a[0]);\nfor (int i = 1; i < n; i++) a[i] += a[i - 1];\n'
    body = (
        f"{STEP}{wait}{LOOP}{wait}if (n > 3) {{\n{wait}count++;\n}}\n{{\n{wait}}}\n}}"
    )

    assert lines(read, body) == []


def test_long_runs_are_looked_at_in_pieces(read: Reader) -> None:
    """The time that pairs of loops take stays bounded."""
    found = lines(read, LOOP * 60)

    assert len(found) > 1
    assert all(last - first < 25 for first, last in found)

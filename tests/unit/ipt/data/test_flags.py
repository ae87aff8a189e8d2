"""Variables that a loop can only set, or only clear."""

from __future__ import annotations

import pytest

from ipt.analysis import Reduction, Status
from ipt.testing import first_verdict


def loop(start: str, body: str, after: str = "return v;") -> str:
    """Return a function with a flag `v`."""
    return f"""int f(int n, const int *restrict a, int *restrict b) {{
      {start}
      for (int i = 0; i < n; i++) {{ {body} }}
      {after} }}"""


@pytest.mark.parametrize(
    ("start", "body", "op"),
    [
        ("int v = 0;", "if (a[i] == 3) v = 1;", "||"),
        ("int v = 0;", "if (a[i] == 3) { v = 1; } else if (a[i]) v = 1;", "||"),
        ("_Bool v = 1;", "if (a[i] < 3) v = 0;", "&&"),
        ("int v = n > 3;", "for (int j = 0; j < n; j++) if (a[j] == i) v = 1;", "||"),
    ],
)
def test_flag_is_a_reduction(start: str, body: str, op: str) -> None:
    """It does not matter which iteration sets it, or how often."""
    verdict = first_verdict(loop(start, body))

    assert verdict.status is Status.REDUCTION
    assert verdict.reductions == (Reduction(op, "v"),)


@pytest.mark.parametrize(
    ("start", "body"),
    [
        ("int v = 5;", "if (a[i]) v = 1;"),
        ("int v = 0;", "if (a[i]) v = 2;"),
        ("int v = 0;", "if (a[i]) v = 1; if (a[i] > 3) v = 0;"),
        ("int v = 0;", "if (a[i]) v = 1; b[i] = v;"),
        ("int v = 0;", "if (a[i]) v = i;"),
        ("int v = 0;", "if (a[i] && !v) v = 1;"),
        ("int v = 0; int *p = &v;", "if (a[i]) v = 1; b[i] = *p;"),
        ("static int v;", "if (a[i]) v = 1;"),
        ("double v = 0;", "if (a[i]) v = 1;"),
        ("int v = 0;", "if (a[i]) { v = 1; break; }"),
    ],
)
def test_other_conditional_assignments_are_refused(start: str, body: str) -> None:
    """The value depends on which iteration was the last one to set it."""
    verdict = first_verdict(loop(start, body))

    assert verdict.status is Status.REFUSED


def test_flag_that_nobody_reads_is_private() -> None:
    """Then there is nothing to combine."""
    verdict = first_verdict(loop("int v = 0;", "if (a[i]) v = 1;", "return 0;"))

    assert verdict.private == ("v",)

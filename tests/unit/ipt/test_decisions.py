"""Loops that need a decision, one case each."""

from __future__ import annotations

import pytest

from ipt.analysis import Assumption, AssumptionKind, Status
from ipt.testing import program_of, verdicts_of

DECISIONS = {
    "two pointers": (
        Assumption(AssumptionKind.DISTINCT, ("a", "b")),
        """void f(int n, double *a, double *b) {
          for (int i = 0; i < n; i++)
            a[i] = b[i];
        }""",
    ),
    "pointer and global array": (
        Assumption(AssumptionKind.DISTINCT, ("a", "g")),
        """double g[100];
        void f(int n, double *a) {
          for (int i = 0; i < n; i++)
            a[i] = g[i];
        }""",
    ),
    "bytes alias everything": (
        Assumption(AssumptionKind.DISTINCT, ("a", "s")),
        """void f(int n, double *a, char *s) {
          for (int i = 0; i < n; i++)
            s[i] = a[i] > 0;
        }""",
    ),
    "variable whose address is known elsewhere": (
        Assumption(AssumptionKind.DISTINCT, ("a", "k")),
        """int k;
        int *keep = &k;
        void f(int n, int *a) {
          for (int i = 0; i < n; i++)
            a[i] = k;
        }""",
    ),
    "row length that the bounds do not show": (
        Assumption(AssumptionKind.ROWS, ("a",), "n"),
        """void f(int n, int m, double *a) {
          for (int i = 0; i < n; i++)
            for (int j = 0; j < m; j++)
              a[i * n + j] = 0;
        }""",
    ),
    "rows behind pointers": (
        Assumption(AssumptionKind.ROW_POINTERS, ("a[]",)),
        """void f(int n, double **a) {
          for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
              a[i][j] = 0;
        }""",
    ),
    "member pointers": (
        Assumption(AssumptionKind.DISTINCT, ("g->a", "g->b")),
        """struct g { double *a, *b; };
        void f(int n, struct g *g) {
          for (int i = 0; i < n; i++)
            g->a[i] = g->b[i];
        }""",
    ),
}


@pytest.mark.parametrize("case", DECISIONS)
def test_loop_needs_a_decision(case: str) -> None:
    """What cannot be proved is asked; with the answer yes the loop is parallel."""
    assumption, text = DECISIONS[case]
    program = program_of(text)

    before = verdicts_of(program)[0]
    after = verdicts_of(program, [assumption])[0]

    assert before.status == Status.NEEDS_DECISION, before.findings
    assert (assumption,) == before.decisions
    assert after.status == Status.PARALLEL
    assert (assumption,) == after.accepted
    assert any(each.code.startswith("IPT2") for each in before.findings)

"""Branches that are never taken, and what is known where they stand."""

from __future__ import annotations

import pytest

from ipt.analysis import Status
from ipt.testing import first_verdict, program_of, verdicts_of

PARALLEL = {
    "an assignment that never happens": """
        double f(int n, double *a, double t) {
        for (int i = 0; i < n; i++) { if (i < 0) t = a[i]; a[i] = t; }
        return t; }""",
    "an assignment that always happens": """
        double f(double *a) { double t = 0;
        for (int i = 2; i < 9; i++) { if (i != 0) t = a[i]; a[i] = 2 * t; }
        return t; }""",
    "the other branch is taken": """
        void f(int n, double *a) { double t = 0;
        for (int i = 0; i < n; i++) { if (i < 0) t += 1; else t = i; a[i] = t; } }""",
    "what a loop around says": """
        void f(int n, double *a, double *restrict b) { double t = 0;
        for (int j = 1; j < n; j++)
          for (int i = j; i < n; i++) { if (i + j < 2) t = b[j]; a[i] = t; } }""",
    "what an assignment in front says": """
        void f(int n, double *a) { double t = 0; int m;
        for (int j = 1; j < n; j++) { m = j + 1;
          for (int i = m; i < n; i++) { if (i < m) t = i; a[i] = t; } } }""",
    "what a declaration in front says": """
        void f(int n, double *a) { double t = 0;
        for (int j = 1; j < n; j++) { int m = j + 1;
          for (int i = m; i < n; i++) { if (i < 2) t = i; a[i] = t; } } }""",
    "what the step says": """
        void f(int n, double *a) { double t = 0;
        for (int i = 1; i < n; i += 2) { if (i == 8) t = i; a[i] = t; } }""",
    "what a test in front says": """
        void f(int n, double *a) { double t = 0; if (n > 50) return;
        for (int i = 1; i < n; i++) { if (i >= 50) t = i; a[i] = t; } }""",
    "inside another loop": """
        void f(int n, double *a) { double t = 0;
        for (int i = 0; i < n; i++) { int k = 0;
          while (k++ < 3) { if (i < 0) t = k; a[i] += t; } } }""",
}
CARRIED = {
    "an assignment that may happen": """
        void f(int n, double *a) { double t = 0;
        for (int i = 0; i < n; i++) { if (i < 1) t = a[i]; a[i] = t; } }""",
    "the counter changes before the test": """
        void f(int n, double *a) { double t = 0; int m = 5;
        for (int i = 0; i < n; i++) { m--; if (m < 0) t = a[i]; a[i] = t; } }""",
    "an assignment in front that is overwritten": """
        void f(int n, double *a) { double t = 0; int m;
        for (int j = 1; j < n; j++) { m = j + 1; m -= 3;
          for (int i = 1; i < n; i++) { if (m < 0) t = i; a[i] = t; } } }""",
    "an assignment that names itself": """
        void f(int n, double *a) { double t = 0; int m = 0;
        for (int j = 1; j < n; j++) { m = m - 1;
          for (int i = 1; i < n; i++) { if (m < 0) t = i; a[i] = t; } } }""",
    "an assignment of another value by then": """
        void f(int n, double *a, int k) { double t = 0; int m;
        for (int j = 1; j < n; j++) { m = k; k = -j;
          for (int i = 1; i < n; i++) { if (m != k) t = i; a[i] = t; } } }""",
    "an assignment that is jumped over": """
        void f(int n, double *a, int k) { double t = 0; int m = k;
        if (k > 3) goto there;
        m = 1;
        there:
        for (int i = 1; i < n; i++) { if (m != 1) t = i; a[i] = t; } }""",
    "an unsigned value that wraps": """
        void f(unsigned n, double *a) { double t = 0; unsigned m = n - 1;
        for (int i = 0; i < 9; i++) { if (m > 9u) t = i; a[i] = t; } }""",
    "a test with an effect": """
        void f(int n, double *a) { double t = 0; int m = 0;
        for (int i = 0; i < n; i++) { if (i + m++ < 0) t = i; a[i] = m; } }""",
    "a test of a real number": """
        void f(int n, double *a, double x) { double t = 0;
        for (int i = 0; i < n; i++) { if (x != x) t = a[i]; a[i] = t; } }""",
}


@pytest.mark.parametrize("case", PARALLEL)
def test_a_branch_that_is_never_taken_does_not_count(case: str) -> None:
    """The innermost loop is proved, since nothing is carried."""
    verdict = verdicts_of(program_of(PARALLEL[case]), function="f")[-1]

    assert verdict.status is Status.PARALLEL, verdict.refusals


@pytest.mark.parametrize("case", CARRIED)
def test_a_branch_that_may_be_taken_counts(case: str) -> None:
    """When in doubt, both branches may be."""
    verdict = verdicts_of(program_of(CARRIED[case]), function="f")[-1]

    assert verdict.status is not Status.PARALLEL


def test_the_test_itself_still_reads() -> None:
    """A variable that a test reads is no copy that nobody has set."""
    verdict = first_verdict("""void f(int n, double *a) { int m = 7; double t = 0;
        for (int i = 0; i < n; i++) { if (m < 0) t = i; a[i] = t; m = i; } }""")

    assert verdict.status is Status.REFUSED


def test_all_variables_are_listed() -> None:
    """Also those that only a branch names which is never taken: default(none)."""
    verdict = first_verdict("""void f(int n, int m, double *a) { double t = 0;
        for (int i = 0; i < n; i++) { if (i + m < m) t += m; a[i] = i; } }""")

    assert set(verdict.shared) == {"n", "m", "a", "t"}
    assert verdict.loop.span.text.startswith("for (int i = 0")

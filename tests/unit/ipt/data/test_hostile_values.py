"""Values that look known and are not: helper symbols, conditions, jumps."""

from __future__ import annotations

import pytest

from ipt.analysis import Status
from ipt.testing import first_verdict, program_of, verdicts_of

# Every iteration meets others in one of few elements.
SHARED_ELEMENTS = {
    "pointer that is set in the loop": "double *p = a + i % 7; *p = *p * 0.5 + i;",
    "address of an element": "double *p = &a[i % 7]; *p = *p * 0.5 + i;",
    "pointer that is assigned": "double *p; p = a + i % 7; *p = *p * 0.5 + i;",
    "row of a matrix": "double *p = m[i % 7]; p[2] = p[2] * 0.5 + i;",
    "wrapped number": "double *p = a + (unsigned char)i; *p = *p * 0.5 + i;",
    "argument": "halve(a + i % 7);",
    "address as argument": "halve(&a[i % 7]);",
}
TAIL = """
static double a[900], m[9][9];
static void halve(double *p) { *p = *p * 0.5 + 1; }
void f(void) {
  for (int i = 0; i < 900; i++) {
    %s
  }
}"""
# The loop is independent where `m >= n`, which does not hold any more.
GUARDS = {
    "condition that assigns": "if (m >= n && (m = 1)) LOOP",
    "exit whose condition assigns": "if (m < n || !(m = 1)) return; LOOP",
    "branch that is jumped into": (
        "if (w) goto in; if (m >= n) { w = 2; in: w++; LOOP }"
    ),
    "exit that is jumped over": "if (w) goto in; if (m < n) return; in: w++; LOOP",
    "branch with a case": (
        "switch (w) { case 0: if (m >= n) { w = 2; case 1: LOOP } }"
    ),
    "exit in another case": (
        "switch (w) { case 0: w++; if (m < n) return; w++; case 1: LOOP }"
    ),
    "loop with a case": (
        "switch (w) { case 0: for (m = n; m < 2 * n; m++) { case 1: LOOP } }"
    ),
}


@pytest.mark.parametrize("body", SHARED_ELEMENTS.values(), ids=SHARED_ELEMENTS)
def test_pointer_by_a_remainder_names_few_elements(body: str) -> None:
    """What a remainder stands for is known where it is written alone."""
    verdict = first_verdict(TAIL % body)

    assert verdict.status is Status.REFUSED


def test_reference_by_a_remainder_names_few_elements() -> None:
    """A reference in C++ is bound like a pointer."""
    verdict = first_verdict(
        """static double a[900];
        void f() {
          for (int i = 0; i < 900; i++) {
            double &x = a[i % 7];
            x = x * 0.5 + i;
          }
        }""",
        "test.cpp",
    )

    assert verdict.status is Status.REFUSED


@pytest.mark.parametrize("guard", GUARDS.values(), ids=GUARDS)
def test_guard_that_may_not_hold_is_no_fact(guard: str) -> None:
    """Conditions that assign, and jumps past a test, leave nothing known."""
    loop = "\nfor (int i = 0; i < n; i++)\na[i] = a[i + m];\n"
    program = program_of(
        f"static double a[900]; void f(int m, int n, int w) {{\n"
        f"{guard.replace('LOOP', loop)}\n}}"
    )

    assert verdicts_of(program)[-1].status is Status.REFUSED


def test_guard_in_a_case_of_its_own_is_a_fact() -> None:
    """A whole `switch` in front of the loop jumps nowhere else."""
    program = program_of(
        """static double a[900]; void f(int m, int n, int w) {
        if (m < n) return;
        switch (w) { case 0: w++; case 1: w++; }
        for (int i = 0; i < n; i++)
          a[i] = a[i + m];
        }"""
    )

    assert verdicts_of(program)[-1].status is Status.PARALLEL

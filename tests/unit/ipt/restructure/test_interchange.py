"""Loops that change places."""

from __future__ import annotations

from textwrap import dedent

import pytest

from ipt.restructure.interchange import interchange_of
from tests.unit.ipt.restructure.rewriting import new_text, offers, refusal, study_of


def test_loop_that_carries_nothing_comes_outside() -> None:
    """Only what is between the parentheses changes places."""
    text = """
        void f(int n, double a[100][100]) {
            int i, j;   /* counters */
            for (j = 1; j < n; j++)      // columns
                for (i = 0; i < n; i++) {
                    double x = a[i][j - 1];
                    a[i][j] += x;   // left
                }
        }"""

    expected = dedent("""\
        for (i = 0; i < n; i++)      // columns
            for (j = 1; j < n; j++) {
                double x = a[i][j - 1];
                a[i][j] += x;   // left
            }""")

    assert expected == new_text(text, "interchange")


def test_inner_loop_stays_where_memory_would_be_walked_in_larger_steps() -> None:
    """A row-wise inner loop that runs in parallel already is the better one."""
    text = """
        void f(int n, double a[3000][3000]) {
            for (int i = 1; i < n; i++)
                for (int j = 0; j < n; j++)
                    a[i][j] += a[i - 1][j];
        }"""

    assert new_text(text, "interchange") == ""


def test_larger_steps_are_told() -> None:
    """Where the inner loop alone would not pay, the swap is offered with its price."""
    text = """
        void f(int n, double a[100][100]) {
            for (int t = 0; t < 9; t++)
                for (int s = 0; s < 9; s++)
                    for (int i = 1; i < n; i++)
                        for (int j = 0; j < n; j++)
                            a[i][j] += a[i - 1][j];
        }"""
    study, ordering, _ = study_of(
        text.replace("for (int t = 0; t < 9; t++)", "").replace(
            "for (int s = 0; s < 9; s++)", ""
        )
    )
    swap = interchange_of(study, ordering)
    assert swap is not None

    assert [each.code for each in swap.findings] == ["IPT125"]


NEST = "for (int i = 1; i < n; i++)\nfor (int j = 0; j < n; j++)\n"
REFUSED = {
    "a dependence that turns": (
        f"{NEST}a[i][j] = a[i - 1][j + 1];",
        "IPT339",
        "must follow it",
    ),
    "a sum, whose order counts": (
        f"{NEST}s += a[i][j];",
        "IPT339",
        "s would come behind s",
    ),
    "a triangle": (
        "for (int i = 1; i < n; i++)\nfor (int j = 0; j < i; j++)\na[i][j] = 1;",
        "IPT340",
        "depend on one another",
    ),
    "a division that may fail": (
        "for (int i = 1; i < n; i++)\nfor (int j = 0; j < n / k; j++)\na[i][j] = 1;",
        "IPT340",
        "bounds may change",
    ),
    "a break": (
        f"{NEST}{{ if (a[i][j] > 0) break; a[i][j] = 1; }}",
        "IPT340",
        "a jump leaves the inner loop",
    ),
    "output": (
        f'{NEST}printf("%g", a[i][j]);',
        "IPT339",
        "can be followed",
    ),
    "a counter that is used later": (
        f"int j;\n{NEST.replace('int j', 'j')}a[i][j] = 1;\nk = j;",
        "IPT340",
        "j is used after the loops",
    ),
    "a counter that others use": (
        "for (int i = 1; i < n; i++)\nfor (g = 0; g < n; g++)\na[i][g] = 1;",
        "IPT340",
        "g may be used elsewhere",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_swap_is_refused(case: str) -> None:
    """Loops stay where they are if the order of their iterations matters."""
    body, code, reason = REFUSED[case]
    study, ordering, _ = study_of(
        "int printf(const char *, ...);\nint g;\n"
        f"double f(int n, int k, double s, double a[100][100]) {{\n{body}\n"
        "return s + k;\n}"
    )
    found = refusal(interchange_of(study, ordering))

    assert found[0] == code
    assert reason in found[1]


NO_NESTS = {
    "one loop": "for (int i = 0; i < n; i++)\na[i][0] = 1;",
    "two statements": "for (int i = 0; i < n; i++) {\na[i][0] = 1;\n"
    "for (int j = 0; j < n; j++)\na[i][j] = 1; }",
    "an inner loop without a counter": "for (int i = 0; i < n; i++)\n"
    "for (int j = 0; a[i][j] > 0; j++)\na[i][j] = 1;",
}


@pytest.mark.parametrize("case", NO_NESTS)
def test_loop_without_a_perfect_nest_is_left_alone(case: str) -> None:
    """There must be exactly one counted loop inside."""
    study, ordering, _ = study_of(
        f"void f(int n, double a[100][100]) {{\n{NO_NESTS[case]}\n}}"
    )

    assert interchange_of(study, ordering) is None


def test_temporary_of_each_iteration_does_not_hold_the_swap_up() -> None:
    """A variable that every inner iteration sets first has no order."""
    text = """
        void f(int n, double a[100][100], double t) {
            for (int j = 1; j < n; j++)
                for (int i = 0; i < n; i++) {
                    t = a[i][j - 1];
                    a[i][j] = t * 2;
                }
        }"""

    assert [each.kind.value for each in offers(text)] == ["interchange"]

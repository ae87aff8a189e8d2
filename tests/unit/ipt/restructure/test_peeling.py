"""Iterations that are taken out of a loop."""

from __future__ import annotations

from textwrap import dedent

import pytest

from ipt.restructure.carried import carried_value
from ipt.restructure.peeling import Peeling
from tests.unit.ipt.restructure.rewriting import new_text, offers, refusal, study_of


def test_first_iteration_is_done_apart() -> None:
    """What only the first iteration writes is read by all the others."""
    text = """
        void f(int n, double *a) {
            for (int i = 0; i < n; i++)
                a[i] = a[i] / a[0];   // all
        }"""

    expected = dedent("""\
        if (0 < n) {
            {
                int i = 0;
                a[i] = a[i] / a[0];
            }
            for (int i = 1; i < n; i++) {
                a[i] = a[i] / a[0];
            }
        }   // all""")

    assert expected == new_text(text, "peeling")


def test_last_iteration_is_done_apart() -> None:
    """What the last iteration leaves in a variable is its own affair."""
    text = """
        double f(int n, double *a) {
            double t = 0;
            int i;
            for (i = 0; i <= n; i++) {
                t = a[i];
                a[i] = t * t;
            }
            return t + i;
        }"""

    expected = dedent("""\
        i = 0;
        if (0 <= n) {
            for (i = 0; i < n; i++) {
                t = a[i];
                a[i] = t * t;
            }
            {
                i = n;
                t = a[i];
                a[i] = t * t;
                i++;
            }
        }""")

    assert expected == new_text(text, "peeling")


LAST = {
    "i = 0; i < 2000; i++": "i = 0; i < 1999; i++",
    "i = 0; 2000 > i; i++": "i = 0; i < 1999; i++",
    "i = 1; i <= 2000; i++": "i = 1; i < 2000; i++",
    "i = 2000; i > 0; i--": "i = 2000; i > 1; i--",
    "i = 2000; i >= 0; i--": "i = 2000; i > 0; i--",
    "i = 0; i != 2000; i++": "i = 0; i != 1999; i++",
    "i = n - 1; i > m + 1; i--": "i = (n - 1); i > (m + 1) + 1; i--",
}


@pytest.mark.parametrize("header", LAST)
def test_header_of_the_rest_has_one_iteration_less(header: str) -> None:
    """Numbers are computed, other bounds get a number added."""
    study, _, _ = study_of(f"""
        void f(int n, int m, double *a) {{
            int i;
            for ({header}) {{ a[i] = i; }}
        }}""")

    (edit,) = Peeling(study, is_last=True).edits()

    assert f"for ({LAST[header]})" in edit.data.decode()  # type: ignore[union-attr]


def test_known_loop_needs_no_test() -> None:
    """A loop that is known to run gets no `if` around it."""
    study, _, _ = study_of("""
        void f(double *a) {
            for (int i = 3; i < 2000; i += 2) { a[i] = a[3]; }
        }""")

    (edit,) = Peeling(study, is_last=False).edits()
    text = edit.data.decode()  # type: ignore[union-attr]

    assert "if" not in text
    assert "for (int i = 5; i < 2000; i += 2)" in text


REFUSED = {
    "a step that is not one": "for (i = 0; i < n; i += 2) { a[i] = 1; }",
    "a bound that changes": "for (i = 0; i < n; i++) { a[i] = 1; n--; }",
    "a jump": "for (i = 0; i < n; i++) { if (a[i] > 0) continue; a[i] = 1; }",
    "a static variable": "for (i = 0; i < n; i++) { static int k; a[i] = k; }",
    "a counter that others use": "for (g = 0; g < n; g++) { a[g] = 1; }",
    "a first value of another type": "for (i = x; i < n; i++) { a[i] = 1; }",
    "the body of an if": "if (n)\nfor (i = 0; i < n; i++) { a[i] = 1; }",
    "a header from a macro": "for (INIT; i < n; i++) { a[i] = 1; }",
    "a test from a macro": "for (i = 0; BELOW(i, n); i++) { a[i] = 1; }",
}


@pytest.mark.parametrize("case", REFUSED)
def test_peeling_is_refused(case: str) -> None:
    """An iteration is only taken out where its copy means the same."""
    study, _, _ = study_of(
        "#define INIT i = 0\n#define BELOW(x, y) x < y\nint g;\n"
        f"void f(int n, long x, double *a) {{\nint i;\n{REFUSED[case]}\n}}"
    )

    assert refusal(Peeling(study, is_last=True))[0] == "IPT340"


def test_long_body_is_not_copied() -> None:
    """A copy of many lines helps nobody."""
    lines = "\n".join("a[i] = a[i] + a[0];" for _ in range(50))
    text = (
        f"void f(int n, double *a) {{\nfor (int i = 0; i < n; i++) {{\n{lines}\n}}\n}}"
    )

    assert offers(text) == []


def test_carried_value_is_computed_anew() -> None:
    """A wrap-around variable is set from what the iteration before computed."""
    text = """
        void f(int n, double *restrict a, double *restrict b) {
            double prev = a[n - 1];
            for (int i = 0; i < n; i++) {
                double x = a[2 * i] + a[i];
                b[i] = x - prev;
                prev = x;
            }
        }"""

    found = new_text(text, "peeling").split("\n")

    assert found[7] == "    for (int i = 1; i < n; i++) {"
    assert found[8] == "        prev = a[2 * (i - 1)] + a[i - 1];"


def test_two_carried_values_are_computed_anew() -> None:
    """Each gets a line; a loop that counts down looks ahead."""
    text = """
        void f(int n, int m, double *restrict a, double *restrict b) {
            double p = 1, q = 2;
            for (int i = n; i > 0; i--) {
                b[i] = p * q;
                p = a[i];
                q = a[i] * m;
            }
        }"""

    found = new_text(text, "peeling")

    assert "p = a[i + 1];" in found
    assert "q = a[i + 1] * m;" in found


CARRIED_REFUSED = {
    "memory that the loop writes": "b[i] = p; p = b[i];",
    "itself": "b[i] = p; p = p * 0.5 + a[i];",
    "a call": "b[i] = p; p = g(i);",
    "another carried variable": "b[i] = p; p = q; q = a[i];",
    "a condition": "b[i] = p; if (a[i] > 0) p = a[i];",
    "two assignments": "b[i] = p; p = a[i]; p = 2;",
    "a temporary that changes": "double x = a[i]; b[i] = p; x += 1; p = x;",
    "a local array": "double t[2] = {a[i], 1}; b[i] = p; p = t[0];",
    "a macro": "b[i] = p; p = SQUARE(i);",
    "volatile memory": "b[i] = p; p = w;",
}


@pytest.mark.parametrize("case", CARRIED_REFUSED)
def test_carried_value_that_depends_on_more_stays(case: str) -> None:
    """What is not made of unchanged memory and the counter is not computed anew."""
    study, ordering, _ = study_of(
        "#define SQUARE(x) ((x) * (x))\ndouble g(int);\nvolatile double w;\n"
        "void f(int n, double *restrict a, double *restrict b) {\n"
        "double p = 1, q = 2;\nfor (int i = 0; i < n; i++) {\n"
        f"{CARRIED_REFUSED[case]}\n}}\na[0] = q;\n}}"
    )
    names = {"p", "q"} if "q" in CARRIED_REFUSED[case] else {"p"}
    found = study.verdict.findings[0].variables
    assert names <= set(found)

    assert carried_value(study, ordering) is None

"""Searches for an extreme value and its place."""

from __future__ import annotations

from textwrap import dedent

import pytest

from ipt.restructure.positions import position_search
from tests.unit.ipt.restructure.rewriting import new_text, offers, refusal, study_of


def test_first_position_is_searched_in_a_second_loop() -> None:
    """With `>` the first of equal values counts, and nothing if none is greater."""
    text = """
        double fabs(double);
        void f(int n, double *a, double *out) {
            double best = -1;
            int where = 7;
            for (int i = 0; i < n; i++)
                if (a[i] > best) {
                    best = a[i];   /* keep */
                    where = i;
                }
            out[where] = best;
        }"""

    expected = dedent("""\
        {
            const double best_before = best;
            int where_found = n;
            for (int i = 0; i < n; i++)
                if (a[i] > best) {
                    best = a[i];   /* keep */
                }
            for (int i = 0; i < n; i++) {
                if (a[i] == best) {
                    if (i < where_found)
                        where_found = i;
                }
            }
            if (best > best_before)
                where = where_found;
        }""")

    assert expected == new_text(text, "position")


def test_last_position_is_searched_in_a_second_loop() -> None:
    """With `<=` the last of equal values counts; what the test needs is repeated."""
    text = """
        void f(int n, int *a, int *out) {
            int low = a[0], last = 0;
            for (int i = 1; i < n; i++) {
                int v = a[i] - n; // shifted
                if (low >= v) { last = i; low = v; }
            }
            out[last] = low;
        }"""

    expected = dedent("""\
        {
            int last_found = 0;
            for (int i = 1; i < n; i++) {
                int v = a[i] - n; // shifted
                if (low >= v) { low = v; }
            }
            for (int i = 1; i < n; i++) {
                int v = a[i] - n;
                if (v == low) {
                    if (i > last_found)
                        last_found = i;
                }
            }
            if (last_found >= 1)
                last = last_found;
        }""")

    assert expected == new_text(text, "position")


def test_both_loops_run_in_parallel() -> None:
    """The finding names the lines of both loops."""
    text = """
        void f(int n, double *a, double *out) {
            double best = -1;
            int where = 7;
            for (int i = n - 1; i >= 0; i--)
                if (a[i] > best) {
                    best = a[i];
                    where = i;
                }
            out[where] = best;
        }"""

    (found,) = [each for each in offers(text) if each.kind.value == "position"]

    assert "loops of line 8, 12" in found.findings[1].message
    assert any("if (i > where_found)" in line for _, line in found.after)


REFUSED = {
    "a value that may be rounded": "if (a[i] * 2 > best) { best = a[i] * 2; at = i; }",
    "a value made of the extreme": (
        "double v = a[i] + at; if (v > best) { best = v; at = i; }"
    ),
    "something else that changes": (
        "int v = a[i] > 0; a[0] = 1; if (v > top) { top = v; at = i; }"
    ),
    "memory that changes": ("int v = (k = i); if (v > top) { top = v; at = i; }"),
    "an extreme that others use": "if (a[i] > g) { g = a[i]; at = i; }",
    "a position that does not fit": "if (a[i] > best) { best = a[i]; tiny = i; }",
}


@pytest.mark.parametrize("case", REFUSED)
def test_search_is_refused(case: str) -> None:
    """Both loops must see the same values, and nothing else may happen."""
    study, _, _ = study_of(
        "double g;\nvoid f(int n, double *a) {\ndouble best = -1;\n"
        "int at = 0, top = 0, k = 0;\nsigned char tiny = 0;\n"
        f"for (int i = 0; i < n; i++) {{\n{REFUSED[case]}\n}}\n"
        "a[0] = best + at + top + tiny + k;\n}"
    )

    assert refusal(position_search(study))[0] == "IPT339"


HEADERS = {
    "a counter that is used later": "for (i = 0; i < n; i++)",
    "a bound that others change": "for (int i = 0; i < g; i++)",
    "a last position from an unknown start": "for (int i = n; i < 100; i++)",
    "a last position that counts down": "for (int i = n; i >= 0; i--)",
}


@pytest.mark.parametrize("case", HEADERS)
def test_search_in_an_odd_loop_is_refused(case: str) -> None:
    """The first position must be known, and the loop must count for itself."""
    study, _, _ = study_of(
        "volatile int g;\nint f(int n, double *a) {\ndouble best = -1;\n"
        f"int at = 0, i;\n{HEADERS[case]} {{\n"
        "if (a[i] >= best) { best = a[i]; at = i; }\n}\n"
        "return at + best + (n ? i : 0);\n}"
    )

    assert refusal(position_search(study))[0] == "IPT339"


OTHER = {
    "an else": "if (a[i] > best) { best = a[i]; at = i; } else at = 0;",
    "no comparison": "if (a[i]) { best = a[i]; at = i; }",
    "one statement": "if (a[i] > best) best = a[i];",
    "another position": "if (a[i] > best) { best = a[i]; at = i + 1; }",
    "another value": "if (a[i] > best) { best = a[0]; at = i; }",
    "a position that is no integer": "if (a[i] > best) { best = a[i]; x = i; }",
    "three statements": "if (a[i] > best) { best = a[i]; at = i; x = 1; }",
    "no test": "best = a[i];",
    "a value that is rounded when it is kept": (
        "if (a[i] > small) { small = a[i]; at = i; }"
    ),
}


@pytest.mark.parametrize("case", OTHER)
def test_other_statements_are_no_search(case: str) -> None:
    """Only the plain form is rewritten."""
    study, _, _ = study_of(
        "void f(int n, double *a) {\ndouble best = -1, x = 0;\nfloat small = 0;\n"
        f"int at = 0;\nfor (int i = 0; i < n; i++) {{\n{OTHER[case]}\n}}\n"
        "a[0] = best + at + x + small;\n}"
    )

    assert position_search(study) is None

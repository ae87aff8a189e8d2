"""Loops that are cut into several ones."""

from __future__ import annotations

from textwrap import dedent

import pytest

from ipt.restructure.crossing import Crossing
from ipt.restructure.distribution import Distribution, legal_cuts
from tests.unit.ipt.restructure.rewriting import new_text, offers, refusal, study_of

RECURRENCE = """
    void f(int n, double *restrict a, double *restrict s) {
        for (int i = 1; i < n; i++)
        {   // both
            a[i] = a[i] * 2;  /* free */

            /* a recurrence */
            s[i] = s[i - 1] + a[i];   // in order
        }
    }
"""


def test_recurrence_is_put_apart() -> None:
    """Comments stay where they are, and the brace goes where the user puts it."""
    expected = dedent("""\
        for (int i = 1; i < n; i++)
        {   // both
            a[i] = a[i] * 2;  /* free */
        }
        for (int i = 1; i < n; i++)
        {

            /* a recurrence */
            s[i] = s[i - 1] + a[i];   // in order
        }""")

    assert expected == new_text(RECURRENCE, "distribution")


def test_only_lines_are_inserted() -> None:
    """Without the new lines the text is the old one."""
    found = offers(RECURRENCE)[0]
    before = [line for _, line in found.before]
    after = iter(line for _, line in found.after)

    assert all(line in after for line in before)


def test_output_is_put_behind_the_computation() -> None:
    """What prints stays in order in a loop of its own; one line stays one line."""
    text = """
        int printf(const char *, ...);
        void f(int n, int *a) {
            for (int i = 0; i < n; i++) { a[i] = i * i; printf("%d", a[i]); }
        }"""

    expected = dedent("""\
        for (int i = 0; i < n; i++) { a[i] = i * i; }
        for (int i = 0; i < n; i++) { printf("%d", a[i]); }""")

    assert expected == new_text(text, "distribution")


def test_what_can_be_computed_anew_is_declared_in_both_loops() -> None:
    """A value made of the counter and of what stays the same is repeated."""
    text = """
        void f(int n, double h, double *restrict a, double *restrict s) {
            for (int i = 1; i < n; i++) {
                double x = i * h, *q = 0;
                int k = 2 * i; // twice
                int m = k + 1;
                a[m] = k;
                s[i] = s[i - 1] + m;
            }
        }"""

    expected = dedent("""\
        for (int i = 1; i < n; i++) {
            double x = i * h, *q = 0;
            int k = 2 * i; // twice
            int m = k + 1;
            a[m] = k;
        }
        for (int i = 1; i < n; i++) {
            int k = 2 * i;
            int m = k + 1;
            s[i] = s[i - 1] + m;
        }""")

    assert expected == new_text(text, "distribution")


@pytest.mark.parametrize(
    ("low", "index"), [("0", "i"), ("2", "i - 2"), ("-3", "i + 3")]
)
def test_variable_becomes_an_array_where_its_values_are_needed_again(
    low: str, index: str
) -> None:
    """A value that cannot be computed anew is kept for each iteration."""
    text = f"""
        double a[5000], s[5000];
        void f(void) {{
            for (int i = {low}; i < 2000; i++) {{
                double x = a[i + 10];
                x += 1;
                a[i + 10] = x * x;
                s[i + 11] = s[i + 10] + x;
            }}
        }}"""

    found = next(each for each in offers(text) if each.kind.value == "distribution")
    lines = [line.strip() for _, line in found.after]
    count = 2000 - int(low)

    assert lines[0] == f"double x_of[{count}];"
    assert f"x_of[{index}] = a[i + 10];" in lines
    assert f"s[i + 11] = s[i + 10] + x_of[{index}];" in lines
    assert [each.code for each in found.findings] == ["IPT123", "IPT124", "IPT126"]


def test_loops_that_gain_nothing_are_not_made() -> None:
    """Neighbours that both run in parallel, or both in order, stay together."""
    text = """
        void f(int n, double *restrict a, double *restrict b, double *restrict s,
               double *restrict t) {
            for (int i = 1; i < n; i++) {
                a[i] = a[i] * 2;
                b[i] = a[i] + 1;
                s[i] = s[i - 1] + a[i];
                t[i] = t[i - 1] + s[i];
                b[i] += s[i];
            }
        }"""

    assert new_text(text, "distribution").count("for") == 3


def test_neighbours_that_meet_stay_apart() -> None:
    """Two loops that each run in parallel are not joined where they meet."""
    text = """
        void f(int n, double *restrict a, double *restrict b) {
            for (int i = 1; i < n; i++) {
                a[i] = b[i] * 2;
                b[i] = a[i - 1] + 1;
            }
        }"""

    assert new_text(text, "distribution").count("for") == 2


REFUSED = {
    "a dependence that leads back": (
        "a[i] = b[i - 1]; b[i] = a[i];",
        "IPT339",
        "b[i] of one iteration must come before b[i - 1] of a later one",
    ),
    "output on both sides": (
        'printf("a"); printf("b");',
        "IPT339",
        "calls on both sides of the cut must stay in order",
    ),
    "a value that cannot be kept": (
        "double x = a[i]; a[i] = x; b[i] = x;",
        "IPT339",
        "x is declared before the cut and used behind it",
    ),
    "a jump": ("if (a[i] > 0) continue; a[i] = 1;", "IPT340", "a jump"),
    "a bound that changes": ("a[i] = 1; n--;", "IPT340", "its own bounds"),
    "an unknown function": ("a[i] = 1; unknown(i);", "IPT340", "can be followed"),
    "volatile memory": ("a[i] = 1; v = v + 1;", "IPT340", "can be followed"),
    "a variable of all iterations": ("t = a[i]; b[i] = t;", "IPT339", "t of one"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_cut_is_refused(case: str) -> None:
    """Where the order matters, or is not known, the loop stays whole."""
    body, code, reason = REFUSED[case]
    lines = body.replace("; ", ";\n")
    study, ordering, _ = study_of(f"""
        int printf(const char *, ...);
        void unknown(int);
        volatile int v;
        void f(int n, double *restrict a, double *restrict b, double t) {{
            for (int i = 1; i < n; i++) {{
                {lines}
            }}
        }}""")
    count = len(study.statements)
    found = Distribution(study, ordering, Crossing(study, ordering), (count - 1,))

    message = refusal(found)

    assert message[0] == code
    assert reason in message[1]
    assert legal_cuts(study, ordering) is None


SHAPES = {
    "the body of an if": (
        "if (n)\nfor (int i = 0; i < n; i++) {\na[i] = 1;\nb[i] = 2; }",
        "no second loop",
    ),
    "statements that share a line": (
        "for (int i = 0; i < n; i++) {\na[i] = 1; b[i] = 2; }",
        "share a line",
    ),
    "a counter that others use": (
        "for (g = 0; g < n; g++) {\na[g] = 1;\nb[g] = 2; }",
        "counter may be used elsewhere",
    ),
}


@pytest.mark.parametrize("case", SHAPES)
def test_text_that_cannot_be_cut_is_refused(case: str) -> None:
    """A second loop must be able to stand behind the first one."""
    text, reason = SHAPES[case]
    study, ordering, _ = study_of(
        f"int g;\nvoid f(int n, double *restrict a, double *restrict b) {{\n{text}\n}}"
    )
    found = Distribution(study, ordering, Crossing(study, ordering), (1,))

    assert reason in refusal(found)[1]


def test_windows_line_ends_and_tabs_stay() -> None:
    """New lines end and are indented as the user's own."""
    text = (
        "void f(int n, double *restrict a, double *restrict s) {\r\n"
        "\tfor (int i = 1; i < n; i++)\r\n\t{\r\n\t\ta[i] = i;\r\n"
        "\t\ts[i] = s[i - 1] + a[i];\r\n\t}\r\n}\r\n"
    )
    study, ordering, _ = study_of(text)
    found = legal_cuts(study, ordering)
    assert found is not None

    (edit,) = found.edits()

    assert edit.lines == (  # type: ignore[union-attr]  # an insertion
        "\t}",
        "\tfor (int i = 1; i < n; i++)",
        "\t{",
    )


def test_comment_over_several_lines_is_not_torn() -> None:
    """The cut goes behind a comment that begins behind a statement."""
    text = """
        void f(int n, double *restrict a, double *restrict s) {
            for (int i = 1; i < n; i++) { /* x */
                a[i] = i; /* goes
                             on */
                s[i] = s[i - 1] + a[i];
            }
        }"""

    found = new_text(text, "distribution").split("\n")

    assert found[2].endswith("on */")
    assert found[3] == "}"

"""Temporary variables that move into the loop."""

from __future__ import annotations

from textwrap import dedent

import pytest

from ipt.analysis import Analyzer
from ipt.model import VarRef, walk
from ipt.restructure import find_restructurings, restructured
from ipt.restructure.privatization import Privatization, privatization
from ipt.testing import NO_HEADERS, program_of
from tests.unit.ipt.restructure.rewriting import new_text, refusal, study_of

STATIC = """
    void f(int n, double *restrict a, double *restrict b) {
        static double part[2][3]; /* no stack */
        static double sum;

        for (int i = 0; i < n; i++)
        {
            part[0][0] = a[i];
            for (int k = 1; k < 3; k++)
                part[0][k] = part[0][k - 1] * 2;
            for (int k = 2; k >= 0; k--)
                part[1][k] = part[0][2 - k];
            sum = part[1][0] + part[1][2];
            b[i] = sum * part[0][n % 3];
        }
    }
"""


def test_static_scratch_becomes_a_variable_of_the_body() -> None:
    """Arrays and numbers that each iteration sets first are declared inside."""
    found = new_text(STATIC, "privatization").split("\n")

    assert found[:4] == [
        "for (int i = 0; i < n; i++)",
        "{",
        "    double part[2][3];",
        "    double sum;",
    ]


def test_old_declaration_goes_where_it_stands_alone() -> None:
    """A declaration that shares its line with a comment stays."""
    program = program_of(dedent(STATIC))
    analyzer = Analyzer(program)
    function = program.functions[-1]
    (found,) = find_restructurings(
        analyzer, function, analyzer.loops(function)[0], (), NO_HEADERS
    )

    text = restructured(program, found, (), NO_HEADERS).source.data.decode()

    assert "static double part[2][3]; /* no stack */\n" in text
    assert "static double sum;" not in text


def test_scratch_of_the_file_is_hidden_by_one_of_the_loop() -> None:
    """A static variable of the file, used in the loop only, is declared anew."""
    text = """
        static double part[3];
        void f(int n, double *restrict a, double *restrict b) {
            for (int i = 0; i < n; i++) { part[0] = a[i]; b[i] = part[0]; }
        }"""

    assert "{ double part[3]; part[0] = a[i];" in new_text(text, "privatization")


USED = {
    "a[i] = t[2]; t[2] = 0;": "may read what another one wrote",
    "for (int k = 1; k < 3; k++) t[k] = 0; a[i] = t[i % 3];": "may read what another",
    "for (int k = 0; k < n; k++) t[k] = 0; a[i] = t[2];": "may read what another",
    "if (a[i] > 0) t[0] = 1; a[i] = t[0];": "may read what another one wrote",
    "while (a[i] > 0) { t[0] = 1; a[i] = t[0] - 1; } a[i] = t[0];": "may read what",
    "t[(int)a[i]] = 1; a[i] = t[0];": "may read what another one wrote",
    "t[i * n] = 1; a[i] = t[0];": "may read what another one wrote",
    "t[0] = a[i]; unknown(t);": "its address is passed on",
    "t[0] = a[i]; unknown(a);": "not everything in the loop can be followed",
    "s = 1; a[i] = s; a[0] = t[0];": "may read what another one wrote",
}


@pytest.mark.parametrize("body", USED)
def test_value_of_another_iteration_keeps_the_array_outside(body: str) -> None:
    """Every element must be set in its iteration, on every way."""
    study, ordering, analyzer = study_of(
        "void unknown(double *);\nvoid f(int n, double *a) {\ndouble t[3], s;\n"
        f"for (int i = 0; i < n; i++) {{\n{body}\n}}\n}}"
    )
    array = next(
        each.variable
        for each in walk(study.loop)
        if isinstance(each, VarRef) and each.variable.name == "t"
    )

    found = refusal(Privatization(study, ordering, analyzer.solver, (array,)))

    assert found[0] == "IPT341"
    assert USED[body] in found[1]


ELSEWHERE = {
    "a use after the loop": ("double t[3];", "", "a[0] = t[0];", "after the loop"),
    "a use in the next turn of a loop around": (
        "double t[3];",
        "for (int r = 0; r < 2; r++) { a[1] = r ? t[0] : 0;",
        "}",
        "after the loop",
    ),
    "a label": ("double t[3]; t[0] = 1; again: a[0] = t[0];", "", "", "after the loop"),
    "an unknown size": ("double t[n];", "", "", "size is not known"),
    "a large size": ("double t[9000];", "", "", "too large"),
    "static with another use": ("static double t[3]; t[0] = 1;", "", "", "elsewhere"),
    "one for each thread": ("static _Thread_local double t[3];", "", "", "elsewhere"),
    "a struct": ("struct { double x; } t[3];", "", "", "size is not known"),
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_array_with_another_purpose_stays_outside(case: str) -> None:
    """What may be read later, or is not a small array of numbers, is left alone."""
    declaration, before, after, reason = ELSEWHERE[case]
    use = "t[0].x = a[i];" if "struct" in declaration else "t[0] = a[i]; a[i] = t[0];"
    study, ordering, analyzer = study_of(
        f"void f(int n, double *a) {{\n{declaration}\n{before}\n"
        f"for (int i = 0; i < n; i++) {{\n{use}\n}}\n{after}\n}}",
        number=-1,
    )
    array = next(
        each.variable
        for each in walk(study.loop)
        if isinstance(each, VarRef) and each.variable.name == "t"
    )

    found = refusal(Privatization(study, ordering, analyzer.solver, (array,)))

    assert reason in found[1]
    assert privatization(study, ordering, analyzer.solver) is None

"""What is known around a loop, and what would make a refused one parallel."""

from __future__ import annotations

import pytest

from ipt.analysis import Status
from ipt.testing import program_of, verdicts_of

SHIFTED = "for (int i = 0; i < n; i++)\na[i] = a[i + m];"

NEEDED = {
    "for (int i = 0; i < n; i++) a[i] = a[i + m];": "m >= n",
    "for (int i = 0; i < n; i++) a[2 * i] = a[i + m];": "m + 1 >= 2 * n",
    "for (int i = 0; i < n; i++) a[i] = a[m];": "m >= n",
    "for (int i = 0; i < 8; i++) a[i] = a[i + m];": "m >= 8",
    "for (int i = 0; i < 8; i++) a[i + 8] = a[i - m];": "m >= 0",
    "for (int i = 0; i < 8; i++) a[i] = a[i + 9 - 2 * m];": "m >= 9",
    "for (int i = 0; i < n; i++) a[i] = a[n + m - i];": "m + 2 >= n",
}


@pytest.mark.parametrize("text", NEEDED)
def test_refusal_names_the_sizes_that_would_do(text: str) -> None:
    """And how to make use of them."""
    program = program_of(f"void f(int n, int m, int *a) {{\n{text} }}")
    (refusal,) = verdicts_of(program)[0].refusals
    needed = NEEDED[text]

    assert refusal.way_out == (
        f"If {needed}, this dependence is not there: write if ({needed}) around a "
        "copy of the loop."
    )


@pytest.mark.parametrize(
    "text",
    [
        "for (int i = 1; i < n; i++) a[i] = a[i - 1];",
        "for (int i = 0; i < n; i++) a[k[i]] = i;",
    ],
)
def test_no_size_is_named_where_none_helps(text: str) -> None:
    """A dependence that is always there, or not understood, stays."""
    program = program_of(
        f"void f(int n, int m, int *restrict a, int *restrict k) {{\n{text} }}"
    )
    refusal = verdicts_of(program)[0].refusals[0]

    assert "around a copy" not in refusal.way_out


HOLDING = {
    "condition": f"if (m >= n) {{\n{SHIFTED} }}",
    "one of two conditions": f"if (m >= n && n > 3) {{\n{SHIFTED} }}",
    "negated in the other branch": f"if (m < n) a[0] = 1; else {{\n{SHIFTED} }}",
    "negated in a disjunction": (
        f"if (m < n || n > 99) a[0] = 1; else {{\n{SHIFTED} }}"
    ),
    "loop around": f"for (m = n; m < 99; m++) {{\n{SHIFTED} }}",
    "loop around that counts down": f"for (m = 99; m >= n; m--) {{\n{SHIFTED} }}",
}


@pytest.mark.parametrize("case", HOLDING)
def test_conditions_around_a_loop_hold_in_it(case: str) -> None:
    """They are part of the proof."""
    program = program_of(f"void f(int n, int m, int *a) {{\n{HOLDING[case]} }}")

    assert verdicts_of(program)[-1].status is Status.PARALLEL


NOT_HOLDING = {
    "assigned in the branch": f"if (m >= n) {{ m--;\n{SHIFTED} }}",
    "assigned behind the loop": f"if (m >= n) {{\n{SHIFTED}\nm = 0; }}",
    "other branch": f"if (m >= n) a[0] = 1; else {{\n{SHIFTED} }}",
    "one of two may hold": f"if (m >= n || n > 3) {{\n{SHIFTED} }}",
    "test with an effect": f"if (m-- >= n) {{\n{SHIFTED} }}",
    "address is taken": f"int *p = &m; if (m >= n) {{ *p = 0;\n{SHIFTED} }}",
    "bound of the loop around changes": (
        f"for (m = n; m < 99; m++) {{\n{SHIFTED}\nn++; }}"
    ),
    "loop around starts from itself": (
        f"for (m = m + n; m < 99; m++) {{\n{SHIFTED} }}"
    ),
    "loop around is not counted": f"while (m >= n) {{\n{SHIFTED}\nm--; }}",
}


@pytest.mark.parametrize("case", NOT_HOLDING)
def test_conditions_that_may_not_hold_are_no_proof(case: str) -> None:
    """They held once, or on another way."""
    program = program_of(f"void f(int n, int m, int *a) {{\n{NOT_HOLDING[case]} }}")

    assert verdicts_of(program)[-1].status is Status.REFUSED


def test_global_size_is_no_fact() -> None:
    """Another function may change it meanwhile."""
    program = program_of(
        f"int m; void f(int n, int *a) {{ if (m >= n) {{\n{SHIFTED} }} }}"
    )

    assert verdicts_of(program)[-1].status is not Status.PARALLEL


def test_narrow_counter_of_a_loop_around_may_start_again() -> None:
    """Its first value is not its least one then."""
    program = program_of(
        f"void f(int n, int *a) {{ for (unsigned char m = 9; m != 3; m++) {{\n"
        f"{SHIFTED.replace('i < n', 'i < 9')} }} }}"
    )

    assert verdicts_of(program)[-1].status is Status.REFUSED

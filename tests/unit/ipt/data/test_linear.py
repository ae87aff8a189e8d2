"""Variables that every iteration moves by the same amount."""

from __future__ import annotations

import pytest

from ipt.analysis import Status
from ipt.testing import first_verdict

LINEAR = {
    "pointer that is written through": (
        ("p:1",),
        """void f(int n, double *p) {
        for (int i = 0; i < n; i++) *p++ = 0; }""",
    ),
    "two pointers": (
        ("p:1", "q:2L"),
        """void f(int n, double *restrict p, const double *restrict q) {
        for (int i = 0; i < n; i++) { *p++ = *q; q += 2; } }""",
    ),
    "pointer that goes down": (
        ("p:-1L",),
        """void f(int n, double *p) {
        for (int i = n; i > 0; i--) { --p; *p = i; } }""",
    ),
    "index": (
        ("k:2",),
        """void f(int n, int *a) { int k = 3;
        for (int i = 0; i < n; i++) { a[k] = i; k += 2; } }""",
    ),
    "index that is moved first, in steps": (
        ("k:2",),
        """void f(int n, int *a) { int k = 0;
        for (int i = 0; i < n; i += 3) { a[k + 1] = i; k = k + 2; a[k] = 2; } }""",
    ),
    "index within a subscript": (
        ("k:1",),
        """void f(int n, int *a) { int k = 0;
        for (int i = 0; i < n; i++) a[k++] = i; }""",
    ),
    "index that goes down before it is used": (
        ("k:-1",),
        """void f(int n, int *a) { int k = n;
        for (int i = 0; i < n; i++) { a[--k] = i; } }""",
    ),
    "unsigned index that is not used as one": (
        ("k:1",),
        """void f(int n, int *a) { int k = 0;
        for (int i = 0; i < n; i++) { a[i] = k; k++; } }""",
    ),
    "read after the loop": (
        ("k:1",),
        """int f(int n, int *a) { int k = 0;
        for (int i = 0; i < n; i++) { a[i] = k; k++; } return k; }""",
    ),
}


@pytest.mark.parametrize("case", LINEAR)
def test_evenly_moving_variable_is_linear(case: str) -> None:
    """It is known in each iteration, and so is what is accessed through it."""
    expected, text = LINEAR[case]
    verdict = first_verdict(text)

    assert verdict.status is Status.PARALLEL, verdict.refusals
    assert verdict.linear == expected
    assert verdict.schedule == ""
    assert "IPT113" in {each.code for each in verdict.findings}


NOT_LINEAR = {
    "moved in some iterations": "if (b[i]) k++; a[k] = i;",
    "moved twice": "a[k++] = i; a[k++] = 2;",
    "moved by another amount each time": "a[k] = i; k += i;",
    "moved by an amount that changes": "a[k] = i; k += step; step = b[i];",
    "moved after a continue": "if (b[i]) continue; a[k] = i; k++;",
    "moved in an inner loop": "a[k] = i; for (int j = 0; j < 3; j++) k++;",
    "moved in one side of a test": "if (b[i] && k++) a[i] = 1; a[k] = i;",
    "set as well": "a[k] = i; k++; if (b[i]) k = 0;",
    "scaled": "a[k] = i; k *= 2;",
    "its address is taken": "int *q = &k; a[k] = i; k++; a[0] = *q;",
    "moved beside another use in one expression": "a[k] = k++;",
}


@pytest.mark.parametrize("case", NOT_LINEAR)
def test_unevenly_moving_variable_is_refused(case: str) -> None:
    """Its value in an iteration depends on the iterations before."""
    verdict = first_verdict(
        f"""void f(int n, int *restrict a, const int *restrict b) {{
        int k = 0, step = 1;
        for (int i = 0; i < n; i++) {{ {NOT_LINEAR[case]} }} }}"""
    )

    assert verdict.status is Status.REFUSED
    assert verdict.linear == ()


@pytest.mark.parametrize(
    "declaration",
    ["static int k;", "unsigned k = 0;", "short k = 0;", "volatile int k;"],
)
def test_index_that_may_wrap_or_be_seen_is_not_linear(declaration: str) -> None:
    """Only plain local variables whose sums do not wrap around are."""
    verdict = first_verdict(
        f"""void f(int n, int *restrict a) {{ {declaration}
        for (int i = 0; i < n; i++) {{ a[k] = i; k++; }} }}"""
    )

    assert verdict.status is Status.REFUSED


def test_pointers_that_overtake_each_other_carry_a_dependence() -> None:
    """Both walk through one array at different speed."""
    verdict = first_verdict(
        """void f(int n, int *p) {
        for (int i = 0; i < n; i++) { p[i] = 1; p += 1; } }"""
    )

    assert verdict.status is Status.PARALLEL
    verdict = first_verdict(
        """void f(int n, int *p) {
        for (int i = 0; i < n; i++) { p[3] = p[0]; p += 1; } }"""
    )

    assert [each.code for each in verdict.refusals] == ["IPT301"]
    assert verdict.refusals[0].distance == 3


WALKED = {
    "row by a pointer of its own": (
        "double *p = a + i * m;",
        "for (int j = 0; j < m; j++) *p++ = i;",
    ),
    "every second element": (
        "int k = 0;",
        "for (int j = 0; j < m; j += 2) { a[i * m + k] = j; k += 2; }",
    ),
    "by a step that stays": (
        "double *p = a + i;",
        "for (int j = 0; j < 4; j++) { *p = j; p += 0; }",
    ),
}


@pytest.mark.parametrize("case", WALKED)
def test_inner_loop_may_walk_by_a_pointer(case: str) -> None:
    """The pointer starts anew in each iteration of the outer loop."""
    start, loop = WALKED[case]
    verdict = first_verdict(
        f"""void f(int n, int m, double *restrict a) {{
        for (int i = 0; i < n; i++) {{ {start} {loop} }} }}"""
    )

    assert verdict.status is Status.PARALLEL, verdict.refusals


STALE = {
    "set again in a block": "{ k = i; { k = 0; } } a[k] = 1;",
    "set again under a condition": "k = i; if (b[i]) k = 0; a[k] = 1;",
    "set again in a loop": "k = i; for (int j = 0; j < n; j++) k = j; a[k] = 1;",
    "set again in a while loop": "k = i; while (b[k]) k = 0; a[k] = 1;",
    "set again in a switch": "k = i; switch (b[i]) { case 1: k = 0; } a[k] = 1;",
    "one case of a switch": (
        "k = i; switch (b[i]) { case 0: k = 0; break; case 1: a[k] = 1; }"
    ),
    "falls through from a case": (
        "switch (b[i]) { case 0: k = 0; case 1: k = i; } a[k] = 1;"
    ),
    "used in the loop that moves it": ("k = i; while (k < n) { a[k] = 1; k++; }"),
    "moved in a test": "k = i; if (k++ < b[i]) a[k] = 1;",
    "moved by one side of a test": "k = i; if (b[i] || k++) a[k] = 1;",
    "moved by a conditional": "k = i; b[i] ? k++ : 0; a[k] = 1;",
    "moved in a comma": "k = i, k++, k = 2; a[k] = 1;",
    "assigned twice in one expression": "k = (k = i) + (k = 0); a[k] = 1;",
    "moved by the test of a loop": ("k = i; for (int j = 0; j < k++; j++) a[k] = 1;"),
    "moved by the start of a loop": (
        "k = i; for (int j = k++; j < k; j++) a[j - b[i]] = 1;"
    ),
    "moved by the length of an array": "k = i; int v[k++ + b[i]]; a[k - b[i]] = 1;",
    "set through a pointer": "int *q = &k; k = i; *q = 0; a[k] = 1;",
    "set in a called function": "k = i; zero(&k); a[k] = 1;",
    "used after the walk": "k = i; for (int j = 0; j < b[i]; j++) k++; a[k] = 1;",
}


@pytest.mark.parametrize("case", STALE)
def test_value_is_forgotten_when_it_may_have_changed(case: str) -> None:
    """What a variable was once set to is not what it holds for ever."""
    verdict = first_verdict(
        f"""static void zero(int *p) {{ *p = 0; }}
        void f(int n, int *restrict a, const int *restrict b) {{
        for (int i = 0; i < n; i++) {{ int k = 0; {STALE[case]} }} }}"""
    )

    assert verdict.status is Status.REFUSED


def test_value_that_is_set_twice_in_a_row_is_known() -> None:
    """The last one counts."""
    verdict = first_verdict(
        """void f(int n, int *restrict a) {
        for (int i = 0; i < n; i++) { int k = 0; k = i; a[k] = 1; k = i + n; k++; } }"""
    )

    assert verdict.status is Status.PARALLEL


def test_parameter_that_a_function_moves_is_followed() -> None:
    """The called function walks by its own copy of the pointer."""
    verdict = first_verdict(
        """static void fill(double *p, int m) {
          for (int j = 0; j < m; j++) *p++ = j; }
        void f(int n, int m, double *restrict a) {
        for (int i = 0; i < n; i++) fill(a + i * m, m); }"""
    )

    assert verdict.status is Status.PARALLEL

"""Loops that accumulate into elements of an array."""

from __future__ import annotations

import pytest

from ipt.analysis import Status, Update
from ipt.testing import first_verdict

HEAD = """typedef unsigned long size_t; void *malloc(size_t);
void *calloc(size_t, size_t); int next(void);
struct s { int n; double sum; double h[4]; unsigned lo : 4, hi : 4; };
union u { int i; float f; };
"""


def update_of(text: str) -> Update:
    """Return the only update of the first loop."""
    verdict = first_verdict(HEAD + text)
    assert verdict.status is Status.REDUCTION, verdict.refusals
    (update,) = verdict.updates
    return update


FORMS = {
    "h[k[i]]++": "+",
    "--h[k[i]]": "+",
    "h[k[i]] += i": "+",
    "h[k[i]] -= i": "+",
    "h[k[i]] *= 3": "*",
    "h[k[i]] |= i": "|",
    "h[k[i]] &= i": "&",
    "h[k[i]] ^= i": "^",
    "h[k[i]] = h[k[i]] + i": "+",
    "h[k[i]] = i + h[k[i]]": "+",
    "h[k[i]] = h[k[i]] - i": "+",
    "h[k[i]] = 2 * h[k[i]]": "*",
    "*(h + k[i]) += 1": "+",
    "if (i % 2) h[k[i]] += 1": "+",
    "for (int j = 0; j < 3; j++) h[k[i] + j] += 1": "+",
}


@pytest.mark.parametrize("form", FORMS)
def test_accumulation_is_an_update(form: str) -> None:
    """The order of such statements does not matter."""
    update = update_of(
        f"""void f(int n, const int *restrict k, int *restrict h) {{
        for (int i = 0; i < n; i++) {form}; }}"""
    )

    assert (update.name, update.op, update.section) == ("h", FORMS[form], "")
    assert update.can_be_atomic
    assert update.is_atomic_better
    assert len(update.statements) == 1


REFUSED = {
    "other operand first": "h[k[i]] = i - h[k[i]];",
    "two operators": "h[k[i]] += 1; h[k[n - i]] *= 2;",
    "read elsewhere": "h[k[i]]++; if (h[i] > 3) k2[i] = 1;",
    "read in its own index": "h[h[i]]++;",
    "read in the value": "h[k[i]] += h[0];",
    "value is used": "k2[i] = h[k[i]]++;",
    "set as well": "h[k[i]]++; h[0] = 0;",
    "fraction cut off": "h[k[i]] += 0.5;",
    "fraction cut off, written out": "h[k[i]] = h[k[i]] + 0.5;",
    "cut to fewer bits on the way": "h[k[i]] = (char)(h[k[i]] + i);",
    "value with an effect": "h[k[i]] += next();",
    "quotient of whole numbers": "h[k[i]] /= 2;",
    "shifted": "h[k[i]] <<= 1;",
    "assigned in a chain": "k2[i] = h[k[i]] += 1;",
    "set by another way to write it": "h[k[i]] += 1; *(h + i) = 2;",
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_use_of_the_array_is_refused(case: str) -> None:
    """Then the order shows, or another iteration's value is seen."""
    verdict = first_verdict(
        HEAD
        + f"""void f(int n, const int *restrict k, int *restrict h,
               int *restrict k2) {{
        for (int i = 0; i < n; i++) {{ {REFUSED[case]} }} }}"""
    )

    assert verdict.status in (Status.REFUSED, Status.NEEDS_DECISION)


SECTIONS = {
    "int h[10];": ("h[:10]", False),
    "int h[4][3];": ("h[:4][:3]", False),
    "int h[n];": ("h", True),
    "int h[100000];": ("h[:100000]", True),
    "int *h = malloc(n * sizeof(int));": ("h[:n]", True),
    "int *h = malloc(sizeof(int) * 8);": ("h[:8]", False),
    "int *h = calloc(n, sizeof *h);": ("h[:n]", True),
    "int *h; h = calloc(sizeof *h, 99);": ("h[:99]", False),
    "int m = n + 1; int *h = malloc(m * sizeof *h);": ("h[:m]", True),
    "int *h = malloc((n + 1) * sizeof *h);": ("", True),
    "int m = 1; m = n; int *h = malloc(m * sizeof *h);": ("", True),
    "int *h = malloc(n * sizeof(char));": ("", True),
    "int *h = malloc(4 * n);": ("h[:n]", True),
    "int *h = malloc(100);": ("", True),
    "int *h = malloc(sizeof(int) + n);": ("", True),
    "static int other[9]; int *h = other;": ("", True),
    "int *h = malloc(n); h = malloc(2 * n);": ("", True),
    "int *h = malloc(n * sizeof *h); int **p = &h;": ("", True),
}


@pytest.mark.parametrize("declaration", SECTIONS)
def test_array_section_has_the_length_that_the_text_shows(declaration: str) -> None:
    """Only a small array of known length is copied without being asked to."""
    element = "h[i % 4][i % 3]" if "[3]" in declaration else "h[i * i % 4]"
    update = update_of(
        f"""void f(int n) {{ {declaration}
        for (int i = 0; i < n; i++) {element}++; }}"""
    )

    assert (update.section, update.is_atomic_better) == SECTIONS[declaration]


def test_length_of_an_array_of_another_file_is_not_known() -> None:
    """An array that is declared without its length has no section."""
    update = update_of(
        "extern int h[]; void f(int n) {\nfor (int i = 0; i < n; i++) h[i % 4]++; }"
    )

    assert update.section == ""


def test_global_array_is_combined_as_a_whole() -> None:
    """LLVM 19 shares a section of it where `omp for` is inside `omp parallel`."""
    update = update_of(
        """static double h[4][8]; void f(int n, const int *restrict k) {
        for (int i = 0; i < n; i++) h[k[i] % 4][k[i] % 8] += 1; }"""
    )

    assert update.section == "h"


def test_greatest_values_need_a_known_length() -> None:
    """A maximum has no atomic form that all compilers know."""
    update = update_of(
        """static int h[8]; void f(int n, const int *restrict k) {
        for (int i = 0; i < n; i++) if (k[i] > h[i % 8]) { h[i % 8] = k[i]; } }"""
    )

    assert (update.op, update.section) == ("max", "h")
    assert not update.can_be_atomic
    assert not update.is_atomic_better


@pytest.mark.parametrize(
    "text",
    [
        "if (k[i] < h[i % 8]) h[i % 8] = k[i];",
        "if (h[i % 8] > k[i]) h[i % 8] = k[i];",
    ],
)
def test_least_values_are_found_in_both_orders(text: str) -> None:
    """The comparison may name the element first."""
    update = update_of(
        f"""static int h[8]; void f(int n, const int *restrict k) {{
        for (int i = 0; i < n; i++) {text} }}"""
    )

    assert update.op == "min"


@pytest.mark.parametrize(
    "text",
    [
        "if (k[i] > h[i % 8]) h[i % 8] = k[i] + 1;",
        "if (k[i] == h[i % 8]) h[i % 8] = k[i];",
        "if (k[i] > h[i % 8]) { h[i % 8] = k[i]; last = i; }",
        "if (k[i] > h[i % 8]) h[(i + 1) % 8] = k[i];",
        "if (k[i] > h[i % 8]) h[i % 8] += k[i];",
        "if (k[i]) h[i % 8] = k[i];",
    ],
)
def test_other_conditional_assignments_are_no_extremes(text: str) -> None:
    """What is assigned must be what is compared."""
    verdict = first_verdict(
        f"""static int h[8]; int f(int n, const int *restrict k) {{ int last = 0;
        for (int i = 0; i < n; i++) {{ {text} }} return last; }}"""
    )

    assert verdict.status is Status.REFUSED


def test_members_are_updated_atomically() -> None:
    """Each operator is an update of its own; a record has no section."""
    verdict = first_verdict(
        HEAD
        + """void f(int n, struct s *restrict g, double *restrict x) {
        for (int i = 0; i < n; i++) { g->sum += x[i]; g->h[i % 4] *= x[i]; } }"""
    )

    assert [(u.name, u.op, u.section) for u in verdict.updates] == [
        ("g", "+", ""),
        ("g", "*", ""),
    ]


def test_real_numbers_need_consent_to_rounding() -> None:
    """As for a scalar sum."""
    verdict = first_verdict(
        """void f(int n, const int *restrict k, double *restrict h) {
        for (int i = 0; i < n; i++) h[k[i]] += 0.5; }"""
    )

    assert [each.text for each in verdict.decisions] == [
        "h may differ in the last digits"
    ]
    assert "IPT111" in {each.code for each in verdict.findings}


@pytest.mark.parametrize(
    "text",
    [
        "s->lo += i; s->hi += 1;",
        "u[k[i]].i += 1; u[i].f = 2;",
        "b[k[i]] += 1;",
    ],
)
def test_words_that_are_shared_by_parts_are_refused(text: str) -> None:
    """An update of one part would write the others, too."""
    verdict = first_verdict(
        HEAD
        + f"""void f(int n, const int *restrict k, struct s *restrict s,
                 union u *restrict u, _Bool *restrict b) {{
        for (int i = 0; i < n; i++) {{ {text} }} }}"""
    )

    assert verdict.status is Status.REFUSED


def test_update_that_a_macro_makes_cannot_be_atomic() -> None:
    """A directive cannot go into the macro; a reduction can be all around."""
    macro = "#define COUNT(x) do { x++; } while (0)\n"
    loop = "for (int i = 0; i < n; i++) { COUNT(h[k[i]]); } }"
    refused = first_verdict(
        macro + "void f(int n, const int *restrict k, int *restrict h) {\n" + loop
    )
    reduced = first_verdict(
        macro + "static int h[9]; void f(int n, const int *restrict k) {\n" + loop
    )

    assert [each.code for each in refused.refusals] == ["IPT315"]
    assert reduced.updates[0].section == "h"
    assert not reduced.updates[0].can_be_atomic


def test_array_that_a_pointer_may_reach_is_asked_about() -> None:
    """Another name for the histogram would see its parts."""
    verdict = first_verdict(
        """void f(int n, const int *k, int *h) {
        for (int i = 0; i < n; i++) h[k[i]]++; }"""
    )

    assert verdict.status is Status.NEEDS_DECISION
    assert [each.kind.value for each in verdict.decisions] == ["distinct"]


@pytest.mark.parametrize(
    "form", ["h[k[i]] /= i + 1.5", "h[k[i]] = h[k[i]] / (i + 1.5)"]
)
def test_quotients_are_made_one_at_a_time(form: str) -> None:
    """OpenMP has no reduction for them, whatever is known of the array."""
    verdict = first_verdict(
        f"""void f(int n, const int *restrict k) {{ double h[8];
        for (int i = 0; i < n; i++) {form}; }}"""
    )
    (update,) = verdict.updates

    assert (update.op, update.section, update.can_be_atomic) == ("/", "", True)
    assert [each.kind.value for each in verdict.decisions] == ["rounding"]


def test_quotient_the_other_way_round_is_refused() -> None:
    """The order of such statements shows."""
    verdict = first_verdict(
        """void f(int n, const int *restrict k) { double h[8];
        for (int i = 0; i < n; i++) h[k[i]] = (i + 1.5) / h[k[i]]; }"""
    )

    assert verdict.status is Status.REFUSED


def test_way_out_names_one_operator() -> None:
    """An update with two of them stands in the loop itself already."""
    verdict = first_verdict(
        """void f(int n, const int *restrict k, double *restrict h) {
        for (int i = 0; i < n; i++) { h[k[i]] += 1; h[k[i]] *= 2; } }"""
    )

    assert any("one operator" in each.way_out for each in verdict.refusals)

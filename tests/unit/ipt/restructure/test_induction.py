"""Variables that are computed from the loop counters."""

from __future__ import annotations

import pytest

from ipt.restructure.induction_search import inductions
from ipt.source import apply_edits
from tests.unit.ipt.restructure.rewriting import new_text, refusal, study_of


def rewritten(text: str) -> str:
    """Return the program with the first induction variable replaced."""
    study, _, _ = study_of(text)
    (found,) = inductions(study)
    return apply_edits(study.text.source, found.edits()).decode()


def test_nested_count_becomes_row_and_column() -> None:
    """A flat index that both loops move on is computed from both counters."""
    text = """
        void f(int n, int m, double *restrict a, double *restrict b) {
            int k = 0;
            for (int i = 0; i < n; i++)
                for (int j = 0; j < m; j++)
                    a[k++] = b[j] + i;
        }"""

    assert "a[i * m + j] = b[j] + i;" in new_text(text, "induction")


FORMS = {
    "k = 0;|i = 0; i < n; i++|a[k] = 1; k++;": "a[i] = 1;",
    "k = 0;|i = 0; i < n; i++|a[k] = 1; k += 3;": "a[3 * i] = 1;",
    "k = 5;|i = 0; i < n; i++|a[k] = 1; k = k + 3;": "a[5 + 3 * i] = 1;",
    "k = 5;|i = 2; i < n; i++|a[k] = 1; k = 3 + k;": "a[5 + 3 * (i - 2)] = 1;",
    "k = 0;|i = 0; i < n; i++|k -= 2; a[9 - k] = 1;": "a[9 - (-(2 * i) - 2)] = 1;",
    "k = 0;|i = 0; i < n; i++|a[++k] = 1;": "a[i + 1] = 1;",
    "k = p;|i = 0; i < n; i++|a[k--] = 1;": "a[k - i] = 1;",
    "k = p;|i = n; i >= 1; i--|a[k++] = 1;": "a[k + (n - i)] = 1;",
    "k = p;|i = 3; i < n; i++|a[k++] = k0;": "a[k + (i - 3)] = k0;",
    "l = 0;|i = 0; i < n; i++|a[l] = l * l; l++;": "a[(long)i] = (long)i * (long)i;",
    "l = 0;|i = 0; i < n; i++|a[l] = 1; l += 2;": "a[2l * i] = 1;",
    "u = 0;|i = 0; i < n; i++|a[u] = 1; u += 2;": "a[2u * i] = 1;",
    "u = p;|i = 0; i < n; i++|a[u] = 1; u -= 2;": "a[u - 2u * i] = 1;",
}


@pytest.mark.parametrize("case", FORMS)
def test_formula_has_the_value_and_the_type_of_the_variable(case: str) -> None:
    """Each form of update and header has its formula."""
    start, header, body = case.split("|")

    found = rewritten(
        "void f(int n, int p, int k0, double *a) {\nint k; long l; unsigned u;\n"
        f"{start}\nfor (int {header}) {{\n{body}\n}}\n}}"
    )

    assert FORMS[case] in " ".join(found.split())


def test_nested_count_that_falls_is_one_difference() -> None:
    """The sum of both counters is subtracted as a whole."""
    found = rewritten(
        "void f(int n, double *a) {\nint k = -1;\nfor (int i = 0; i < n; i++)\n"
        "for (int j = 1; j < 9; j++) {\na[-k] = 1;\nk--;\n}\n}"
    )

    assert "a[-(-1 - (i * 8 + (j - 1)))] = 1;" in found


FINALS = {
    "i = 0; i < n; i++": "if (0 < n) k += 2 * n;",
    "i = 3; i <= n; i++": "if (3 <= n) k += 2 * (n - 2);",
    "i = n; i > 1; i--": "if (n > 1) k += 2 * (n - 1);",
    "i = 0; i < 500; i++": "if (0 < 500) k += 2 * 500;",
}


@pytest.mark.parametrize("header", FINALS)
def test_value_after_the_loop_is_kept(header: str) -> None:
    """A line behind the loop gives the variable what it would have held."""
    found = rewritten(
        f"int f(int n, double *a) {{\nint k = 0;\nfor (int {header}) {{\n"
        "a[k] = 1;\nk += 2;\n}\nreturn k;\n}"
    )

    assert FINALS[header] in " ".join(found.split())
    assert "k += 2;\n}" not in found


REFUSED = {
    "a start that is not known": "for (int i = 0; i < n; i++) { a[k] = 1; k += 2; }",
    "a second assignment": "k = 0; for (int i = 0; i < n; i++) { a[k] = 1; k++; k++; }",
    "a small type": "for (int i = 0; i < n; i++) { a[c] = 1; c++; }",
    "a wider counter": "k = 0; for (long i = 0; i < n; i++) { a[k] = 1; k++; }",
    "an unsigned counter": "k = 0; for (unsigned i = 0; i < 9; i++) { a[k] = 1; k++; }",
    "a large step": "k = 0; for (int i = 0; i < n; i += 2) { a[k] = 1; k++; }",
    "a negative count": "k = 0; for (int i = -2; i < n; i++) { a[k] = 1; k++; }",
    "an unknown first value": "k = 0; for (int i = p; i < n; i++) { a[k] = 1; k++; }",
    "a jump": "k = 0; for (int i = 0; i < n; i++) { if (a[k] > 0) continue; k++; }",
    "an inner loop that counts down": (
        "k = 0; for (int i = 0; i < n; i++) for (int j = n; j > 0; j--) a[k++] = 1;"
    ),
    "a use outside of the inner loop": (
        "k = 0; for (int i = 0; i < n; i++) { a[k] = 2; "
        "for (int j = 0; j < n; j++) a[k++] = 1; }"
    ),
    "a use in a macro": "k = 0; for (int i = 0; i < n; i++) { a[ID(k)] = 1; k++; }",
    "an update in a macro": "k = 0; for (int i = 0; i < n; i++) { a[k] = 1; BUMP; }",
    "an if around it": "k = 0; if (n)\nfor (int i = 0; i < n; i++) { a[k] = 1; k++; }",
    "a global": "g = 0; for (int i = 0; i < n; i++) { a[g] = 1; g++; }",
}


@pytest.mark.parametrize("case", REFUSED)
def test_formula_is_refused(case: str) -> None:
    """Where a part could overflow, or a use cannot be replaced, nothing is done."""
    text = REFUSED[case].replace("; for", ";\nfor")
    study, _, _ = study_of(
        "#define ID(x) x\n#define BUMP k++\nint g;\n"
        f"void f(int n, int k, int p, signed char c, double *a) {{\n{text}\n}}"
    )
    found = inductions(study)

    assert found
    assert {refusal(each)[0] for each in found} == {"IPT342"}


OTHER = {
    "under a condition": "if (a[i] > 0) k++;",
    "behind &&": "a[i] > 0 && k++;",
    "in a conditional": "a[i] = n ? k++ : 0;",
    "by an unknown amount": "k += n;",
    "in a while": "while (a[i] > 0) k++;",
    "by a product": "k = k * 2;",
    "from another one": "k = n - k;",
    "in three loops": "for (int j = 0; j < n; j++) for (int l = 0; l < n; l++) k++;",
    "in a loop that cannot be counted": "for (int j = 0; a[j] > 0; j++) k++;",
}


@pytest.mark.parametrize("case", OTHER)
def test_other_updates_are_no_induction(case: str) -> None:
    """Only what every iteration adds once is replaced."""
    study, _, _ = study_of(
        "void f(int n, double *a) {\nint k = 0;\nfor (int i = 0; i < n; i++) {\n"
        f"{OTHER[case]}\n}}\na[0] = k;\n}}"
    )

    assert inductions(study) == []


def test_start_behind_other_statements_is_known() -> None:
    """The last assignment before the loop counts, if nothing else changes it."""
    lines = "k = 4;\na[0] = 1;\nint z = 3;"
    for between, formula in (("", "a[4 + 2 * i]"), ("if (n) k = 3;", "")):
        study, _, _ = study_of(
            f"void f(int n, int k, double *a) {{\n{lines}\n{between}\n"
            "for (int i = 0; i < n; i++) {\na[k] = z;\nk += 2;\n}\n}"
        )
        (found,) = inductions(study)

        assert (found.start == 4) == bool(formula)

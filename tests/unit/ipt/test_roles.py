"""The role of each variable, and the advice."""

from __future__ import annotations

import pytest

from ipt.analysis import Reduction, Status
from ipt.testing import first_verdict, program_of, verdicts_of

LOOP = "for (int i = 0; i < n; i++)\n a[i] = i;"


def test_last_value_is_kept_where_the_loop_is_known_to_run() -> None:
    """Counter and temporary become lastprivate if every iteration sets them."""
    verdict = first_verdict("""double f(double *a) {
          int i;
          double t;
          for (i = 0; i < 10; i++) {
            t = a[i];
            a[i] = 2 * t;
          }
          return t + i;
        }""")

    assert tuple(sorted(verdict.lastprivate)) == ("i", "t")
    assert verdict.status == Status.PARALLEL


def test_value_set_again_before_its_next_use_is_private() -> None:
    """A temporary that every path sets again needs no lastprivate."""
    verdict = first_verdict("""double f(int n, double *a) {
          double t, s = 0;
          int i;
          while (s < 10) {
            for (i = 0; i < n; i++) {
              t = a[i];
              a[i] = 2 * t;
            }
            t = 1;
            i = 0;
            s = s + t + i;
          }
          return s;
        }""")

    assert verdict.private == ("t",)
    assert verdict.status == Status.PARALLEL


PRIVATE = {
    "set in both branches": "if (c) t = 1; else t = 2; a[i] = t;",
    "set by do": "do { t = i; } while (a[i] > t); a[i] = t;",
    "set in front of a switch": "t = 0; switch (c) { case 1: t = 2; } a[i] = t;",
    "set in the loop's header": "for (t = 0; t < 3; t++) a[i] += t;",
    "set behind a continue": "if (c) continue; t = i; a[i] = t;",
    "set in a condition": "if ((t = a[i]) > 3) a[i] = t;",
    "set by a chain": "a[i] = t = i;",
}


@pytest.mark.parametrize("case", PRIVATE)
def test_variable_is_private_if_each_iteration_sets_it_first(case: str) -> None:
    """On every way the variable is set before it is read."""
    verdict = first_verdict(
        "void f(int n, int c, int *a) {\n int t = 0;\n"
        f"for (int i = 0; i < n; i++) {{ {PRIVATE[case]} }}\n}}"
    )

    assert verdict.private == ("t",), verdict.findings


CARRIED = {
    "set in one branch": "if (c) t = 1; a[i] = t;",
    "set by a loop that may not run": "for (int j = 0; j < c; j++) t = j; a[i] = t;",
    "set by while": "while (a[i] > 0) { t = 1; a[i] = 0; } a[i] = t;",
    "set in a switch": "switch (c) { case 1: t = 1; break; default: t = 2; } a[i] = t;",
    "set behind &&": "if (c && (t = i)) a[i] = 1; a[i] = t;",
    "set behind ?:": "c ? (t = 1) : 0; a[i] = t;",
    "set behind its use": "a[i] = t; t = i;",
    "read by its own update": "t = t * 2 + 1; a[i] = t;",
    "set by do behind a break": "do { if (c) break; t = 1; } while (0); a[i] = t;",
}


@pytest.mark.parametrize("case", CARRIED)
def test_variable_is_carried_if_an_iteration_may_read_it_first(case: str) -> None:
    """One way on which it is not set is enough."""
    verdict = first_verdict(
        "void f(int n, int c, int *a) {\n int t = 0;\n"
        f"for (int i = 0; i < n; i++) {{ {CARRIED[case]} }}\n}}"
    )

    assert verdict.status is Status.REFUSED
    assert {"IPT303"} == {each.code for each in verdict.refusals}


LIVE = {
    "read next": "c = t;",
    "read in a branch": "if (c) c = t;",
    "read behind a branch that sets it": "if (c) t = 0; c = t;",
    "read in the next turn": "}",
    "read behind a label": "again: c = t; if (c > 5) goto again;",
    "read in a return": "return t;",
    "set behind a break": "if (c) break; t = 0; } c = t;",
    "set behind a continue": "if (c) continue; t = 0; } c = t;",
}


@pytest.mark.parametrize("case", LIVE)
def test_value_that_may_be_read_afterwards_is_not_private(case: str) -> None:
    """Any way from the loop's end to a read counts."""
    tail = LIVE[case]
    head = ""
    if "}" in tail:
        head = "for (int s = 0; s < 9; s++) {" + (" c += t;" if tail == "}" else "")
    verdict = verdicts_of(
        program_of(
            f"int f(int n, int c, int *a) {{\n int t = 0; {head}\n"
            "for (int i = 0; i < n; i++) { t = i; a[i] = t; }\n"
            f"{tail} return c; }}"
        )
    )[-1]

    assert {"IPT312"} == {each.code for each in verdict.refusals}, verdict.findings


@pytest.mark.parametrize(
    ("around", "inner", "kept"),
    [
        ("for (int i = n; i > 0; i--)", "for (int j = 0; j < n; j += 3)", ("t",)),
        ("for (int i = 0; i <= 5; i++)", "for (int j = 0; j < i + 1; j++)", ("t",)),
        ("for (int i = 1; i < n; i++)", "for (int j = i; j > 0; j--)", ("t",)),
        ("if (n > 2)", "for (int j = 1; j < n - 1; j++)", ("t",)),
        ("if (n > 1)", "for (int j = 1; j < n - 1; j++)", ()),
        ("for (int i = 0; i < n; i++)", "for (int j = 0; j < i; j++)", ()),
        ("for (int i = 0; i < n; i++)", "for (int j = 0; j < c; j++)", ()),
        ("for (int i = 0; i < n; i++, n--)", "for (int j = 0; j < n; j++)", ()),
        ("for (int i = 0; i < n; i++)", "for (int j = 0; j < n * c; j++)", ()),
    ],
)
def test_what_holds_around_a_loop_tells_that_it_runs(
    around: str, inner: str, kept: tuple[str, ...]
) -> None:
    """The last value is kept where the loop is known to run at least once."""
    program = program_of(
        f"int f(int n, int c, int *a) {{ int t = 0;\n{around}\n"
        f"{{\n{inner}\n{{ t = j; a[j] = t; }} }}\nreturn t; }}"
    )
    verdict = verdicts_of(program)[-1]

    assert verdict.lastprivate == kept, verdict.findings
    assert {each.code for each in verdict.refusals} == (set() if kept else {"IPT312"})


def test_static_table_inside_the_loop_has_no_role() -> None:
    """A name that is declared inside cannot be in the directive's lists."""
    verdict = first_verdict("""void f(int n, int *a) {
          for (int i = 0; i < n; i++) {
            static const int weight[3] = {1, 2, 3};
            a[i] = weight[i % 3];
          }
        }""")

    assert verdict.status is Status.PARALLEL
    assert verdict.shared == ("n", "a")


def test_every_variable_has_one_role() -> None:
    """Shared, private and reduction variables are listed, locals are not."""
    verdict = first_verdict("""double f(const int n, double (*a)[10], double c) {
          double s = 0, t;
          int i, j;
          static double k = 2;
          for (i = 0; i < n; i++) {
            double u = c;
            for (j = 0; j < 10; j++) {
              t = a[i][j];
              s += t * u * k;
            }
          }
          return s;
        }""")

    assert {"n", "c", "a", "k"} == set(verdict.shared)
    assert {"j", "t"} == set(verdict.private)
    assert (Reduction("+", "s"),) == verdict.reductions


def test_calls_in_the_file_show_that_pointers_are_distinct() -> None:
    """A static function's parameters are distinct if all its calls say so."""
    text = """
        void *malloc(unsigned long);
        double g[50];
        static void copy(int n, double *a, double *b) {
          for (int i = 0; i < n; i++)
            a[i] = b[i];
        }
        int main(void) {
          double *u = malloc(80), *v = malloc(80);
          copy(10, u, v);
          copy(10, g, u);
          %s
          return 0;
        }"""
    good = verdicts_of(program_of(text % ""))[0]
    bad = verdicts_of(program_of(text % "copy(5, u, u + 5);"))[0]

    assert good.status == Status.PARALLEL
    assert "IPT105" in {each.code for each in good.findings}
    assert bad.status == Status.NEEDS_DECISION


def test_advice_names_the_schedule_for_uneven_work() -> None:
    """A triangular loop is shared out in portions."""
    verdict = first_verdict("""void f(int n, double a[][100]) {
          for (int i = 0; i < n; i++)
            for (int j = 0; j < i; j++)
              a[i][j] = j;
        }""")

    assert verdict.schedule == "dynamic,16"
    assert "IPT107" in {each.code for each in verdict.findings}


def test_rows_of_a_sparse_matrix_are_fetched_in_large_portions() -> None:
    """Their lengths come from a list; often they are short."""
    verdict = first_verdict("""void f(int n, const int *start, double *y) {
          for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int k = start[i]; k < start[i + 1]; k++)
              sum += k;
            y[i] = sum;
          }
        }""")

    assert verdict.schedule == "guided,16"


def test_loop_that_updates_one_element_is_not_recommended() -> None:
    """Threads would wait for each other; an update of other elements is worth it."""
    text = """void f(int n, int i, double *x, const double *restrict a,
                     const int *restrict k) {
          for (int j = 0; j < n; j++)
            x[%s] -= a[j];
        }"""

    contended = first_verdict(text % "i + 1")
    spread = first_verdict(text % "k[j]")

    assert not contended.is_recommended
    assert "IPT108" in {each.code for each in contended.findings}
    assert spread.is_recommended


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("for (int i = 0; i < 8; i++)\n a[i] = i;", "IPT106"),
        ("for (int i = 10; i >= 1; i--)\n a[i] = i;", "IPT106"),
        ("for (int x = 0; x < n; x++) for (int y = 0; y < n; y++)\n" + LOOP, "IPT110"),
    ],
)
def test_small_loops_are_not_recommended(text: str, code: str) -> None:
    """A loop that cannot gain is offered with the default no."""
    program = program_of(f"void f(int n, double *a) {{\n{text}\n}}")
    verdict = verdicts_of(program)[-1]

    assert not verdict.is_recommended
    assert code in {each.code for each in verdict.findings}

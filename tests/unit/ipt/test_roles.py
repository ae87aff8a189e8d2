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

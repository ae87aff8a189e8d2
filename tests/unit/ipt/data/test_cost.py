"""The cost model, and what follows from it."""

from __future__ import annotations

import pytest

from ipt.analysis import Analyzer, Assumption, AssumptionKind
from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.cost import START, cost_of, trip_count
from ipt.model import For
from ipt.testing import first_verdict, program_of

HEAD = """double sin(double); int rand(void);
static double sum(int n, const double *x) {
  double s = 0; for (int k = 0; k < 10; k++) s += x[k]; return s; }
static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
"""

COSTS = {
    "a[i] = 1;": (2, True),
    "a[i] = a[i + 1] + 2;": (6, True),
    "a[i] /= 3;": (12, True),
    "a[i] += i % 3;": (13, True),
    "*p = 1;": (2, True),
    "s->x = 1;": (2, True),
    "a[i] = sin(i);": (22, True),
    "a[i] = sum(n, b);": (62, True),
    "a[i] = fib(i);": (101, False),
    "for (int j = 0; j < 10; j++) a[j] = i;": (40, True),
    "for (int j = 0; j < n; j++) a[j] = i;": (400, False),
    "while (n > 0) n--;": (300, False),
    "if (i > 3) a[i] = 1; else a[i] = b[i];": (6, True),
    "if (i > 3) a[i] = 1;": (4, True),
    "a[i] = i > 3 ? b[i] : 0;": (6, True),
}


@pytest.mark.parametrize("body", COSTS)
def test_operations_are_counted_as_documented(body: str) -> None:
    """The figures are those of docs/ipt/cost-model.md."""
    program = program_of(
        HEAD
        + f"""struct s {{ double x; }};
        void f(int n, double *a, double *b, double *p, struct s *s) {{
        for (int i = 0; i < n; i++) {{ {body} }} }}"""
    )
    function = program.functions[-1]
    loop = Analyzer(program).loops(function)[0]
    cost = cost_of(loop.body, program)

    operations, is_known = COSTS[body]
    assert cost.is_known == is_known
    if "fib" not in body:
        assert cost.operations == operations


@pytest.mark.parametrize(
    ("header", "trips"),
    [
        ("i = 0; i < 10; i++", 10),
        ("i = 0; i <= 10; i += 3", 4),
        ("i = 9; i >= 0; i--", 10),
        ("i = 9; i > -2; i -= 4", 3),
        ("i = 5; i < 3; i++", 0),
        ("i = 0; i < 2 * 8 - 1; i++", 15),
        ("i = 0; i < n; i++", None),
        ("i = 0; i < 10; i += n", None),
    ],
)
def test_iterations_are_counted(header: str, trips: int | None) -> None:
    """Where start, end and step are constant."""
    program = program_of(f"void f(int n) {{ int i; for ({header}) ; }}")
    loop = Analyzer(program).loops(program.functions[0])[0]
    counted = counted_loop(loop)
    assert isinstance(counted, CountedLoop)

    assert trip_count(counted) == trips


@pytest.mark.parametrize(
    ("loop", "condition"),
    [
        ("for (int i = 0; i < n; i++) a[i] = 1;", "n > 1000"),
        ("for (int i = 1; i <= n; i += 2) a[i] = 1;", "n > 2000"),
        ("for (int i = 0; i < n; i++) a[i] = sin(i) + sin(a[i]);", "n > 100"),
        ("for (int i = n; i > 0; i--) a[i] = 1;", ""),
        ("for (int i = 0; i < n + m; i++) a[i] = 1;", ""),
        ("for (int i = m; i < n; i++) a[i] = 1;", ""),
        ("for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) a[i] += j;", ""),
        ("for (int i = 0; i < 5000; i++) a[i] = 1;", ""),
    ],
)
def test_condition_tells_how_many_iterations_pay(loop: str, condition: str) -> None:
    """It is a plain test of the bound, or none."""
    verdict = first_verdict(HEAD + f"void f(int n, int m, double *a) {{\n{loop} }}")

    assert verdict.condition == condition


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        (f"for (int i = 0; i < {START // 2}; i++) a[i] = 1;", True),
        (f"for (int i = 0; i < {START // 2 - 1}; i++) a[i] = 1;", False),
        ("for (int i = 0; i < 3; i++) for (int j = 0; j < n; j++) b[i][j] = 1;", False),
        ("for (int i = 0; i < 4; i++) for (int j = 0; j < n; j++) b[i][j] = 1;", True),
        ("for (int i = 0; i < 8; i++) for (int j = 0; j < 9; j++) b[i][j] = 1;", False),
    ],
)
def test_small_loop_is_not_recommended(loop: str, expected: bool) -> None:  # noqa: FBT001 - a table
    """The start of a team costs more than it saves."""
    verdict = first_verdict(f"void f(int n, double *a, double b[][99]) {{\n{loop} }}")

    assert verdict.is_recommended == expected
    assert ("IPT106" in {each.code for each in verdict.findings}) != expected


@pytest.mark.parametrize(
    ("bound", "schedule"),
    [
        ("n", "dynamic,16"),
        ("5000", "dynamic,16"),
        ("640", "dynamic,10"),
        ("9", "dynamic,1"),
    ],
)
def test_portions_of_uneven_work_are_small_enough(bound: str, schedule: str) -> None:
    """There are enough of them to even out."""
    verdict = first_verdict(
        f"""void f(int n, double a[][5000]) {{
        for (int i = 0; i < {bound}; i++)
          for (int j = 0; j < i; j++) a[i][j] = 1; }}"""
    )

    assert verdict.schedule == schedule


@pytest.mark.parametrize(
    ("header", "schedule"),
    [
        ("j = 1 + (i + half) % 2; j < n - 1; j += 2", ""),
        ("j = 1 + (i & 1); j < n - 1; j += 2", ""),
        ("j = 0; j < n - i % 2; j++", ""),
        ("j = half; j < n; j++", ""),
        ("j = i % 2; j < n - i % 2; j++", "dynamic,16"),
        ("j = i % 100; j < n; j++", "dynamic,16"),
        ("j = i % half; j < n; j += 2", "dynamic,16"),
        ("j = 1 + i / 2; j < n; j += 2", "dynamic,16"),
        ("j = i - 1; j < n; j += 2", "dynamic,16"),
        ("j = 0; j < start[i]; j += 2", "guided,16"),
    ],
)
def test_one_iteration_more_or_less_is_even_work(header: str, schedule: str) -> None:
    """Red and black points need no portions, other than triangles."""
    verdict = first_verdict(
        f"""void f(int n, int half, const int *start, double a[][5000]) {{
        for (int i = 0; i < n; i++)
          for (int {header}) a[i][j] = 1; }}"""
    )

    assert verdict.schedule == schedule


COLLAPSE = {
    "for (int i = 0; i < 4; i++) for (j = 0; j < n; j++) a[i][j] = 1;": 2,
    "for (int i = 0; i < 4; i++) { for (j = 0; j < n; j++) { a[i][j] = 1; } }": 2,
    "for (int i = 0; i < n; i++) for (j = 0; j < n; j++) a[i][j] = 1;": 1,
    "for (int i = 0; i < 64; i++) for (j = 0; j < n; j++) a[i][j] = 1;": 1,
    "for (int i = 0; i < 4; i++) for (j = 0; j < i; j++) a[i][j] = 1;": 1,
    "for (int i = 0; i < 4; i++) for (j = 0; j < k[i]; j++) a[i][j] = 1;": 1,
    "for (int i = 0; i < 4; i++) for (j = 0; j < s->m; j++) a[i][j] = 1;": 1,
    "for (int i = 0; i < 4; i++) { k[i] = 1; for (j = 0; j < n; j++) a[i][j] = 1; }": 1,
    "for (int i = 0; i < 4; i++) for (j = 1; j < n; j++) a[i][j] = a[i][j - 1];": 1,
    "for (int i = 0; i < 4; i++) for (j = 0; a[i][j] < n; j++) a[i][j] = 1;": 1,
    "for (int i = 0; i < 4; i++) for (g = 0; g < 9; g++) a[i][g] = 1;": 1,
    "for (int i = 0; i < 4; i++) for (j = 0; j < n; j++) a[i][j] += 1; n = j;": 1,
}


@pytest.mark.parametrize("loop", COLLAPSE)
def test_loops_are_collapsed_where_it_is_right_and_pays(loop: str) -> None:
    """Rectangular nests of independent iterations, with few in the outer loop."""
    verdict = first_verdict(
        f"""struct s {{ int m; }}; static int g;
        void f(int n, double a[restrict][500], int *restrict k, struct s *restrict s) {{
        int j;
        {loop.replace("for", chr(10) + "for")} k[0] = g; }}"""
    )

    assert verdict.collapse == COLLAPSE[loop]


VECTOR = {
    "b[j] = c[j + 1] + i;": ("#pragma omp simd",),
    "t = c[j]; b[j] = t * t;": ("#pragma omp simd private(t)",),
    "count += k[j];": ("#pragma omp simd reduction(+: count)",),
    "b[j] = sqrt(c[j]);": ("#pragma omp simd",),
    "b[2 * j] = 1;": (),
    "b[n - j] = 1;": (),
    "b[k[j]] = 1;": (),
    "b[j] = b[j - 1];": (),
    "if (c[j] > 0) b[j] = 1;": (),
    "b[j] = sin(c[j]);": (),
    "double v[3]; v[0] = c[j]; b[j] = v[0];": (),
    "n2 = j;": (),
}


@pytest.mark.parametrize("body", VECTOR)
def test_inner_loops_are_vectorized_where_it_is_proved(body: str) -> None:
    """Straight bodies that go through arrays element by element."""
    verdict = first_verdict(
        f"""double sqrt(double); double sin(double);
        void f(int n, double *restrict out, const double *restrict c,
               const int *restrict k, double b0[][100]) {{
        for (int i = 0; i < n; i++) {{
          double *b = b0[i]; double t; int count = 0, n2;
          for (int j = 1; j < 100; j++) {{ {body} }}
          out[i] = count; }} }}"""
    )

    if verdict.refusals:
        assert VECTOR[body] == ()
        return
    assert tuple(each.directive for each in verdict.simd) == VECTOR[body]


def test_real_sums_are_vectorized_only_with_consent() -> None:
    """They round in another order, too."""
    text = """void f(int n, double *restrict out, double a[][100]) { double s;
    for (int i = 0; i < n; i++) { s = 0;
      for (int j = 0; j < 100; j++) s += a[i][j];
      out[i] = s; } }"""
    program = program_of(text)
    analyzer = Analyzer(program)
    function = program.functions[0]
    loop = analyzer.loops(function)[0]
    consent = Assumption(AssumptionKind.ROUNDING, ("s",))

    assert analyzer.analyze(function, loop).simd == ()
    assert analyzer.analyze(function, loop, [consent]).simd[0].clauses == (
        "reduction(+: s)",
    )
    assert isinstance(analyzer.analyze(function, loop, [consent]).simd[0].loop, For)


def test_dear_iterations_are_portions_of_their_own() -> None:
    """The few long searches of a recursive function do not end up on one thread."""
    verdict = first_verdict(
        """static long fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
        void f(int n, long *r) {
        for (int i = 0; i < n; i++)
          r[i] = fib(i); }"""
    )

    assert verdict.schedule == "dynamic,1"

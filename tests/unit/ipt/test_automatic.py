"""What `--auto` chooses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipt.analysis import Analyzer, Assumption, AssumptionKind, Status
from ipt.analysis.regions import find_regions
from ipt.automatic import (
    choose,
    chosen_loops,
    parallel_for,
    parallel_region,
    restructure,
)
from ipt.testing import program_of
from ipt.transform import ParallelFor, ParallelRegion


def lines_of(text: str, *, exact: bool = False, name: str = "test.c") -> list[int]:
    """Return the lines of the loops that are chosen in a program."""
    program = program_of(text, name)
    transforms = choose(program, Analyzer(program), exact=exact)
    return sorted(each.span.line for each in chosen_loops(transforms))


GLOBALS = "enum { N = 9000 }; double a[9000], b[9000][9000]; double s;\n"


def test_outermost_loop_is_taken() -> None:
    """It gives each thread the most work."""
    text = (
        f"{GLOBALS}int main(void) {{\nfor (int i = 0; i < N; i++)\n"
        "for (int j = 0; j < N; j++)\nb[i][j] = i;\n}\n"
    )

    assert lines_of(text) == [3]


def test_inner_loop_is_taken_where_the_outer_one_must_stay_serial() -> None:
    """A time loop around it does not matter."""
    text = (
        f"{GLOBALS}int main(void) {{\nfor (int t = 0; t < 9; t++)\n"
        "for (int i = 0; i < N; i++)\na[i] = a[i] * 0.5 + t;\n}\n"
    )

    assert lines_of(text) == [4]


_WORK = "x[i] + sin(x[i]) * cos(x[i]) * tan(x[i]) * exp(x[i])"
_TIME_LOOP = f"""int main(void) {{
  for (int t = 0; t < 50; t++) {{
    multiply();
    for (int i = 0; i < N; i++)
      x[i] = {_WORK};
    for (int i = 0; i < N; i++)
      y[i] = {_WORK};
  }}
}}
"""
_FIELDS = "#include <math.h>\nenum { N = 900 }; double a[N][N], x[N], y[N];\n"
_PRODUCT = """{
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      y[i] = y[i] + a[i][j] * x[j];
}
"""


@pytest.mark.parametrize(
    "functions",
    [
        f"void multiply(void) {_PRODUCT}",
        f"void rows(void) {_PRODUCT}void multiply(void) {{ rows(); }}\n",
    ],
)
def test_call_with_work_for_all_threads_is_left_to_no_single_thread(
    functions: str,
) -> None:
    """The loop of the function is shared out, and no region is around its call."""
    program = program_of(_FIELDS + functions + _TIME_LOOP, toolchain=None)
    chosen = choose(program, Analyzer(program))

    assert "y[i] = y[i] + a" in chosen_loops(chosen)[-1].span.text
    assert not any(each.span.text.startswith("for (int t") for each in chosen)


def test_call_without_such_work_may_be_done_by_one_thread_of_a_region() -> None:
    """What cannot be shared out is not lost."""
    running = (
        "void multiply(void) { for (int i = 1; i < N; i++) y[i] += y[i - 1] * 0.5; }\n"
    )
    program = program_of(_FIELDS + running + _TIME_LOOP, toolchain=None)
    (region,) = choose(program, Analyzer(program))

    assert isinstance(region, ParallelRegion)
    assert region.span.text.startswith("for (int t")


@pytest.mark.parametrize(
    "body",
    [
        "for (int i = 0; i < 9; i++) a[i] = i;",
        "for (int i = 1; i < N; i++) a[i] = a[i - 1];",
        "for (int i = 0; i < N; i++) if (a[i] > 3) break;",
        "int i = 0; for (i = 0; i < N; i++) a[i] = i;",
    ],
)
def test_what_is_not_worth_it_or_not_proved_is_left(body: str) -> None:
    """Tiny loops, dependences, exits, and loops that share their line."""
    assert lines_of(f"{GLOBALS}int main(void) {{ {body} }}\n") == []


def test_what_only_a_person_can_vouch_for_is_left() -> None:
    """Nobody is asked, so nothing is assumed."""
    text = (
        "void f(double *p, double *q, int n) {\n"
        "for (int i = 0; i < n; i++)\np[i] = q[i];\n}\n"
    )

    assert lines_of(text) == []


def test_exactness_is_a_choice() -> None:
    """Whole numbers can be added in any order; fractions cannot."""
    text = (
        "double a[9000]; int c[9000];\nint main(void) {\ndouble s = 0; long k = 0;\n"
        "for (int i = 0; i < 9000; i++)\ns += a[i];\n"
        "for (int i = 0; i < 9000; i++)\nk += c[i];\nreturn s > k;\n}\n"
    )

    assert lines_of(text) == [4, 6]
    assert lines_of(text, exact=True) == [6]


CALLED = """double a[9000], b[9000];
static double work(int n) {
  double s = 0;
  for (int i = 0; i < 9000; i++)
    s += a[i] * n;
  return s;
}
static double deeper(int n) { return work(n) + 1; }
"""


def test_function_called_in_parallel_work_alone_is_left() -> None:
    """Its callers keep all threads busy; through other functions too."""
    text = (
        f"{CALLED}int main(void) {{\n"
        "for (int i = 0; i < 9000; i++)\nb[i] = deeper(i);\n}\n"
    )

    assert lines_of(text) == [10]


def test_function_called_elsewhere_too_is_taken() -> None:
    """There its loop has all threads to itself."""
    text = (
        f"{CALLED}int main(void) {{\n"
        "for (int i = 0; i < 9000; i++)\nb[i] = deeper(i);\nreturn work(3) > 1;\n}\n"
    )

    assert lines_of(text) == [4, 10]


def test_function_that_other_files_may_call_is_taken() -> None:
    """Not all its callers are known."""
    text = (
        f"{CALLED.replace('static ', '')}void run(void) {{\n"
        "for (int i = 0; i < 9000; i++)\nb[i] = work(i);\n}\n"
    )

    assert lines_of(text) == [4, 10]


def test_function_that_calls_itself_is_taken() -> None:
    """A circle of calls ends the search for callers."""
    text = (
        "double a[9000];\nvoid f(int n);\nvoid g(int n) { if (n) f(n - 1); }\n"
        "void f(int n) {\nfor (int i = 0; i < 9000; i++)\na[i] = n;\ng(n);\n}\n"
        "int main(void) { f(3); }\n"
    )

    assert lines_of(text) == [5]


def test_loop_that_cannot_be_marked_is_left() -> None:
    """A directive needs a line of its own."""
    text = (
        f"{GLOBALS}int main(void) {{ s = 1; for (int i = 0; i < N; i++) a[i] = i; }}\n"
    )

    assert lines_of(text) == []


def test_verdict_with_open_questions_gives_no_transform() -> None:
    """Whoever asks for one loop gets the same caution."""
    program = program_of(
        "void f(double *p, double *q, int n) {\n"
        "for (int i = 0; i < n; i++)\np[i] = q[i];\n}\n"
    )
    analyzer = Analyzer(program)
    (function,) = program.functions
    verdict = analyzer.analyze(function, analyzer.loops(function)[0])

    assert parallel_for(analyzer, verdict) is None


def test_chosen_loops_are_those_of_the_transforms() -> None:
    """By identity, for whoever draws the tree."""
    program = program_of(
        f"{GLOBALS}int main(void) {{\nfor (int i = 0; i < N; i++)\na[i] = i;\n}}\n"
    )
    analyzer = Analyzer(program)
    transforms = choose(program, analyzer)

    assert isinstance(transforms[0], ParallelFor)
    assert chosen_loops(transforms) == analyzer.loops(program.functions[0])


RECURRENCE = """double b[9000][9000];
int main(void) {
  for (int i = 1; i < 9000; i++)
    for (int j = 0; j < 9000; j++)
      if (b[i][j] > 0)
        b[i][j] = b[i - 1][j] + j;
  return 0;
}
"""


def test_restructuring_ends_where_nothing_is_gained() -> None:
    """What is free already stays as it is."""
    program = program_of(RECURRENCE.replace("b[i - 1][j]", "1"))

    same, done = restructure(program)

    assert same is program
    assert done == []


TIME_LOOP = """double a[9000], b[9000];
int main(void) {
  double s = 0;
  for (int t = 0; t < 100; t++) {
    for (int i = 1; i < 8999; i++)
      b[i] = a[i - 1] + a[i + 1];
    for (int i = 1; i < 8999; i++)
      a[i] = b[i];
  }
  for (int i = 0; i < 9000; i++)
    s += a[i];
  return s > 0;
}
"""


def directives_of(text: str, *, exact: bool = False) -> list[str]:
    """Return the directives that are chosen, by their first words."""
    program = program_of(text)
    transforms = choose(program, Analyzer(program), exact=exact)
    return [each.directive.partition(" default")[0] for each in transforms]


def test_loops_in_a_time_loop_share_their_threads() -> None:
    """Threads are started once; a sum joins in, unless it must be exact."""
    assert "#pragma omp parallel" in directives_of(TIME_LOOP)
    exact = directives_of(TIME_LOOP, exact=True)
    assert exact != []
    program = program_of(TIME_LOOP)
    transforms = choose(program, Analyzer(program), exact=True)
    assert {each.span.line for each in chosen_loops(transforms)} == {5, 7}


def test_loops_of_a_region_are_chosen_loops() -> None:
    """Whoever draws the tree sees no difference."""
    program = program_of(TIME_LOOP)
    transforms = choose(program, Analyzer(program))

    assert {each.span.line for each in chosen_loops(transforms)} == {5, 7, 10}


def test_region_that_is_not_proved_gives_no_transform() -> None:
    """Nor one that is not worth it, or whose rounding is not accepted."""
    program = program_of(TIME_LOOP)
    analyzer = Analyzer(program)
    (verdict, *_) = find_regions(analyzer, program.functions[0])
    refused = replace(verdict, status=Status.REFUSED)
    useless = replace(verdict, is_recommended=False)
    distinct = Assumption(AssumptionKind.DISTINCT, ("a", "b"))
    asked = replace(verdict, decisions=(distinct,))

    assert parallel_region(analyzer, verdict) is not None
    assert parallel_region(analyzer, refused) is None
    assert parallel_region(analyzer, useless) is None
    assert parallel_region(analyzer, asked) is None


def test_region_that_cannot_be_marked_gives_no_transform() -> None:
    """Its loops are then taken one by one, where they can be."""
    text = TIME_LOOP.replace("  for (int t", "  s = 0; for (int t")

    assert "#pragma omp parallel for" in directives_of(text)

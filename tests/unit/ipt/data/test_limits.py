"""How long a loop can be, as tests and array lengths tell."""

from __future__ import annotations

import pytest

from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.limits import Limits
from ipt.model import For, walk
from ipt.testing import first_verdict, program_of

LOOP = "for (int j = 0; j < n; j++) x[j] = j;"
MAIN = "int main(int argc, char **argv) { double y[99]; %s }"


def most(text: str, name: str = "f") -> int | None:
    """Return the most iterations of the first loop of a function."""
    program = program_of(text)
    function = next(each for each in program.functions if each.name == name)
    loop = next(each for each in walk(function.body) if isinstance(each, For))
    counted = counted_loop(loop)
    assert isinstance(counted, CountedLoop)
    return Limits(program).most_iterations(function, counted)


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (f"if (n > 24) return; {LOOP}", 24),
        (f"if (n < 1 || n >= 24) return; {LOOP}", 23),
        (f"if (n <= 24) {{ {LOOP} }}", 24),
        (f"if (n > 24) return; n *= 9; {LOOP}", None),
        (f"if (m > 24) return; {LOOP}", None),
        (LOOP, None),
        ("if (n > 24) return; for (int j = 4; j <= n; j += 3) x[j] = j;", 7),
        ("if (n > 24) return; for (int j = m; j < n; j++) x[j] = j;", None),
        ("if (n > 24) return; for (int j = n; j > 0; j--) x[j] = j;", None),
        ("double t[8]; for (int j = 0; j < n; j++) t[j] = x[j];", 8),
        ("double t[8][9]; for (int j = 0; j < n; j++) t[j][m] = x[j];", 8),
        ("double t[8][9]; for (int j = 0; j < n; j++) t[m][j] = x[j];", 9),
        ("double t[8]; for (int j = 0; j < n; j++) if (j < 8) t[j] = x[j];", None),
        ("double t[8]; for (int j = 0; j < n; j++) t[j % 8] = x[j];", None),
    ],
)
def test_tests_and_arrays_limit_a_loop(body: str, number: int | None) -> None:
    """What holds around the loop counts, and every array that it goes through."""
    assert most(f"void f(int n, int m, double *x) {{ {body} }}") == number


@pytest.mark.parametrize(
    ("head", "calls", "number"),
    [
        ("static", "if (argc > 9) return 1; f(argc, y); f(20, y);", 20),
        ("", "if (argc > 9) return 1; f(argc, y);", 9),
        ("static", "f(20, y); f(argc, y);", None),
        ("static", "void (*g)(int, double *) = f; g(argc, y); f(2, y);", None),
        ("static", "", None),
    ],
)
def test_callers_limit_a_loop(head: str, calls: str, number: int | None) -> None:
    """The largest value that any call gives counts, if all calls are known."""
    text = f"{head} void f(int n, double *x) {{ {LOOP} }}\n{MAIN % calls}"

    assert most(text) == number


def test_callers_in_another_program_are_not_known() -> None:
    """A function that others can call has no limit."""
    text = f"void f(int n, double *x) {{ {LOOP} }} void g(double *x) {{ f(3, x); }}"

    assert most(text) is None


def test_function_that_calls_itself_ends_the_search() -> None:
    """Its calls are followed so far only."""
    text = "static void f(int n, double *x) {{ {} f(n, x); }} {}"

    assert most(text.format(LOOP, MAIN % "f(3, y);")) is None


def test_a_loop_that_is_always_short_is_not_recommended() -> None:
    """It is left alone, and the reason tells how long it can be."""
    verdict = first_verdict(
        f"void f(int n, double *x) {{ if (n > 24) return; {LOOP} }}"
    )

    assert not verdict.is_recommended
    assert verdict.advice == "at most 24 iterations are too few to gain from threads"

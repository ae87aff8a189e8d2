"""Lines that take the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Talk

PROGRAM = """int a[5000], b[5000];
int f(void) {
  int s = 0;
  for (int i = 0; i < 5000; i++)
    a[i] = i;
  s += a[7];
  for (int i = 0; i < 5000; i++)
    b[i] = i;
  return s;
}
"""


def test_parallel_places_are_timed_by_themselves(talk: Callable[[str], Talk]) -> None:
    """Each is printed with its lines."""
    text = talk(PROGRAM).finish(timing="y")

    assert text.count("omp_get_wtime() - ipt_start); }") == 2
    assert '"ipt: lines 4 to 5 took' in text
    assert "#include <omp.h>\n#include <stdio.h>\n" in text


def test_lines_to_be_timed_can_be_named(talk: Callable[[str], Talk]) -> None:
    """In place of the parallel ones."""
    text = talk(PROGRAM).finish(timing="details", timing__lines__f="4-8")

    assert text.count("ipt_start = ") == 1
    assert '"ipt: lines 4 to 8 took' in text


def test_default_lines_are_the_parallel_ones(talk: Callable[[str], Talk]) -> None:
    """Enter at the details gives what a yes does."""
    assert talk(PROGRAM).finish(timing="y") == talk(PROGRAM).finish(timing="details")


def test_time_need_not_be_printed(talk: Callable[[str], Talk]) -> None:
    """Then it is kept for lines of one's own."""
    text = talk(PROGRAM).finish(
        timing="details", timing__lines__f="6", timing__print="n"
    )

    assert "double ipt_seconds = omp_get_wtime() - ipt_start;" in text
    assert "fprintf" not in text


def test_no_line_is_no_timing(talk: Callable[[str], Talk]) -> None:
    """Then nobody asks whether to print."""
    dialogue = talk(PROGRAM)
    text = dialogue.finish(timing="details", timing__lines__f="none")

    assert "omp_get_wtime" not in text
    assert "timing.print" not in dialogue.ids


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("3-5", "s would not be known behind the lines"),
        ("5-8", "Line 8 is|Line 8 does not end"),
        ("99", "not in f"),
        ("4,x", "neither a line nor a range"),
    ],
)
def test_lines_that_cannot_be_timed_are_refused(
    talk: Callable[[str], Talk], answer: str, reason: str
) -> None:
    """The question stays open."""
    dialogue = talk(PROGRAM)
    dialogue.until("timing.lines.f", timing="details")

    dialogue.refuse(answer, reason)


REGION = """double a[9000], b[9000];
void f(int steps) {
  for (int k = 0; k < steps; k++) {
    for (int i = 1; i < 8999; i++)
      b[i] = a[i - 1] + a[i + 1];
    for (int i = 1; i < 8999; i++)
      a[i] = b[i];
  }
  a[0] = 1;
}
"""


def test_region_is_timed_as_a_whole(talk: Callable[[str], Talk]) -> None:
    """The lines stand outside of it."""
    text = talk(REGION).finish(f__make="region", timing="y")

    lines = [line.strip() for line in text.splitlines()]
    assert lines.index("{ double ipt_start = omp_get_wtime();") < next(
        number
        for number, line in enumerate(lines)
        if line.startswith("#pragma omp parallel")
    )
    assert '"ipt: lines 3 to 8 took' in text


def test_lines_inside_a_region_are_not_timed(talk: Callable[[str], Talk]) -> None:
    """Every thread would print its own time."""
    dialogue = talk(REGION)
    dialogue.until("timing.lines.f", f__make="region", timing="details")

    dialogue.refuse("4-5", "The compiler refuses it")


def test_neighbours_are_timed_one_by_one(talk: Callable[[str], Talk]) -> None:
    """What ends comes before what begins."""
    text = talk(PROGRAM).finish(timing="details", timing__lines__f="4-5,6")

    assert text.count("omp_get_wtime() - ipt_start); }\n  { double ipt_start") == 1

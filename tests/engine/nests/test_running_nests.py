"""Random nests, made parallel, compiled, and run beside the serial ones."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Analyzer
from ipt.automatic import parallel_for
from ipt.model import parents_of
from ipt.outcome import Parallelized, finish
from ipt.testing import build, program_of, run_program, same_output
from ipt.testing.nests import make_nest
from ipt.testing.nests.model import GLOBALS
from ipt.testing.nests.references import SIZE

if TYPE_CHECKING:
    from pathlib import Path

    from ipt.model import For, Program
    from ipt.transform import ParallelFor

SEEDS = range(1000, 1060)
THREADS = (1, 2, 4)
MAIN = """
int printf(const char *, ...);
static double memory[4000];
static void check(const char *name, double (*f)(int, double *), int n) {
  double sum = 0;
  for (int i = 0; i < SIZE; i++) {
    a[i] = i % 7;
    for (int j = 0; j < SIZE; j++) b[i][j] = (i + j) % 5;
  }
  for (int i = 0; i < 4000; i++) memory[i] = i % 3;
  printf("%s %d %.12e", name, n, f(n, memory + 2000));
  for (int i = 0; i < SIZE; i++) {
    sum += a[i] * (i % 11);
    for (int j = 0; j < SIZE; j++) sum += b[i][j] * ((i * 3 + j) % 13);
  }
  for (int i = 0; i < 4000; i++) sum += memory[i] * (i % 17);
  printf(" %.12e\\n", sum);
}
int main(void) {
  for (int n = 0; n < 10; n += 3) {
    CALLS
  }
  return 0;
}
"""


def serial_text() -> str:
    """Return a program that runs all the nests."""
    nests = [make_nest(Random(seed)) for seed in SEEDS]  # noqa: S311 - examples
    names = [f"f{number}" for number in range(len(nests))]
    functions = [nest.function(name) for nest, name in zip(nests, names, strict=True)]
    calls = "\n    ".join(f'check("{name}", {name}, n);' for name in names)
    main = MAIN.replace("CALLS", calls).replace("SIZE", str(SIZE))
    return GLOBALS + "".join(functions) + main


def all_that_is_proved(program: Program) -> list[ParallelFor]:
    """Return the outermost loops that are proved, whether it pays or not."""
    analyzer = Analyzer(program)
    chosen: list[ParallelFor] = []
    for function in program.functions[:-2]:
        taken: list[For] = []
        for loop in analyzer.loops(function):
            if any(parents_of(outer, loop) for outer in taken):
                continue
            transform = parallel_for(analyzer, analyzer.analyze(function, loop))
            if transform is not None:
                taken.append(loop)
                chosen.append(replace(transform, condition=""))
    return chosen


@pytest.mark.needs("gcc")
def test_parallel_nests_compute_what_the_serial_ones_do(tmp_path: Path) -> None:
    """Whatever is called parallel gives the same numbers with 1, 2 and 4 threads."""
    program = program_of(serial_text(), "nests.c")
    chosen = all_that_is_proved(program)
    outcome = finish(program, chosen)
    assert isinstance(outcome, Parallelized)
    (tmp_path / "serial.c").write_text(serial_text())
    (tmp_path / "parallel.c").write_bytes(outcome.files[0].data)

    expected = run_program(build("gcc", [tmp_path / "serial.c"], tmp_path / "serial"))
    parallel = build(
        "gcc", [tmp_path / "parallel.c"], tmp_path / "parallel", ["-fopenmp"]
    )

    assert len(chosen) > len(SEEDS) / 3
    for threads in THREADS:
        found = run_program(parallel, threads=threads)
        pairs = zip(expected.splitlines(), found.splitlines(), strict=True)
        wrong = [pair for pair in pairs if not same_output(*pair, rounded=True)]
        assert not wrong

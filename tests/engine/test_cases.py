"""Whole programs: before, answers, after; then compiled, run and watched.

A folder is a case.  `after` is compared byte for byte.  `arguments`, where it
is there, holds the command line for the runs.
"""

from __future__ import annotations

import io
import math
import os
import subprocess
from pathlib import Path

import pytest

from ipt.cli import Terminal, run
from ipt.dialogue.answers import read_answers

CASES = sorted(Path(__file__).with_name("cases").iterdir())
SAMPLES = Path(__file__).parents[2] / "shared" / "ipt" / "samples"
ARCHER = "/usr/lib/llvm-19/lib/libarcher.so"
SECONDS = 100


@pytest.fixture(name="case", params=CASES, ids=lambda path: path.name)
def _case(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def before(case: Path) -> Path:
    """Return the serial program of a case."""
    return next(case.glob("before.*"))


def after(case: Path) -> Path:
    """Return the expected parallel program of a case."""
    return next(case.glob("after.*"))


def arguments(case: Path) -> list[str]:
    """Return the command line of a case."""
    file = case / "arguments"
    return file.read_text().split() if file.exists() else []


def parallelize(case: Path, target: Path) -> str:
    """Run ipt with the case's answers and return what it printed."""
    terminal = Terminal(io.StringIO(), io.StringIO(), io.StringIO(), {})
    options = ["--answers", str(case / "answers.json"), "-o", str(target)]
    code = run(["parallelize", str(before(case)), *options], terminal)
    assert isinstance(terminal.stdout, io.StringIO)
    assert isinstance(terminal.stderr, io.StringIO)
    assert code == 0, terminal.stderr.getvalue()
    return terminal.stdout.getvalue()


def build(compiler: str, source: Path, target: Path, *options: str) -> None:
    """Compile a program, warnings about directives being errors."""
    command = [compiler, "-O1", "-g", "-Wall", "-Werror=unknown-pragmas", *options]
    done = subprocess.run(
        [*command, str(source), "-o", str(target), "-lm"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def output(program: Path, case: Path, **environ: str) -> str:
    """Run a program and return its standard output."""
    done = subprocess.run(
        [str(program), *arguments(case)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, **environ},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def may_round(case: Path) -> bool:
    """Tell whether the answers allow other last digits."""
    return any(".rounding." in each for each in read_answers(case / "answers.json"))


def same_output(serial: str, parallel: str, *, rounded: bool) -> bool:
    """Compare outputs word by word, numbers with tolerance where allowed."""
    if not rounded:
        return serial == parallel
    pairs = list(zip(serial.split(), parallel.split(), strict=True))
    return all(one == other or _close(one, other) for one, other in pairs)


def _close(one: str, other: str) -> bool:
    return math.isclose(float(one), float(other), rel_tol=1e-7)


def compilers(case: Path) -> tuple[str, str]:
    """Return GNU's and LLVM's compiler for the language of a case."""
    is_cpp = before(case).suffix == ".cc"
    return ("g++", "clang++-19") if is_cpp else ("gcc", "clang-19")


@pytest.mark.needs("gcc")
def test_output_is_as_expected(case: Path, tmp_path: Path) -> None:
    """The parallel program is the expected one, byte for byte."""
    target = tmp_path / after(case).name

    report = parallelize(case, target)

    assert after(case).read_bytes() == target.read_bytes()
    assert f"Written: {target}" in report
    assert "These answers were not needed" not in report


def test_only_lines_were_inserted(case: Path) -> None:
    """Without the inserted lines the parallel program is the serial one."""
    serial = before(case).read_bytes().splitlines(keepends=True)
    parallel = after(case).read_bytes().splitlines(keepends=True)

    rest = iter(parallel)

    assert all(line in rest for line in serial)
    assert len(parallel) > len(serial)


@pytest.mark.needs("gcc")
def test_parallel_program_prints_what_the_serial_one_does(
    case: Path, tmp_path: Path
) -> None:
    """With 1, 2 and 4 threads the output is that of the serial program."""
    gnu, _ = compilers(case)
    build(gnu, before(case), tmp_path / "serial")
    build(gnu, after(case), tmp_path / "parallel", "-fopenmp")

    expected = output(tmp_path / "serial", case)

    for threads in ("1", "2", "4"):
        found = output(tmp_path / "parallel", case, OMP_NUM_THREADS=threads)
        assert same_output(expected, found, rounded=may_round(case)), found


@pytest.mark.needs("clang")
def test_parallel_program_runs_when_built_by_clang(case: Path, tmp_path: Path) -> None:
    """Clang accepts the directives too, and the output is the same."""
    _, llvm = compilers(case)
    build(llvm, before(case), tmp_path / "serial")
    build(llvm, after(case), tmp_path / "parallel", "-fopenmp")

    expected = output(tmp_path / "serial", case)
    found = output(tmp_path / "parallel", case, OMP_NUM_THREADS="3")

    assert same_output(expected, found, rounded=may_round(case)), found


@pytest.mark.needs("tsan")
def test_no_race_is_seen(case: Path, tmp_path: Path) -> None:
    """The race detector finds nothing in the parallel program."""
    _, llvm = compilers(case)
    build(llvm, after(case), tmp_path / "watched", "-fopenmp", "-fsanitize=thread")

    output(
        tmp_path / "watched",
        case,
        OMP_NUM_THREADS="3",
        OMP_TOOL_LIBRARIES=ARCHER,
        TSAN_OPTIONS="ignore_noninstrumented_modules=1 exitcode=66",
    )


RACY = """
int main(void) {
  static int sum;
  #pragma omp parallel for
  for (int i = 0; i < 1000; i++)
    sum += i;
  return sum == 0;
}
"""


@pytest.mark.needs("tsan")
def test_race_detector_sees_a_race(tmp_path: Path) -> None:
    """A program that is wrong on purpose is caught: the check above means something."""
    (tmp_path / "racy.c").write_text(RACY)
    build(
        "clang-19",
        tmp_path / "racy.c",
        tmp_path / "racy",
        "-fopenmp",
        "-fsanitize=thread",
    )
    done = subprocess.run(
        [str(tmp_path / "racy")],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={
            "OMP_NUM_THREADS": "3",
            "OMP_TOOL_LIBRARIES": ARCHER,
            "TSAN_OPTIONS": "ignore_noninstrumented_modules=1 exitcode=66",
        },
    )

    assert done.returncode == 66
    assert "data race" in done.stderr


@pytest.mark.needs("gcc")
def test_sample_that_must_stay_serial_is_refused() -> None:
    """The running totals are not parallelized, and the reason is shown."""
    terminal = Terminal(io.StringIO(), io.StringIO(), io.StringIO(), {})
    code = run(["parallelize", str(SAMPLES / "prefix.c"), "--yes"], terminal)
    assert isinstance(terminal.stdout, io.StringIO)

    assert code == 1
    assert "total[i - 1] reads what" in terminal.stdout.getvalue()


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("name", ["heat", "matmul", "primes", "integrate", "nbody"])
def test_sample_is_the_program_of_its_case(name: str) -> None:
    """The samples that new terminals offer are the programs tested here."""
    sample = SAMPLES / f"{name}.c"
    tested = Path(__file__).parent / "cases" / name / "before.c"

    assert sample.read_bytes() == tested.read_bytes()

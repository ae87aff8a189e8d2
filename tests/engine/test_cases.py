"""Whole programs: before, answers, after; then compiled, run and watched.

A folder is a case:

before.c         the serial program; of several files: the folder `before/`
answers.json     what is answered; with `refused.json` it may be left out
after.c          the parallel program, compared byte for byte; of several files: the
                 folder `after/` with the files that ipt writes, and no others
refused.json     `{"main.loop1": ["IPT301"]}`: the refusals of loops; then `after` may
                 be left out
arguments        the command line for the runs
options          options of `ipt parallelize`; `-I`, `-D`, `-std` are the compiler's too
files/           what is in the folder where the program runs
rewrites         says why `after` has more than new lines
rounded          numbers may differ in the last digits; an answer `rounding` says it too
unordered        lines may come in any order
"""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from ipt.analysis import Analyzer
from ipt.cli import Terminal, run
from ipt.dialogue.answers import read_answers
from ipt.reading import read_program
from ipt.source import SourceText
from ipt.testing import (
    ProgramFailed,
    build,
    compilers_for,
    run_program,
    same_output,
    watch_for_races,
)

FOLDER = Path(__file__).with_name("cases")
SAMPLES = Path(__file__).parents[2] / "shared" / "ipt" / "samples"
SUFFIXES = (".c", ".cc", ".cpp")
THREADS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Case:
    """One folder."""

    folder: Path

    def words(self, name: str) -> list[str]:
        """Return the words of a file that may be missing."""
        file = self.folder / name
        return file.read_text().split() if file.exists() else []

    def has(self, name: str) -> bool:
        """Tell whether there is such a file or folder."""
        return (self.folder / name).exists()

    def sources(self, side: str) -> list[Path]:
        """Return the files of the program before or after."""
        if not (self.folder / side).is_dir():
            return sorted(self.folder.glob(f"{side}.*"))
        return sorted(
            each for each in (self.folder / side).iterdir() if each.suffix in SUFFIXES
        )

    @property
    def parallel(self) -> list[Path]:
        """The files of the parallel program, with those that did not change."""
        after = self.sources("after")
        if not (self.folder / "after").is_dir():
            return after
        stems = {each.stem.removesuffix("_omp") for each in after}
        return after + [
            each for each in self.sources("before") if each.stem not in stems
        ]

    @property
    def flags(self) -> list[str]:
        """The options for the compiler."""
        kept = [
            each for each in self.words("options") if each[:2] in ("-I", "-D", "-s")
        ]
        return [*kept, f"-I{self.folder / 'before'}"] if self.is_split else kept

    @property
    def is_split(self) -> bool:
        """Whether the program has several files."""
        return (self.folder / "before").is_dir()

    @property
    def is_rounded(self) -> bool:
        """Whether numbers may differ in the last digits."""
        answers = self.folder / "answers.json"
        return self.has("rounded") or (
            answers.exists()
            and any(".rounding." in each for each in read_answers(answers))
        )

    def refusals(self) -> dict[str, list[str]]:
        """Return the expected refusals, by loop."""
        file = self.folder / "refused.json"
        found: dict[str, list[str]] = (
            json.loads(file.read_text()) if file.exists() else {}
        )
        return found


CASES = [Case(each) for each in sorted(FOLDER.iterdir())]
CHANGED = [each for each in CASES if each.sources("after")]
REFUSED = [each for each in CASES if each.refusals()]


def name_of(case: Case) -> str:
    """Return the name of a case."""
    return case.folder.name


changed_cases = pytest.mark.parametrize("case", CHANGED, ids=name_of)


def parallelize(case: Case, target: Path) -> str:
    """Run ipt with the case's answers and return what it printed."""
    terminal = Terminal(io.StringIO(), io.StringIO(), io.StringIO(), {})
    files = [str(each) for each in case.sources("before")]
    options = ["--answers", str(case.folder / "answers.json"), "-o", str(target)]
    code = run(["parallelize", *files, *options, *case.words("options")], terminal)
    assert isinstance(terminal.stdout, io.StringIO)
    assert isinstance(terminal.stderr, io.StringIO)
    assert code == 0, terminal.stdout.getvalue() + terminal.stderr.getvalue()
    return terminal.stdout.getvalue()


@pytest.fixture(scope="module", name="serial")
def _serial() -> dict[str, str]:
    """What the serial programs print, kept for the tests that compare with it."""
    return {}


def serial_output(case: Case, kept: dict[str, str], folder: Path) -> str:
    """Return what the serial program prints."""
    if name_of(case) not in kept:
        sources = case.sources("before")
        gnu, _ = compilers_for(sources[0])
        program = build(gnu, sources, folder / "serial", case.flags)
        kept[name_of(case)] = run_program(
            program, case.words("arguments"), folder=run_folder(case, folder)
        )
    return kept[name_of(case)]


def run_folder(case: Case, folder: Path) -> Path:
    """Return a folder to run in, with the files that the program reads."""
    target = folder / "run"
    if case.has("files"):
        shutil.copytree(case.folder / "files", target, dirs_exist_ok=True)
    target.mkdir(exist_ok=True)
    return target


def check_runs(case: Case, program: Path, expected: str, folder: Path) -> None:
    """Run a parallel program with several numbers of threads."""
    for threads in THREADS:
        found = run_program(
            program,
            case.words("arguments"),
            threads=threads,
            folder=run_folder(case, folder),
        )
        assert same_output(
            expected, found, rounded=case.is_rounded, unordered=case.has("unordered")
        ), f"{threads} threads:\n{found}"


@pytest.mark.needs("gcc")
@changed_cases
def test_output_is_as_expected(case: Case, tmp_path: Path) -> None:
    """The parallel program is the expected one, byte for byte."""
    target = tmp_path / "out" if case.is_split else tmp_path / case.parallel[0].name

    report = parallelize(case, target)

    written = sorted(target.iterdir()) if case.is_split else [target]
    expected = {each.name: each.read_bytes() for each in case.sources("after")}
    assert expected == {each.name: each.read_bytes() for each in written}
    assert "Written: " in report
    assert "These answers were not needed" not in report


@changed_cases
def test_only_lines_were_inserted(case: Case) -> None:
    """Without the inserted lines the parallel program is the serial one."""
    if case.has("rewrites"):
        assert (case.folder / "rewrites").read_text().strip()
        return
    origins = {each.stem: each for each in case.sources("before")}
    for after in case.sources("after"):
        stem = after.stem.removesuffix("_omp") if case.is_split else "before"
        serial = origins[stem].read_bytes().splitlines(keepends=True)
        parallel = after.read_bytes().splitlines(keepends=True)

        rest = iter(parallel)

        assert all(line in rest for line in serial)
        assert len(parallel) > len(serial)


@pytest.mark.needs("gcc")
@changed_cases
def test_parallel_program_prints_what_the_serial_one_does(
    case: Case, tmp_path: Path, serial: dict[str, str]
) -> None:
    """With 1 to 4 threads the output is that of the serial program."""
    gnu, _ = compilers_for(case.parallel[0])
    expected = serial_output(case, serial, tmp_path)

    program = build(
        gnu, case.parallel, tmp_path / "parallel", ["-fopenmp", *case.flags]
    )

    check_runs(case, program, expected, tmp_path)


@pytest.mark.needs("clang")
@changed_cases
def test_parallel_program_runs_when_built_by_clang(
    case: Case, tmp_path: Path, serial: dict[str, str]
) -> None:
    """Clang accepts the directives too, and the output is the same."""
    _, llvm = compilers_for(case.parallel[0])
    expected = serial_output(case, serial, tmp_path)

    program = build(
        llvm, case.parallel, tmp_path / "parallel", ["-fopenmp", *case.flags]
    )

    check_runs(case, program, expected, tmp_path)


@pytest.mark.needs("tsan")
@changed_cases
def test_no_race_is_seen(case: Case, tmp_path: Path) -> None:
    """The race detector finds nothing in the parallel program."""
    _, llvm = compilers_for(case.parallel[0])

    watch_for_races(
        llvm,
        case.parallel,
        tmp_path / "watched",
        ["-fopenmp", *case.flags],
        arguments=case.words("arguments"),
        folder=run_folder(case, tmp_path),
    )


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("case", REFUSED, ids=name_of)
def test_loop_is_refused(case: Case) -> None:
    """A loop that must stay serial is refused, with the codes of its reasons."""
    (path,) = case.sources("before")
    program = read_program(SourceText(path.name, path.read_bytes()), case.flags)
    analyzer = Analyzer(program)

    found = {
        f"{function.name}.loop{number}": sorted(
            {each.code for each in analyzer.analyze(function, loop).refusals}
        )
        for function in program.functions
        for number, loop in enumerate(analyzer.loops(function), 1)
    }

    expected = case.refusals()
    assert expected == {each: found.get(each) for each in expected}


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

    with pytest.raises(ProgramFailed, match=r": 66\n(.|\n)*data race"):
        watch_for_races(
            "clang-19", [tmp_path / "racy.c"], tmp_path / "racy", ["-fopenmp"]
        )


@pytest.mark.needs("gcc")
def test_program_that_does_not_compile_is_told(tmp_path: Path) -> None:
    """What the compiler says is in the error."""
    (tmp_path / "bad.c").write_text("int main(void) { return x; }")

    with pytest.raises(ProgramFailed, match="undeclared"):
        build("gcc", [tmp_path / "bad.c"], tmp_path / "bad")


def test_program_that_does_not_end_is_stopped() -> None:
    """A program that takes too long has failed."""
    with pytest.raises(ProgramFailed, match=r"sleep ran for 0\.1 seconds"):
        run_program(Path("/bin/sleep"), ["9"], seconds=0.1)


@pytest.mark.parametrize(
    ("parallel", "is_same"),
    [
        ("sum 1.00000000001\nend\n", True),
        ("sum 1.1\nend\n", False),
        ("sum 1.0\n", False),
        ("total 1.0\nend\n", False),
    ],
)
def test_numbers_are_compared_with_tolerance(parallel: str, *, is_same: bool) -> None:
    """Only numbers may differ, and only in their last digits."""
    assert is_same == same_output("sum 1.0\nend\n", parallel, rounded=True)


def test_lines_may_come_in_any_order_where_that_is_said() -> None:
    """Lines in another order are the same output only where order does not count."""
    assert same_output("a\nb\n", "b\na\n", unordered=True)
    assert not same_output("a\nb\n", "b\na\n")
    assert not same_output("a\nb\n", "b\nb\n", unordered=True)


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
    tested = FOLDER / name / "before.c"

    assert sample.read_bytes() == tested.read_bytes()

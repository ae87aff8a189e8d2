"""Whole programs as scientists write them, beside the verdicts of an expert.

A folder of `programs/` has the source files, and in `expected.json`:

loops      for every `for`, by function and place in the text: the `verdict`; for those
           that can run in parallel the names in each clause (`private`,
           `firstprivate`, `lastprivate`, `reductions` as `+:sum`, `updates` for arrays
           that are accumulated into); for those that cannot, `any_code`: one of these
           codes must be among the reasons.
           `known_gap` says why ipt falls short of the expert, which it must do then.
rounded    numbers may differ in the last digits when it runs in parallel
watched    the race detector watches it
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ipt.analysis import Analyzer, AssumptionKind, LoopVerdict, Status
from ipt.automatic import choose
from ipt.outcome import Parallelized, finish
from ipt.reading import read_programs
from ipt.source import SourceText
from ipt.testing import (
    build,
    compilers_for,
    run_program,
    same_output,
    watch_for_races,
)

if TYPE_CHECKING:
    from ipt.model import Program

SAMPLES = Path(__file__).parents[2] / "shared" / "ipt" / "samples"
FOLDERS = sorted(Path(__file__).with_name("programs").iterdir())
THREADS = (1, 2, 3, 4)
PARALLEL = ("parallel", "reduction")
LEAST_RECALL = 0.9


@dataclass(frozen=True)
class Subject:
    """A program with what was found and what was expected."""

    program: Program
    analyzer: Analyzer
    verdicts: dict[str, LoopVerdict]
    expected: dict[str, Any]

    @property
    def loops(self) -> dict[str, Any]:
        """What is expected of each loop."""
        loops: dict[str, Any] = self.expected["loops"]
        return loops


def sources_of(folder: Path) -> list[Path]:
    """Return the source files of a program."""
    return sorted(
        each for each in folder.iterdir() if each.suffix in (".c", ".cc", ".cpp")
    )


def name_of(folder: Path) -> str:
    """Return the name of a program."""
    return folder.name


@functools.cache
def subject(folder: Path) -> Subject:
    """Read and analyse a program, once."""
    texts = [SourceText(str(each), each.read_bytes()) for each in sources_of(folder)]
    program = read_programs(texts, [f"-I{folder}"])
    analyzer = Analyzer(program)
    verdicts = {
        f"{function.name}.loop{number}": analyzer.analyze(function, loop)
        for function in program.functions
        for number, loop in enumerate(analyzer.loops(function), 1)
    }
    expected = json.loads((folder / "expected.json").read_text())
    return Subject(program, analyzer, verdicts, expected)


def found_for(verdict: LoopVerdict, expected: dict[str, Any]) -> dict[str, Any]:
    """Return a verdict in the words of `expected.json`."""
    found: dict[str, Any] = {"verdict": verdict.status.value}
    if verdict.status is Status.REFUSED:
        codes = {each.code for each in verdict.refusals}
        wanted = expected.get("any_code", [])
        found["any_code"] = wanted if codes & set(wanted) else sorted(codes)
        return found
    lists = {
        "private": verdict.private,
        "firstprivate": verdict.firstprivate,
        "lastprivate": verdict.lastprivate,
        "reductions": [f"{each.op}:{each.name}" for each in verdict.reductions],
        "updates": [each.name for each in verdict.updates],
    }
    if verdict.status is Status.NEEDS_DECISION:
        return found
    return found | {name: sorted(names) for name, names in lists.items() if names}


def differences(subject: Subject) -> list[str]:
    """Return what differs from the expert, or from the gaps that are known."""
    found = []
    for name, expected in subject.loops.items():
        wanted = {key: value for key, value in expected.items() if key != "known_gap"}
        verdict = subject.verdicts.get(name)
        actual = {} if verdict is None else found_for(verdict, wanted)
        if "known_gap" in expected:
            if actual == wanted:
                found.append(f"{name}: the gap is mended, take known_gap out")
        elif actual != wanted:
            reasons = [each.message for each in verdict.refusals] if verdict else []
            found.append(f"{name}: expected {wanted}, found {actual} {reasons}")
    return found


def is_accepted(verdict: LoopVerdict | None) -> bool:
    """Tell whether ipt would run a loop in parallel without a word."""
    return (
        verdict is not None
        and verdict.status.value in PARALLEL
        and all(each.kind is AssumptionKind.ROUNDING for each in verdict.decisions)
    )


programs = pytest.mark.parametrize("folder", FOLDERS, ids=name_of)


@pytest.mark.needs("gcc")
@programs
def test_every_loop_has_an_expected_verdict(folder: Path) -> None:
    """The expert looked at every loop that ipt sees, and at no other."""
    found = subject(folder)

    assert set(found.loops) == set(found.verdicts)


@pytest.mark.needs("gcc")
@programs
def test_verdicts_are_the_experts(folder: Path) -> None:
    """Each loop gets the expert's verdict, with the same clauses."""
    assert not differences(subject(folder))


@pytest.mark.needs("gcc")
@programs
def test_nothing_wrong_is_accepted(folder: Path) -> None:
    """No loop that an expert refuses or asks about is called parallel."""
    found = subject(folder)

    wrong = [
        name
        for name, expected in found.loops.items()
        if expected["verdict"] not in PARALLEL and is_accepted(found.verdicts.get(name))
    ]

    assert not wrong


@pytest.mark.needs("gcc")
def test_most_of_what_an_expert_finds_is_found(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nearly all loops that an expert runs in parallel are proved."""
    accepted = [
        is_accepted(found.verdicts.get(name))
        for found in map(subject, FOLDERS)
        for name, expected in found.loops.items()
        if expected["verdict"] in PARALLEL
    ]

    with capsys.disabled():
        print(f"\nproved {sum(accepted)} of {len(accepted)} parallel loops")  # noqa: T201 - a figure for the reader of the run

    assert sum(accepted) >= LEAST_RECALL * len(accepted)


def write_parallel(folder: Path, target: Path) -> list[Path]:
    """Write what `--auto` makes of a program; return its files."""
    found = subject(folder)
    outcome = finish(
        found.program, choose(found.program, found.analyzer), (), [f"-I{folder}"]
    )
    changed = {}
    if isinstance(outcome, Parallelized):
        for each in outcome.files:
            changed[Path(each.origin).name] = target / Path(each.name).name
            changed[Path(each.origin).name].write_bytes(each.data)
    return [changed.get(each.name, each) for each in sources_of(folder)]


@pytest.mark.needs("gcc", "clang")
@programs
def test_automatic_version_prints_what_the_serial_one_does(
    folder: Path, tmp_path: Path
) -> None:
    """With both compilers and 1 to 4 threads the output is that of the program."""
    serial, parallel = sources_of(folder), write_parallel(folder, tmp_path)
    flags = [f"-I{folder}"]
    gnu, llvm = compilers_for(serial[0])
    expected = run_program(build(gnu, serial, tmp_path / "serial", flags))

    for compiler in (gnu, llvm):
        program = build(compiler, parallel, tmp_path / compiler, ["-fopenmp", *flags])
        for threads in THREADS:
            found = run_program(program, threads=threads)
            rounded = subject(folder).expected.get("rounded", False)
            assert same_output(expected, found, rounded=rounded), f"{threads}: {found}"


@pytest.mark.needs("tsan")
@programs
def test_no_race_is_seen_in_the_automatic_version(folder: Path, tmp_path: Path) -> None:
    """The race detector finds nothing in those that it watches."""
    if not subject(folder).expected.get("watched"):
        return
    _, llvm = compilers_for(sources_of(folder)[0])

    watch_for_races(
        llvm,
        write_parallel(folder, tmp_path),
        tmp_path / "watched",
        ["-fopenmp", f"-I{folder}"],
    )


@pytest.mark.parametrize(
    "name", ["histogram", "mandelbrot", "montecarlo", "queens", "stencil2d"]
)
def test_sample_is_a_program_of_these(name: str) -> None:
    """These samples of new terminals are programs tested here."""
    tested = Path(__file__).with_name("programs") / name / "program.c"

    assert (SAMPLES / f"{name}.c").read_bytes() == tested.read_bytes()

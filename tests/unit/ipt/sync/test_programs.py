"""Whole programs with every construct, built, run and watched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Analyzer, Status
from ipt.analysis.sync import (
    analyze_tasks,
    find_sections,
    map_clauses,
    protect_loop,
)
from ipt.model import For, for_loops, parents_of
from ipt.reading import read_program
from ipt.source import SourceText, apply_edits
from ipt.testing import build, run_program, same_output, watch_for_races
from ipt.transform import ParallelFor, Sections, Target, task_transforms
from tests.unit.ipt.sync.protecting import marked_protections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ipt.model import Program
    from ipt.transform import Transform

FOLDER = Path(__file__).with_name("programs")


def protections_of(program: Program, analyzer: Analyzer) -> Iterator[Transform]:
    """Yield the marked loops with their protections, all words given."""
    for function in program.functions:
        for loop in for_loops(function.body):
            protections = marked_protections(loop)
            if not protections:
                continue
            first = protect_loop(analyzer, function, loop, protections)
            verdict = protect_loop(
                analyzer, function, loop, protections, first.decisions
            )
            assert verdict.status is Status.PARALLEL, verdict.refusals
            yield ParallelFor(verdict, schedule=verdict.schedule)


def sections_of(program: Program, analyzer: Analyzer) -> Iterator[Transform]:
    """Yield the sections that are found."""
    for function in program.functions:
        for verdict in find_sections(analyzer, function):
            yield Sections(verdict)


def tasks_of(program: Program, analyzer: Analyzer) -> Iterator[Transform]:
    """Yield the tasks of all functions that can have some."""
    for function in program.functions:
        verdict = analyze_tasks(analyzer, function)
        verdict = analyze_tasks(analyzer, function, verdict.decisions)
        if verdict.status is Status.PARALLEL:
            yield from task_transforms(
                verdict, "1" if "sort" in function.name else None
            )


def target_of(program: Program, analyzer: Analyzer) -> Iterator[Transform]:
    """Yield the outermost loops, for a device."""
    for function in program.functions:
        for loop in analyzer.loops(function):
            if any(isinstance(n, For) for n in parents_of(function.body, loop)):
                continue
            verdict = analyzer.analyze(function, loop)
            verdict = analyzer.analyze(function, loop, verdict.decisions)
            yield Target(map_clauses(analyzer, verdict))


PROGRAMS: dict[str, tuple[Callable[..., Iterator[Transform]], int]] = {
    "protections": (protections_of, 11),
    "sections": (sections_of, 3),
    "tasks": (tasks_of, 6),
    "target": (target_of, 5),
}


@pytest.fixture(name="made", params=PROGRAMS, scope="module")
def _made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """A serial program, and the parallel one that is made of it."""
    serial = FOLDER / f"{request.param}.c"
    make, count = PROGRAMS[request.param]
    program = read_program(SourceText(serial.name, serial.read_bytes()))
    transforms = list(make(program, Analyzer(program)))
    assert count == len(transforms)
    edits = [edit for each in transforms for edit in each.edits()]
    parallel = tmp_path_factory.mktemp("made") / serial.name
    parallel.write_bytes(apply_edits(program.source, edits))
    return serial, parallel


@pytest.mark.needs("gcc")
def test_gcc_runs_it_with_every_number_of_threads(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    """With 1 to 4 threads the output is that of the serial program."""
    serial, parallel = made
    build("gcc", [serial], tmp_path / "serial")
    build("gcc", [parallel], tmp_path / "parallel", ["-fopenmp"])
    expected = run_program(tmp_path / "serial")

    for threads in (1, 2, 3, 4):
        found = run_program(tmp_path / "parallel", threads=threads)
        assert same_output(expected, found, rounded=True), found


@pytest.mark.needs("clang")
def test_clang_runs_it(made: tuple[Path, Path], tmp_path: Path) -> None:
    """LLVM's compiler accepts every directive, and the output is the same."""
    serial, parallel = made
    build("clang-19", [serial], tmp_path / "serial")
    build("clang-19", [parallel], tmp_path / "parallel", ["-fopenmp"])
    expected = run_program(tmp_path / "serial")

    found = run_program(tmp_path / "parallel", threads=3)

    assert same_output(expected, found, rounded=True), found


@pytest.mark.needs("tsan")
def test_no_race_is_seen(made: tuple[Path, Path], tmp_path: Path) -> None:
    """The race detector finds nothing."""
    _, parallel = made

    watch_for_races("clang-19", [parallel], tmp_path / "watched", ["-fopenmp"])

"""The whole check: build, run, compare, look for races, measure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.verify.building import Build, build, find_compiler
from ipt.verify.comparing import Comparison, compare_runs
from ipt.verify.races import RaceCheck, RaceState, find_races
from ipt.verify.running import Ended, Limits, Run, Runner, signal_name
from ipt.verify.verification import Status, ThreadResult, Verification

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["Request", "verify"]

_LEAST_SERIAL_RUNS = 2
_RACE_THREADS = (2, 4)


@dataclass(frozen=True, slots=True)
class Request:
    """What to verify, and how.

    Attributes:
        serial: The files of the serial program.
        parallel: The files of the parallel one.
        options: The user's `-I`, `-D` and `-std` options.
        compiler: The compiler to use; empty for GCC, or what there is.
        arguments: The program's arguments.
        stdin: Its standard input; empty if None.
        data: Files and folders that every run finds in its folder.
        threads: The numbers of threads to run with.
        repeats: How often to run each; the fastest counts.
        rules: What counts as the same output.
        limits: What one run may use.
        detects_races: Whether to run the race detector.
    """

    serial: tuple[Path, ...]
    parallel: tuple[Path, ...]
    options: tuple[str, ...] = ()
    compiler: str = ""
    arguments: tuple[str, ...] = ()
    stdin: Path | None = None
    data: tuple[Path, ...] = ()
    threads: tuple[int, ...] = (1, 2, 3, 4)
    repeats: int = 1
    rules: Comparison = field(default_factory=Comparison)
    limits: Limits = field(default_factory=Limits)
    detects_races: bool = True


def verify(
    request: Request, environ: Mapping[str, str], tell: Callable[[str], None]
) -> Verification:
    """Compare a parallel program with the serial one.

    Args:
        request: What to verify.
        environ: The environment that the programs get.
        tell: Is told what is being done.

    Returns:
        What was found.

    Raises:
        SourceError: One of the programs does not compile.
        IptError: The compiler is not installed, or data cannot be copied.
    """
    with Runner(environ) as runner:
        return _Check(request, runner, tell).run()


class _Check:
    def __init__(
        self, request: Request, runner: Runner, tell: Callable[[str], None]
    ) -> None:
        self._request = request
        self._runner = runner
        self._tell = tell

    def run(self) -> Verification:
        """Do everything."""
        request = self._request
        self._tell("Building both programs.")
        serial = self._build(request.serial, "serial")
        parallel = self._build(request.parallel, "parallel")
        self._tell("Running the serial program.")
        # A second run shows whether the output is the same each time.
        count = max(_LEAST_SERIAL_RUNS, request.repeats)
        runs = [self._run(serial, 1) for _ in range(count)]
        problem = self._problem(runs)
        best = min(run.seconds for run in runs)
        if problem:
            return Verification(Status.UNDECIDED, problem, best)
        results = tuple(
            self._measure(parallel, threads, runs[0], best)
            for threads in request.threads
        )
        races = self._races()
        return _concluded(best, results, races)

    def _build(self, sources: tuple[Path, ...], name: str) -> Path:
        request = self._request
        compiler = find_compiler(self._runner, sources, request.compiler)
        flags = ["-O2", "-w"]
        if name == "parallel" or any(_uses_openmp(path) for path in sources):
            flags.append("-fopenmp")
        target = self._runner.scratch / name / "program"
        what = Build(sources, request.options, tuple(flags))
        build(self._runner, compiler, what, target)
        return target

    def _run(self, program: Path, threads: int) -> Run:
        request = self._request
        return self._runner.run(
            program,
            request.arguments,
            request.limits,
            stdin=request.stdin,
            data=request.data,
            environ={"OMP_NUM_THREADS": str(threads), "OMP_DYNAMIC": "false"},
        )

    def _problem(self, runs: list[Run]) -> str:
        """Return why the serial program cannot be compared with, or nothing."""
        for run in runs:
            if not run.is_usable:
                return f"The serial program {_ending(run, self._request.limits)}"
        for run in runs[1:]:
            found = compare_runs(runs[0], run, self._request.rules)
            if found is not None:
                where = f", line {found.line}" if found.line else ""
                return (
                    f"The serial program does not do the same each time ({found.what}"
                    f"{where}: {found.serial!r}, then {found.parallel!r}), so nothing "
                    "can be compared with it. Fix the seed of its random numbers, or "
                    "leave lines out with --ignore."
                )
        return ""

    def _measure(
        self, program: Path, threads: int, expected: Run, best: float
    ) -> ThreadResult:
        request = self._request
        plural = "s" * (threads != 1)
        self._tell(f"Running the parallel program with {threads} thread{plural}.")
        fastest: float | None = None
        for _ in range(request.repeats):
            run = self._run(program, threads)
            if run.ended in (Ended.TIME, Ended.OUTPUT):
                ending = _ending(run, request.limits)
                problem = f"With {threads} thread{plural} the parallel program {ending}"
                return ThreadResult(threads, run.seconds, problem=problem)
            found = compare_runs(expected, run, request.rules)
            if found is not None:
                return ThreadResult(threads, run.seconds, difference=found)
            fastest = run.seconds if fastest is None else min(fastest, run.seconds)
        seconds = fastest or 0.0
        return ThreadResult(threads, seconds, best / seconds if seconds else 0.0)

    def _races(self) -> RaceCheck:
        request = self._request
        if not request.detects_races:
            return RaceCheck(RaceState.UNAVAILABLE, "It was switched off.")
        self._tell("Running it under the race detector.")
        least, most = _RACE_THREADS
        return find_races(
            self._runner,
            request.parallel,
            request.options,
            request.limits,
            threads=max(least, min(most, max(request.threads))),
            arguments=request.arguments,
            stdin=request.stdin,
            data=request.data,
        )


def _ending(run: Run, limits: Limits) -> str:
    """Say how a run ended that cannot be used, with the way out."""
    match run.ended:
        case Ended.TIME:
            return (
                f"did not end within {limits.seconds:g} seconds. Give it a smaller "
                "input, or raise --time-limit."
            )
        case Ended.OUTPUT:
            size = limits.output // (1024 * 1024)
            return (
                f"wrote more than {size} MiB. Give it a smaller input, or raise "
                "--output-limit."
            )
        case _:
            lines = [line for line in run.errors.splitlines() if line.strip()]
            said = f": {lines[-1][:200]}" if lines else "."
            return f"was ended by {signal_name(run.code)}{said}"


def _uses_openmp(path: Path) -> bool:
    return b"omp.h" in path.read_bytes()


def _concluded(
    best: float, results: tuple[ThreadResult, ...], races: RaceCheck
) -> Verification:
    problems = [each.problem for each in results if each.problem]
    if any(each.difference for each in results):
        status = Status.DIFFERS
    elif races.state is RaceState.FOUND:
        status = Status.RACE
    elif problems:
        status = Status.UNDECIDED
    else:
        status = Status.SAME
    return Verification(status, problems[0] if problems else "", best, results, races)

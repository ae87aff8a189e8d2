"""Looks for data races with Clang's ThreadSanitizer and LLVM's Archer.

Without Archer, which tells the sanitizer how OpenMP synchronises, every
barrier would look like a race; then nothing is run, and the reason is said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from ipt.errors import SourceError
from ipt.verify.building import Build, build, find_program, is_cpp
from ipt.verify.running import Ended, Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.verify.running import Run, Runner

__all__ = ["Race", "RaceCheck", "RaceState", "find_races", "read_races"]

_VERSIONS = range(21, 13, -1)
_ARCHER = "libarcher.so"
_MOST = 10
_RACE_EXIT = 66
_BEGIN = "WARNING: ThreadSanitizer: data race"
_ACCESS = re.compile(r"^\s*(Previous )?([Ww]rite|[Rr]ead|[Aa]tomic \w+) of size \d+")
_FRAME = re.compile(r"^\s*#\d+ .*?(\S+?):(\d+)(?::\d+)? \(")
# '??' stands for a variable on a stack that the detector has no name of.
_GLOBAL = re.compile(r"Location is global '([^'?]+)'")


class RaceState(Enum):
    """What came of looking for races."""

    NONE = "none"
    FOUND = "found"
    UNAVAILABLE = "unavailable"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Race:
    """Two accesses of one memory place that nothing orders.

    Attributes:
        variable: The global variable, empty where it is another place.
        accesses: For each of the two: `write` or `read`, file and line.
    """

    variable: str
    accesses: tuple[tuple[str, str, int], ...]

    @property
    def text(self) -> str:
        """The race as a sentence."""
        listed = " and ".join(
            f"{kind} in {name}, line {line}" for kind, name, line in self.accesses
        )
        about = f" on {self.variable}" if self.variable else ""
        return f"data race{about}: {listed}, by different threads."

    def to_json(self) -> dict[str, object]:
        """Return the race as JSON values."""
        return {
            "variable": self.variable,
            "accesses": [
                {"kind": kind, "file": name, "line": line}
                for kind, name, line in self.accesses
            ],
        }


@dataclass(frozen=True, slots=True)
class RaceCheck:
    """The result of looking for races; `reason` says why there is none."""

    state: RaceState
    reason: str = ""
    races: tuple[Race, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the result as JSON values."""
        return {
            "state": self.state.value,
            "reason": self.reason,
            "races": [race.to_json() for race in self.races],
        }


def find_races(
    runner: Runner,
    sources: Sequence[Path],
    options: Sequence[str],
    limits: Limits,
    *,
    threads: int,
    arguments: Sequence[str] = (),
    stdin: Path | None = None,
    data: Sequence[Path] = (),
) -> RaceCheck:
    """Run a program under the race detector.

    Args:
        runner: Runs programs.
        sources: The parallel program.
        options: The user's compiler options.
        limits: Of time and output; memory is left to the detector's own limit.
        threads: How many threads to run it with.
        arguments: The program's arguments.
        stdin: Its standard input.
        data: What to copy into its folder.

    Returns:
        What was found, or why nothing could be.
    """
    found = _detector(runner, sources)
    if isinstance(found, str):
        return RaceCheck(RaceState.UNAVAILABLE, found)
    compiler, archer = found
    flags = ("-O1", "-g", "-w", "-fopenmp", "-fsanitize=thread")
    target = runner.scratch / "watched" / "program"
    try:
        build(runner, compiler, Build(tuple(sources), tuple(options), flags), target)
    except SourceError as error:
        first = error.message.splitlines()[0]
        return RaceCheck(RaceState.UNAVAILABLE, f"It was not run: {first}")
    done = runner.run(
        target,
        arguments,
        # The detector reserves terabytes of addresses, so it counts real memory.
        Limits(limits.seconds, limits.output, 0),
        stdin=stdin,
        data=data,
        environ=_environment(archer, threads, limits),
    )
    return _judged(done, sources)


def _environment(archer: Path, threads: int, limits: Limits) -> dict[str, str]:
    memory = limits.memory // (1024 * 1024)
    return {
        "OMP_NUM_THREADS": str(threads),
        "OMP_DYNAMIC": "false",
        "OMP_TOOL_LIBRARIES": str(archer),
        "TSAN_OPTIONS": (
            "ignore_noninstrumented_modules=1 report_thread_leaks=0 "
            f"exitcode={_RACE_EXIT} hard_rss_limit_mb={memory}"
        ),
    }


def _detector(runner: Runner, sources: Sequence[Path]) -> tuple[Path, Path] | str:
    """Return Clang and Archer, or why there is no race detector."""
    base = "clang++" if is_cpp(sources) else "clang"
    names = [base, *(f"{base}-{version}" for version in _VERSIONS)]
    compiler = find_program(runner, names)
    if compiler is None:
        return "Clang is not installed, and its race detector would be needed."
    said = runner.compile(compiler, [f"-print-file-name={_ARCHER}"], Limits())
    archer = Path(said.output.decode("utf-8", "replace").strip())
    if not archer.is_absolute() or not archer.exists():
        return (
            f"{compiler.name} has no {_ARCHER}, without which every barrier would "
            "look like a race (Debian: libomp-dev)."
        )
    return compiler, archer.resolve()


def _judged(done: Run, sources: Sequence[Path]) -> RaceCheck:
    races = read_races(done.errors, [path.name for path in sources])
    if races:
        return RaceCheck(RaceState.FOUND, races=races)
    if done.ended in (Ended.TIME, Ended.OUTPUT):
        reason = f"Under the race detector the program {done.ended.value}."
        return RaceCheck(RaceState.UNFINISHED, reason)
    if done.ended is Ended.SIGNAL or "ThreadSanitizer" in done.errors:
        lines = [line for line in done.errors.splitlines() if line.strip()]
        said = lines[0] if lines else f"signal {done.code}"
        return RaceCheck(
            RaceState.UNFINISHED, f"The race detector stopped early: {said[:200]}"
        )
    return RaceCheck(RaceState.NONE)


def read_races(report: str, names: Sequence[str]) -> tuple[Race, ...]:
    """Return the races of a report of ThreadSanitizer, each pair of lines once.

    Args:
        report: What it wrote to standard error.
        names: The user's files; frames in others are passed over.

    Returns:
        The races in the order of the report, ten at most.
    """
    found: dict[tuple[object, ...], Race] = {}
    for rest in report.split(_BEGIN)[1:]:
        block = rest.split("\n====")[0]
        accesses = tuple(_accesses(block, names))
        variable = _GLOBAL.search(block)
        race = Race(variable[1] if variable else "", accesses)
        if accesses:
            found.setdefault((race.variable, frozenset(accesses)), race)
    return tuple(found.values())[:_MOST]


def _accesses(block: str, names: Sequence[str]) -> list[tuple[str, str, int]]:
    """Return the accesses of one race at their innermost place in the user's text."""
    found: list[tuple[str, str, int]] = []
    kind = ""
    for line in block.splitlines():
        access = _ACCESS.match(line)
        if access:
            kind = access[2].lower()
        elif not line.strip():
            kind = ""
        elif kind:
            frame = _FRAME.match(line)
            if frame and Path(frame[1]).name in names:
                found.append((kind, Path(frame[1]).name, int(frame[2])))
                kind = ""
    return found

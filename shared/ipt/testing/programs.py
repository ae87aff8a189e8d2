"""Programs that are built, run, compared and watched."""

from __future__ import annotations

import math
import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = [
    "ProgramFailed",
    "build",
    "compilers_for",
    "run_program",
    "same_output",
    "watch_for_races",
]

_SECONDS = 100
_RELATIVE = 1e-7
_ARCHER = "/usr/lib/llvm-19/lib/libarcher.so"
_BUILD = ("-O1", "-g", "-Wall", "-Werror=unknown-pragmas")
_WATCHED = {
    "OMP_TOOL_LIBRARIES": _ARCHER,
    "TSAN_OPTIONS": "ignore_noninstrumented_modules=1 exitcode=66",
}


class ProgramFailed(Exception):
    """A compiler or a program ended badly; holds what it printed."""


def compilers_for(source: Path) -> tuple[str, str]:
    """Return GNU's and LLVM's compiler for the language of a file."""
    is_c = source.suffix == ".c"
    return ("gcc", "clang-19") if is_c else ("g++", "clang++-19")


def build(
    compiler: str, sources: Sequence[Path], target: Path, options: Sequence[str] = ()
) -> Path:
    """Compile a program; what a compiler says about directives counts as an error.

    Args:
        compiler: The command.
        sources: The files of the program.
        target: The program to make.
        options: Further options, such as `-fopenmp`.

    Returns:
        The program.

    Raises:
        ProgramFailed: It does not compile.
    """
    command = [compiler, *_BUILD, *options, *map(str, sources)]
    _run([*command, "-o", str(target), "-lm"], {})
    return target


def run_program(
    program: Path,
    arguments: Sequence[str] = (),
    *,
    threads: int = 1,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
    seconds: float = _SECONDS,
) -> str:
    """Run a program and return its standard output.

    Args:
        program: The program.
        arguments: Its command line.
        threads: How many threads OpenMP may use.
        folder: Where to run it.
        environ: Further settings.
        seconds: How long it may take.

    Raises:
        ProgramFailed: It ended with another code than 0, or not at all.
    """
    settings = {"OMP_NUM_THREADS": str(threads), "OMP_DYNAMIC": "false"}
    settings |= dict(environ or {})
    return _run([str(program), *arguments], settings, folder, seconds)


def watch_for_races(
    compiler: str,
    sources: Sequence[Path],
    target: Path,
    options: Sequence[str] = (),
    *,
    arguments: Sequence[str] = (),
    folder: Path | None = None,
) -> None:
    """Build and run a program under the race detector.

    Args:
        compiler: LLVM's compiler.
        sources: The files of the program.
        target: The program to make.
        options: Further options of the compiler.
        arguments: The command line of the program.
        folder: Where to run it.

    Raises:
        ProgramFailed: It does not compile or run, or a race is seen.
    """
    watched = build(compiler, sources, target, [*options, "-fsanitize=thread"])
    run_program(watched, arguments, threads=3, folder=folder, environ=_WATCHED)


def same_output(
    serial: str, parallel: str, *, rounded: bool = False, unordered: bool = False
) -> bool:
    """Compare what two programs printed.

    Args:
        serial: The output of the serial program.
        parallel: That of the parallel one.
        rounded: Whether numbers may differ in the last digits.
        unordered: Whether lines may come in any order.
    """
    if unordered:
        serial = "\n".join(sorted(serial.splitlines()))
        parallel = "\n".join(sorted(parallel.splitlines()))
    if not rounded:
        return serial == parallel
    words, others = serial.split(), parallel.split()
    return len(words) == len(others) and all(map(_is_close, words, others))


def _is_close(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return math.isclose(float(one), float(other), rel_tol=_RELATIVE)
    except ValueError:
        return False


def _run(
    command: Sequence[str],
    settings: Mapping[str, str],
    folder: Path | None = None,
    seconds: float = _SECONDS,
) -> str:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            cwd=folder,
            env={**os.environ, **settings},
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramFailed(f"{command[0]} ran for {seconds} seconds") from error
    if done.returncode:
        raise ProgramFailed(f"{' '.join(command)}: {done.returncode}\n{done.stderr}")
    return done.stdout

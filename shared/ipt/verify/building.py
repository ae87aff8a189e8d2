"""Builds a program with the compiler that is installed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ipt.errors import IptError, SourceError
from ipt.reading.toolchain import language_of
from ipt.verify.running import Ended, Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.verify.running import Runner

__all__ = ["Build", "build", "find_compiler", "find_program", "is_cpp"]

_C = ("gcc", "cc", "clang")
_CPP = ("g++", "c++", "clang++")
_SECONDS = 300.0
_MIB = 1024 * 1024
_SHOWN_LINES = 20


@dataclass(frozen=True, slots=True)
class Build:
    """One program to build.

    Attributes:
        sources: Its source files.
        options: The user's `-I`, `-D` and `-std` options.
        flags: Further options.
    """

    sources: tuple[Path, ...]
    options: tuple[str, ...]
    flags: tuple[str, ...]


def find_program(runner: Runner, names: Sequence[str]) -> Path | None:
    """Return the first of some programs that is installed."""
    for name in names:
        found = shutil.which(name, path=runner.path)
        if found:
            return Path(found).absolute()
    return None


def find_compiler(runner: Runner, sources: Sequence[Path], wanted: str) -> Path:
    """Return the compiler for a program.

    Args:
        runner: Knows where programs are searched.
        sources: The source files.
        wanted: The compiler that the user named; empty to choose one.

    Raises:
        IptError: It is not installed.
        SourceError: A file is neither C nor C++.
    """
    names = (wanted,) if wanted else (_CPP if is_cpp(sources) else _C)
    found = find_program(runner, names)
    if found is None:
        raise IptError(
            f"The compiler {names[0]} is not installed. "
            "Install it, or name another one with --compiler."
        )
    return found


def is_cpp(sources: Sequence[Path]) -> bool:
    """Tell whether a program is all C++; a mixed one is built as C with its library.

    Raises:
        SourceError: A file is neither.
    """
    return _languages(sources) == {"c++"}


def _languages(sources: Sequence[Path]) -> set[str]:
    found = set()
    for path in sources:
        language = language_of(path.name)
        if language is None:
            raise SourceError(
                f"{path}: this is neither C (.c) nor C++ (.cc, .cpp, .cxx, .C)."
            )
        found.add(language)
    return found


def build(runner: Runner, compiler: Path, what: Build, target: Path) -> None:
    """Build a program.

    Args:
        runner: Runs the compiler.
        compiler: Its path.
        what: The program.
        target: The executable file to write.

    Raises:
        SourceError: It does not compile, with the compiler's words.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    names = [str(path) if path.is_absolute() else f"./{path}" for path in what.sources]
    arguments = [*what.flags, *what.options, *names, "-o", str(target), "-lm"]
    if len(_languages(what.sources)) > 1:
        arguments.append("-lstdc++")
    limits = Limits(_SECONDS, output=512 * _MIB, memory=0)
    done = runner.compile(compiler, arguments, limits)
    if done.ended is Ended.EXIT and done.code == 0:
        return
    lines = done.errors.splitlines()
    shown = lines[:_SHOWN_LINES]
    if len(lines) > len(shown):
        shown.append(f"… and {len(lines) - len(shown)} more lines.")
    listed = " ".join(str(path) for path in what.sources)
    reason = (
        "it does not compile" if done.ended is Ended.EXIT else "the compiler failed"
    )
    raise SourceError("\n".join([f"{listed}: {reason} with {compiler.name}.", *shown]))

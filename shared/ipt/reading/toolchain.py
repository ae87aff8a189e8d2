"""Finds the header folders of the compiler that is installed.

The libclang wheel brings no headers of its own; it is given GCC's, which are
asked for at run time, so that the tool works wherever a compiler does.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CPP_SUFFIXES", "C_SUFFIXES", "Toolchain", "find_toolchain", "language_of"]

C_SUFFIXES = (".c",)
CPP_SUFFIXES = (".cc", ".cpp", ".cxx", ".c++", ".C")

_BEGIN = "#include <...> search starts here:"
_END = "End of search list."
_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Toolchain:
    """The header folders of the installed compiler, by language."""

    c_includes: tuple[str, ...] = ()
    cpp_includes: tuple[str, ...] = ()

    def includes(self, language: str) -> tuple[str, ...]:
        """Return the folders for `c` or `c++`."""
        return self.cpp_includes if language == "c++" else self.c_includes


def language_of(name: str) -> str | None:
    """Return `c` or `c++` for a file name, None for any other."""
    suffix = PurePath(name).suffix
    if suffix in C_SUFFIXES:
        return "c"
    return "c++" if suffix in CPP_SUFFIXES else None


def run_compiler(command: list[str]) -> str:
    """Run a compiler and return its messages; empty if there is none."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stderr


def search_list(messages: str) -> tuple[str, ...]:
    """Return the folders listed in the output of `gcc -E -v`."""
    lines = messages.splitlines()
    if _BEGIN not in lines or _END not in lines:
        return ()
    first, last = lines.index(_BEGIN), lines.index(_END)
    return tuple(
        line.split(" (framework")[0].strip() for line in lines[first + 1 : last]
    )


def find_toolchain(
    language: str, run: Callable[[list[str]], str] = run_compiler
) -> Toolchain:
    """Ask the installed compiler for its header folders.

    Args:
        language: `c` or `c++`; only that compiler is asked.
        run: Runs a command and returns its standard error.

    Returns:
        The folders; empty if no compiler is installed.
    """
    names = ("g++", "c++", "clang++") if language == "c++" else ("gcc", "cc", "clang")
    for name in names:
        found = search_list(run([name, "-E", "-v", "-x", language, "/dev/null"]))
        if found and language == "c++":
            return Toolchain(cpp_includes=found)
        if found:
            return Toolchain(c_includes=found)
    return Toolchain()

"""Finds the header folders of the compiler that is installed.

The libclang wheel brings no headers of its own; it is given GCC's, which are
asked for at run time.  Where no compiler is installed, as in the image of a
function, the declarations in `ipt/headers` stand in for those of the C library.
"""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "CPP_SUFFIXES",
    "C_SUFFIXES",
    "STAND_IN",
    "Toolchain",
    "find_toolchain",
    "language_of",
    "stand_in",
    "using",
]

C_SUFFIXES = (".c",)
CPP_SUFFIXES = (".cc", ".cpp", ".cxx", ".c++", ".C")

STAND_IN = str(Path(__file__).parents[1] / "headers")

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

    def is_stand_in(self, language: str) -> bool:
        """Tell whether the C library is declared by ipt itself."""
        return self.includes(language) == (STAND_IN,)


def stand_in() -> Toolchain:
    """Return what there is where no compiler is: the C library, for both languages."""
    return Toolchain((STAND_IN,), (STAND_IN,))


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


_USED: ContextVar[Mapping[str, Toolchain] | None] = ContextVar("_USED", default=None)


@contextmanager
def using(toolchains: Mapping[str, Toolchain]) -> Iterator[None]:
    """Have programs read with these in this block, and ask no compiler.

    Args:
        toolchains: By language.
    """
    token = _USED.set(toolchains)
    try:
        yield
    finally:
        _USED.reset(token)


def find_toolchain(
    language: str, run: Callable[[list[str]], str] = run_compiler
) -> Toolchain:
    """Ask the installed compiler for its header folders.

    Args:
        language: `c` or `c++`; only that compiler is asked.
        run: Runs a command and returns its standard error.

    Returns:
        The folders; what stands in for them if no compiler is installed.
    """
    used = _USED.get() or {}
    if language in used:
        return used[language]
    names = ("g++", "c++", "clang++") if language == "c++" else ("gcc", "cc", "clang")
    for name in names:
        found = search_list(run([name, "-E", "-v", "-x", language, "/dev/null"]))
        if found and language == "c++":
            return Toolchain(cpp_includes=found)
        if found:
            return Toolchain(c_includes=found)
    return stand_in()

"""What the command lines of several commands have in common."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ipt.errors import IptError, SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.model import Program

__all__ = [
    "add_compiler_options",
    "add_files",
    "add_run_options",
    "compiler_options",
    "count",
    "read_bytes",
    "read_files",
    "refuse_twice",
    "thread_list",
]

_MOST_THREADS = 1024
_MIB = 1024 * 1024


def add_files(parser: argparse.ArgumentParser) -> None:
    """Add the files of the program."""
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="a C or C++ file; several files are one program",
    )


def add_compiler_options(parser: argparse.ArgumentParser) -> None:
    """Add `-I`, `-D` and `-std`."""
    group = parser.add_argument_group("as for the compiler")
    group.add_argument(
        "-I",
        dest="include",
        action="append",
        default=[],
        metavar="DIR",
        help="folder of the program's headers",
    )
    group.add_argument(
        "-D",
        dest="define",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="define a macro",
    )
    group.add_argument(
        "-std",
        dest="standard",
        metavar="STANDARD",
        help="language standard, such as c99",
    )


def compiler_options(options: argparse.Namespace) -> list[str]:
    """Return the compiler options that were given."""
    found = [f"-I{folder}" for folder in options.include]
    found += [f"-D{macro}" for macro in options.define]
    if options.standard:
        found.append(f"-std={options.standard}")
    return found


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add what says how programs are run and compared."""
    _add_running(parser.add_argument_group("running the programs"))
    _add_comparing(parser.add_argument_group("comparing what they write"))


def _add_running(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--input", type=Path, metavar="FILE", help="their standard input"
    )
    group.add_argument(
        "--data",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a file or folder to copy into the folder of every run; may be repeated",
    )
    group.add_argument(
        "--threads",
        type=thread_list,
        default=(1, 2, 3, 4),
        metavar="N,N,…",
        help="numbers of threads to run with (default: 1,2,3,4)",
    )
    group.add_argument(
        "--repeats",
        type=count,
        default=1,
        metavar="N",
        help="run each N times; the fastest counts (default: 1)",
    )
    group.add_argument(
        "--compiler",
        default="",
        metavar="NAME",
        help="the compiler (default: gcc or g++)",
    )
    group.add_argument(
        "--time-limit",
        type=_positive,
        default=60.0,
        metavar="SECONDS",
        help="for each run (default: 60)",
    )
    group.add_argument(
        "--output-limit",
        type=count,
        default=16,
        metavar="MIB",
        help="for what each run may write (default: 16)",
    )
    group.add_argument(
        "--memory-limit",
        type=count,
        default=8192,
        metavar="MIB",
        help="for each run (default: 8192)",
    )
    group.add_argument(
        "--no-races",
        dest="races",
        action="store_false",
        help="leave out the race detector",
    )


def _add_comparing(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--tolerance",
        type=_not_negative,
        default=1e-6,
        metavar="X",
        help="how far numbers with a fraction may differ, relative to the larger "
        "one (default: 1e-6)",
    )
    group.add_argument(
        "--absolute",
        type=_not_negative,
        default=0.0,
        metavar="X",
        help="how far they may differ in any case (default: 0)",
    )
    group.add_argument(
        "--unordered",
        action="store_true",
        help="lines may come in another order",
    )
    group.add_argument(
        "--ignore",
        type=_pattern,
        metavar="REGEX",
        help="leave out lines that match, such as times",
    )


def thread_list(text: str) -> tuple[int, ...]:
    """Return `1,2,4` as numbers."""
    found = tuple(count(each) for each in text.split(","))
    if max(found) > _MOST_THREADS:
        raise argparse.ArgumentTypeError(f"at most {_MOST_THREADS} threads")
    return tuple(dict.fromkeys(found))


def count(text: str) -> int:
    """Return a number from 1 on."""
    if not (text.isascii() and text.isdigit()) or int(text[:9]) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text[:9])


def _not_negative(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return value


def _positive(text: str) -> float:
    value = _not_negative(text)
    if value == 0:
        raise argparse.ArgumentTypeError("it must be more than 0")
    return value


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a regular expression: {error}"
        ) from error


def read_bytes(path: Path) -> bytes:
    """Return the content of a source file.

    Raises:
        SourceError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}.") from error


def refuse_twice(paths: Sequence[Path]) -> None:
    """Check that every file is named once.

    Raises:
        IptError: One is named twice.
    """
    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise IptError(f"{path} is named twice. Name every file of a program once.")
        seen.add(path.resolve())


def read_files(paths: Sequence[Path], flags: Sequence[str]) -> Program:
    """Read the files of one program.

    Raises:
        IptError: A file is named twice.
        SourceError: A file cannot be read, or does not compile.
    """
    from ipt.reading import read_programs  # noqa: PLC0415 - Clang takes a moment
    from ipt.source import SourceText  # noqa: PLC0415 - as above

    refuse_twice(paths)
    sources = [SourceText(str(path), read_bytes(path)) for path in paths]
    return read_programs(sources, flags)

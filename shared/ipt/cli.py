"""The command `ipt`.

Exit codes: 0 written (or shown with --diff); 1 nothing was parallelized;
2 wrong use; 3 the program cannot be read; 4 an answer given ahead cannot be
used; 5 the input ended or the person quit; 70 a fault of ipt; 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ipt.depth import deep_recursion
from ipt.dialogue.answers import read_answers, write_answers
from ipt.dialogue.console import Console, converse
from ipt.dialogue.session import Session
from ipt.errors import (
    AnswersError,
    DialogueInterrupted,
    InternalError,
    IptError,
    SourceError,
)
from ipt.outcome import Outcome, Parallelized
from ipt.report import show_result, show_unchanged, unified_diff

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["main", "run"]

_NOTHING, _USAGE, _SOURCE, _ANSWERS, _STOPPED, _FAULT = 1, 2, 3, 4, 5, 70
_CTRL_C = 130
_CODES: dict[type[IptError], int] = {
    SourceError: _SOURCE,
    AnswersError: _ANSWERS,
    InternalError: _FAULT,
}


_OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (
        ("-o",),
        {
            "dest": "output",
            "type": Path,
            "metavar": "OUT",
            "help": "write to OUT; default: <name>_omp.<suffix> in this folder",
        },
    ),
    (
        ("--answers",),
        {"type": Path, "metavar": "FILE", "help": "take answers from a JSON file"},
    ),
    (
        ("--save-answers",),
        {"type": Path, "metavar": "FILE", "help": "write the answers given"},
    ),
    (
        ("--yes",),
        {"action": "store_true", "help": "take the default for every other question"},
    ),
    (
        ("--diff",),
        {
            "action": "store_true",
            "help": "show the changes as a diff; write a file only with -o",
        },
    ),
    (
        ("-I",),
        {
            "dest": "include",
            "action": "append",
            "default": [],
            "metavar": "DIR",
            "help": "folder of the program's headers",
        },
    ),
    (
        ("-D",),
        {
            "dest": "define",
            "action": "append",
            "default": [],
            "metavar": "NAME[=VALUE]",
            "help": "define a macro",
        },
    ),
    (
        ("-std",),
        {
            "dest": "standard",
            "metavar": "STANDARD",
            "help": "language standard, such as c99",
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Terminal:
    """The world of one run of the command."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]


def main() -> int:
    """Run the command with the process's own arguments and streams."""
    terminal = Terminal(sys.stdin, sys.stdout, sys.stderr, os.environ)
    return run(sys.argv[1:], terminal)


def run(arguments: Sequence[str], terminal: Terminal) -> int:
    """Run the command.

    Args:
        arguments: The command line, without the program's name.
        terminal: Streams and environment.

    Returns:
        The exit code.
    """
    options = _parser().parse_args(arguments)
    try:
        with deep_recursion():
            return _parallelize(options, terminal)
    except DialogueInterrupted as error:
        return _stopped(options, terminal, error)
    except IptError as error:
        return _failed(terminal, error)
    except BrokenPipeError:
        return _STOPPED


def _failed(terminal: Terminal, error: IptError) -> int:
    terminal.stderr.write(f"ipt: {error.message}\n")
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return code
    return _USAGE


def _stopped(
    options: argparse.Namespace, terminal: Terminal, error: DialogueInterrupted
) -> int:
    terminal.stderr.write(f"\nipt: {error.message}\n")
    if options.save_answers and error.answers:
        try:
            write_answers(options.save_answers, error.answers)
        except AnswersError as problem:
            return _failed(terminal, problem)
        terminal.stderr.write(f"ipt: answers kept in {options.save_answers}\n")
    return _CTRL_C if isinstance(error.__cause__, KeyboardInterrupt) else _STOPPED


class _ShowVersion(argparse.Action):
    """Looks the version up only for who asks for it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        del namespace, values, option_string
        sys.stdout.write(f"ipt {metadata.version('ipt-on-the-web')}\n")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ipt", description="The Interactive Parallelization Tool for C and C++."
    )
    parser.add_argument(
        "--version", nargs=0, action=_ShowVersion, help="show the version and exit"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser(
        "parallelize",
        help="make a parallel version of a program by answering questions",
        description="Make a parallel version of a program by answering questions. "
        "The program itself is not changed.",
    )
    command.add_argument("file", type=Path, metavar="FILE", help="a C or C++ file")
    for flags, settings in _OPTIONS:
        command.add_argument(*flags, **settings)
    return parser


def _compiler_options(options: argparse.Namespace) -> list[str]:
    found = [f"-I{folder}" for folder in options.include]
    found += [f"-D{macro}" for macro in options.define]
    if options.standard:
        found.append(f"-std={options.standard}")
    return found


def _console(terminal: Terminal) -> Console:
    is_tty = terminal.stdout.isatty()
    size = shutil.get_terminal_size()
    return Console(
        terminal.stdin,
        terminal.stdout,
        width=size.columns - 1 if is_tty else 80,
        colors=is_tty and "NO_COLOR" not in terminal.environ,
        echoes=not terminal.stdin.isatty(),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}.") from error


def _parallelize(options: argparse.Namespace, terminal: Terminal) -> int:
    console = _console(terminal)
    answers = read_answers(options.answers) if options.answers else {}
    session = _open(options, console)
    try:
        converse(session, console, answers, defaults=options.yes)
    except KeyboardInterrupt as error:
        raise DialogueInterrupted(
            "Stopped; nothing was written.", session.answers
        ) from error
    unused = [each for each in answers if each not in session.answers]
    if unused:
        console.line()
        console.paragraph(f"These answers were not needed: {', '.join(unused)}.")
    assert session.outcome is not None  # noqa: S101 - the dialogue is over
    if options.save_answers:
        write_answers(options.save_answers, session.answers)
    return _deliver(options, terminal, console, session.outcome)


def _open(options: argparse.Namespace, console: Console) -> Session:
    """Read the program and begin the dialogue."""
    # Clang and isl take a moment to load; `ipt --help` does without them.
    from ipt.analysis import Analyzer  # noqa: PLC0415
    from ipt.dialogue.flow import dialogue  # noqa: PLC0415
    from ipt.reading import read_program  # noqa: PLC0415
    from ipt.source import SourceText  # noqa: PLC0415

    flags = _compiler_options(options)
    source = SourceText(str(options.file), _read(options.file))
    program = read_program(source, flags)
    for warning in program.warnings:
        console.line(warning)
    analyzer = Analyzer(program)
    return Session(lambda: dialogue(program, analyzer, flags))


def _deliver(
    options: argparse.Namespace, terminal: Terminal, console: Console, outcome: Outcome
) -> int:
    if not isinstance(outcome, Parallelized):
        show_unchanged(console, outcome)
        return _NOTHING
    (new,) = outcome.files
    target = options.output
    if target is None and not options.diff:
        target = Path(new.name)
    if target is not None:
        _write(target, new.data, options.file)
    show_result(console, outcome, "" if target is None else str(target))
    if options.diff:
        terminal.stdout.write(
            unified_diff(_read(options.file), new.data, str(options.file), new.name)
        )
    return 0


def _write(target: Path, data: bytes, source: Path) -> None:
    try:
        if target.exists() and target.samefile(source):
            raise IptError(f"{target} is the input, which ipt never changes.")
        target.write_bytes(data)
    except OSError as error:
        raise IptError(f"{target}: {error.strerror}.") from error

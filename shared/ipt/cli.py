"""The command `ipt`: finds the command that is meant, and tells how it ended.

The commands themselves are in `ipt.commands`; only the one that is used is
loaded, so that `ipt --help` answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

from ipt.commands.exit_codes import ExitCode
from ipt.commands.terminal import Terminal
from ipt.depth import deep_recursion
from ipt.errors import AnswersError, InternalError, IptError, SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

__all__ = ["Terminal", "main", "run"]

_COMMANDS = {
    "parallelize": "make a parallel version of a program",
    "analyze": "tell which loops can run in parallel, and what is in the way",
    "verify": "compare a parallel program with the serial one",
    "completion": "print a script that completes command lines",
}
_CODES: dict[type[IptError], ExitCode] = {
    SourceError: ExitCode.SOURCE,
    AnswersError: ExitCode.ANSWERS,
    InternalError: ExitCode.FAULT,
}
_DESCRIPTION = (
    "The Interactive Parallelization Tool: makes parallel programs of serial ones "
    "in C and C++."
)
_EXAMPLES = """\
examples:
  ipt parallelize heat.c              answer a few questions; makes heat_omp.c
  ipt parallelize heat.c --auto       ask nothing; only what is proved
  ipt analyze heat.c                  which loops could run in parallel, and why
  ipt verify heat.c heat_omp.c        is it right, and is it faster?

Your own files are never changed. `ipt COMMAND --help` tells more of a command.
"""


def main() -> int:
    """Run the command with the process's own arguments and streams."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    terminal = Terminal(sys.stdin, sys.stdout, sys.stderr, os.environ)
    return run(sys.argv[1:], terminal)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """End as the signal asks, but tidy up on the way."""
    del frame
    raise SystemExit(128 + number)


def run(arguments: Sequence[str], terminal: Terminal) -> int:
    """Run the command.

    Args:
        arguments: The command line, without the program's name.
        terminal: Streams and environment.

    Returns:
        The exit code.
    """
    options = _options(arguments)
    try:
        with deep_recursion():
            return int(options.run(options, terminal))
    except IptError as error:
        return _failed(terminal, error)
    except KeyboardInterrupt:
        terminal.stderr.write("\nipt: Stopped.\n")
        return ExitCode.CTRL_C
    except BrokenPipeError:
        return ExitCode.STOPPED
    except Exception:  # noqa: BLE001 - the last stop; it ends the process with its trace
        terminal.stderr.write(traceback.format_exc())
        return _failed(terminal, InternalError("ipt stopped at what is shown above."))


def _failed(terminal: Terminal, error: IptError) -> int:
    terminal.stderr.write(f"ipt: {error.message}\n")
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return code
    return ExitCode.USAGE


class _HelpFormatter(argparse.HelpFormatter):
    """Keeps the lines of examples, and wraps everything else."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)
        # Names of commands are indented twice, which argparse forgets.
        self._action_max_length = max(map(len, _COMMANDS)) + 4

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:
            return "".join(indent + line for line in text.splitlines(keepends=True))
        return super()._fill_text(text, width, indent)


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
        from importlib import metadata  # noqa: PLC0415 - it takes longer than the rest

        sys.stdout.write(f"ipt {metadata.version('ipt-on-the-web')}\n")
        parser.exit()


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; what stands behind `--` is the program's."""
    own = list(arguments)
    rest: list[str] = []
    if "--" in own:
        at = own.index("--")
        own, rest = own[:at], own[at + 1 :]
    parser = _parser(own)
    options = parser.parse_args(own)
    if rest and not hasattr(options, "program_arguments"):
        parser.error(
            f"{options.command} runs no program, so nothing may stand behind `--`. "
            "A file whose name begins with a dash is written ./-name."
        )
    options.program_arguments = rest
    return options


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ipt",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=_HelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", nargs=0, action=_ShowVersion, help="show the version and exit"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    chosen = next((each for each in arguments if each in _COMMANDS), "")
    for name, summary in _COMMANDS.items():
        command = commands.add_parser(
            name,
            help=summary,
            formatter_class=_HelpFormatter,
            allow_abbrev=False,
        )
        if name == chosen:
            importlib.import_module(f"ipt.commands.{name}").configure(command)
    return parser

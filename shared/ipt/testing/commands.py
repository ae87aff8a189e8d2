"""For tests of the command: one run in this process."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass

from ipt.cli import Terminal, run

__all__ = ["CommandResult", "Screen", "run_command"]


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Tell that somebody is watching."""
        return True


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What one run of the command gave."""

    code: int
    out: str
    err: str


def run_command(
    *arguments: str, typed: str = "", screen: bool = False
) -> CommandResult:
    """Run `ipt` in this process.

    Args:
        arguments: The command line.
        typed: Standard input.
        screen: Whether the streams are a terminal.

    Returns:
        The result.
    """
    stream = Screen if screen else io.StringIO
    out, err = stream(), io.StringIO()
    code = run(arguments, Terminal(stream(typed), out, err, os.environ))
    return CommandResult(code, out.getvalue(), err.getvalue())

"""The world of one run of the command."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ipt.dialogue.console import Console

__all__ = ["Terminal"]

_PIPE_WIDTH = 80


@dataclass(frozen=True, slots=True)
class Terminal:
    """Streams and environment."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]

    def console(self) -> Console:
        """Return a console that suits what standard output is."""
        # The dialogue brings the whole engine, which `ipt --help` does without.
        from ipt.dialogue.console import Console  # noqa: PLC0415

        is_tty = self.stdout.isatty()
        size = shutil.get_terminal_size()
        return Console(
            self.stdin,
            self.stdout,
            width=size.columns - 1 if is_tty else _PIPE_WIDTH,
            height=size.lines if is_tty and self.stdin.isatty() else 0,
            colors=is_tty and "NO_COLOR" not in self.environ,
            echoes=not self.stdin.isatty(),
        )

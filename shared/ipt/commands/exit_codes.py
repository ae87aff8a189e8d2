"""The exit codes of all commands; docs/ipt/README.md explains them."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    NOTHING = 1
    USAGE = 2
    SOURCE = 3
    ANSWERS = 4
    STOPPED = 5
    DIFFERS = 6
    RACE = 7
    UNDECIDED = 8
    FAULT = 70
    CTRL_C = 130

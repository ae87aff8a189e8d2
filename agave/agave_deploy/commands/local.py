"""The commands of the local stack: `up`, `down`, `accounts`."""

import argparse
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from agave_deploy.errors import StackError
from agave_deploy.local_stack.local import USUAL_PORT, LocalStack
from agave_deploy.local_stack.local_functions import FUNCTION_KINDS, choose_functions
from agave_deploy.local_stack.local_profile import (
    DATA_FOLDER,
    TERMINAL_HOSTS,
    choose_terminals,
)
from agave_deploy.local_stack.processes import age_of_this_process
from agave_deploy.systems.local import SLURM_CHOICES

__all__ = ["add_local_commands"]

_HIGHEST_PORT = 65535
Say = Callable[[str], None]
Add = Callable[..., argparse.ArgumentParser]


def add_local_commands(add: Add, say: Say) -> None:
    """Add the commands with their arguments, and what they run.

    Args:
        add: adds a command, by its name.
        say: takes one line for the person.
    """
    up = add("up", help="start the local stack")
    up.add_argument("--port", type=_read_port, help=f"default: {USUAL_PORT}")
    up.add_argument("--detach", action="store_true", help="leave it running")
    up.add_argument(
        "--terminals", choices=TERMINAL_HOSTS, default="auto", help="what runs them"
    )
    up.add_argument("--engine", metavar="URL", help="the container engine for them")
    up.add_argument(
        "--functions",
        choices=FUNCTION_KINDS,
        default=FUNCTION_KINDS[0],
        help="what runs the functions",
    )
    up.add_argument(
        "--slurm",
        choices=SLURM_CHOICES,
        default="auto",
        help="whether jobs may go to this machine's Slurm",
    )
    up.set_defaults(run=lambda options: _up(options, say))
    down = add("down", help="stop the local stack")
    down.set_defaults(run=lambda options: _down(options, say))
    accounts = add("accounts", help="the local stack's accounts")
    accounts.add_argument("--reset", action="store_true", help="make new passwords")
    accounts.set_defaults(run=lambda options: _accounts(options, say))
    for command in (up, down, accounts):
        command.add_argument("--data", type=Path, default=None, help="data folder")


def _read_port(text: str) -> int:
    # No other digits than these, and no more of them than a port can have.
    port = int(text) if re.fullmatch("[0-9]{1,5}", text) else 0
    if not 0 < port <= _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(
            f"a port is a number from 1 to {_HIGHEST_PORT}"
        )
    return port


def _local(options: argparse.Namespace, say: Say) -> LocalStack:
    data: Path = options.data or options.root / DATA_FOLDER
    return LocalStack(options.root, data.absolute(), say)


def _up(options: argparse.Namespace, say: Say) -> int:
    end = threading.Event()
    if not options.detach:
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, lambda *_: end.set())
    local = _local(options, say)
    terminals = choose_terminals(options.terminals, options.engine)
    functions = choose_functions(options.functions, options.engine)
    started = local.up(
        options.port,
        age_of_this_process,
        terminals,
        slurm=options.slurm,
        functions=functions,
    )
    if not started or options.detach:
        return 0
    say("\nCtrl-C stops everything.  The log:")
    lived = local.watch(end)
    local.down()
    if not lived:
        raise StackError("The tenant ended by itself.")
    return 0


def _down(options: argparse.Namespace, say: Say) -> int:
    was_there = _local(options, say).down()
    say("stopped" if was_there else "there was nothing to stop")
    return 0


def _accounts(options: argparse.Namespace, say: Say) -> int:
    local = _local(options, say)
    if options.reset:
        local.reset_accounts()
    else:
        local.list_accounts()
    return 0

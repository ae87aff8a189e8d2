"""The commands `rotate-secret` and `destroy`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from agave_deploy.commands.tenant import Add, add_profile_options, open_deployment
from agave_deploy.errors import DeployError
from agave_deploy.upkeep.rotation import Given

__all__ = ["add_upkeep_commands"]

Say = Callable[[str], None]


def add_upkeep_commands(add: Add, say: Say) -> None:
    """Add the commands with their arguments, and what they run.

    Args:
        add: adds a command, by its name.
        say: takes one line for the person.
    """
    rotate = add("rotate-secret", help="a new secret, and what ends with the old one")
    rotate.add_argument("name", metavar="NAME", help="such as ticket-key")
    source = rotate.add_mutually_exclusive_group()
    source.add_argument("--file", type=Path, metavar="FILE", help="with mode 600")
    source.add_argument("--stdin", action="store_true", help="read the new one there")
    source.add_argument(
        "--drop-old", action="store_true", help="no new one; what is older ends"
    )
    rotate.add_argument(
        "--now", action="store_true", help="the old one is good for nothing at once"
    )
    rotate.set_defaults(run=lambda options: _rotate(options, say, sys.stdin))
    destroy = add("destroy", help="take the instance off the tenant")
    destroy.add_argument("--yes", action="store_true", help="do not ask")
    destroy.add_argument(
        "--with-data", action="store_true", help="the homes of all users, too"
    )
    destroy.set_defaults(run=lambda options: _destroy(options, say, sys.stdin))
    for command in (rotate, destroy):
        add_profile_options(command)


def _rotate(options: argparse.Namespace, say: Say, typed: TextIO) -> int:
    deployment = open_deployment(options)
    if options.drop_old:
        deployment.end_overlap(options.name, say)
        return 0
    given = Given(options.file, typed.read() if options.stdin else None)
    deployment.rotate(options.name, given, say, at_once=options.now)
    return 0


def _destroy(options: argparse.Namespace, say: Say, typed: TextIO) -> int:
    deployment = open_deployment(options)
    removal = deployment.removal(with_data=options.with_data)
    say(str(removal))
    instance = deployment.profile.instance
    if not options.yes:
        say(f"Type the instance's name, {instance}, to go on:")
        if typed.readline().strip() != instance:
            raise DeployError("Nothing was removed.")
    removal.run(say)
    deployment.forget()
    return 0

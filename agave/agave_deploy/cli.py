"""The command `agave-deploy`."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from agave_deploy.commands.local import add_local_commands
from agave_deploy.commands.tenant import add_deploy_commands
from agave_deploy.commands.upkeep import add_upkeep_commands
from agave_deploy.errors import DeployError
from agave_deploy.images.image_command import add_image_command
from agave_deploy.local_stack.doctor import Machine, write_report
from agave_deploy.profiles.manual_terminal import add_terminal_command
from agave_deploy.profiles.profile_command import add_profile_command
from agave_deploy.systems.command import add_system_command

__all__ = ["main"]

_PROGRAM = "agave-deploy"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    program = _read_program(arguments)
    options = _parser(program).parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    mask = os.umask(0o077)  # nothing that we write is for others
    try:
        return run(options)
    except (DeployError, OSError) as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        os.umask(mask)


def _read_program(arguments: Sequence[str] | None) -> str:
    """Return the name that the person called us by, which signs what we say."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    _add_program(parser)
    program: str = parser.parse_known_args(arguments)[0].program
    return program


def _add_program(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--program", default=_PROGRAM, help=argparse.SUPPRESS)


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program, description="Deploys IPT on the Web to an Agave tenant."
    )
    _add_program(parser)
    parser.add_argument(
        "--root", type=Path, default=_find_root(), help="the checkout (default: this)"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_deploy_commands(commands.add_parser, _say)
    add_upkeep_commands(commands.add_parser, _say)
    add_local_commands(commands.add_parser, _say)
    image = commands.add_parser("image", help="build images on an engine")
    add_image_command(image, _say)
    system = commands.add_parser("system", help="look at a system's file")
    add_system_command(system, _say)
    profile = commands.add_parser("profile", help="look at a profile, or begin one")
    add_profile_command(profile, _say)
    terminal = commands.add_parser("terminal", help="terminals started by hand")
    add_terminal_command(terminal, _say)
    doctor = commands.add_parser("doctor", help="what this machine has and lacks")
    doctor.add_argument("--engine", metavar="URL", help="unix:///path/to.sock")
    doctor.set_defaults(run=_doctor)
    return parser


def _find_root() -> Path:
    """Return the checkout: here, or where this package was installed from."""
    here = Path.cwd()
    return here if (here / "actors.yaml").exists() else Path(__file__).parents[2]


def _doctor(options: argparse.Namespace) -> int:
    print(write_report(Machine.real(options.engine)))
    return 0


def _say(line: str) -> None:
    print(line, flush=True)

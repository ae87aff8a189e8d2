"""The command `agave-deploy`."""

import argparse
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from agave_deploy.deployment import Deployment, read_registrations
from agave_deploy.doctor import Machine, write_report
from agave_deploy.errors import DeployError
from agave_deploy.images import DEFAULT_BASE, IMAGES, ImageOrder, build_image
from agave_deploy.local import USUAL_PORT, LocalStack
from agave_deploy.local_profile import DATA_FOLDER, TERMINAL_HOSTS, choose_terminals
from agave_deploy.processes import age_of_this_process
from agave_deploy.profile import read_profile
from agave_deploy.systems.command import add_system_command
from agave_deploy.systems.local import SLURM_CHOICES
from agave_deploy.vault import Vault

__all__ = ["main"]

_PROGRAM = "agave-deploy"
_HIGHEST_PORT = 65535


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
    for name, run, text in (
        ("plan", _plan, "print what apply would do"),
        ("apply", _apply, "bring a tenant to what the checkout says"),
        ("status", _status, "exit with 1 if there is something to do"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--profile", type=Path, required=True)
        command.set_defaults(run=run)
    up = commands.add_parser("up", help="start the local stack")
    up.add_argument("--port", type=_read_port, help=f"default: {USUAL_PORT}")
    up.add_argument("--detach", action="store_true", help="leave it running")
    up.add_argument(
        "--terminals", choices=TERMINAL_HOSTS, default="auto", help="what runs them"
    )
    up.add_argument("--engine", metavar="URL", help="the container engine for them")
    up.add_argument(
        "--slurm",
        choices=SLURM_CHOICES,
        default="auto",
        help="whether jobs may go to this machine's Slurm",
    )
    up.set_defaults(run=_up)
    down = commands.add_parser("down", help="stop the local stack")
    down.set_defaults(run=_down)
    accounts = commands.add_parser("accounts", help="the local stack's accounts")
    accounts.add_argument("--reset", action="store_true", help="make new passwords")
    accounts.set_defaults(run=_accounts)
    for command in (up, down, accounts):
        command.add_argument("--data", type=Path, default=None, help="data folder")
    _add_image(commands.add_parser("image", help="build an image on an engine"))
    system = commands.add_parser("system", help="look at a system's file")
    add_system_command(system, _say)
    doctor = commands.add_parser("doctor", help="what this machine has and lacks")
    doctor.add_argument("--engine", metavar="URL", help="unix:///path/to.sock")
    doctor.set_defaults(run=_doctor)
    return parser


def _add_image(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", choices=IMAGES, metavar="NAME", help=", ".join(IMAGES))
    command.add_argument("--base", metavar="IMAGE", default=DEFAULT_BASE)
    command.add_argument("--engine", metavar="URL", help="unix:///path/to.sock")
    command.add_argument("--tag", metavar="NAME", default="", help="the image's name")
    command.add_argument(
        "--force", action="store_true", help="build it even if nothing has changed"
    )
    command.set_defaults(run=_image)


def _find_root() -> Path:
    """Return the checkout: here, or where this package was installed from."""
    here = Path.cwd()
    return here if (here / "actors.yaml").exists() else Path(__file__).parents[2]


def _read_port(text: str) -> int:
    # No other digits than these, and no more of them than a port can have.
    port = int(text) if re.fullmatch("[0-9]{1,5}", text) else 0
    if not 0 < port <= _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(
            f"a port is a number from 1 to {_HIGHEST_PORT}"
        )
    return port


def _deployment(options: argparse.Namespace) -> Deployment:
    profile = read_profile(options.profile)
    vault = Vault(profile.secrets)
    return Deployment(read_registrations(options.root, profile), profile, vault)


def _plan(options: argparse.Namespace) -> int:
    print(_deployment(options).plan())
    return 0


def _apply(options: argparse.Namespace) -> int:
    done = _deployment(options).apply(_say)
    if not done.steps:
        print(done)
    return 0


def _status(options: argparse.Namespace) -> int:
    plan = _deployment(options).plan()
    print(f"{plan.size} to do" if plan.steps else plan)
    return 1 if plan.steps else 0


def _local(options: argparse.Namespace) -> LocalStack:
    data: Path = options.data or options.root / DATA_FOLDER
    return LocalStack(options.root, data.absolute(), _say)


def _up(options: argparse.Namespace) -> int:
    end = threading.Event()
    if not options.detach:
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, lambda *_: end.set())
    local = _local(options)
    terminals = choose_terminals(options.terminals, options.engine)
    started = local.up(
        options.port, age_of_this_process, terminals, slurm=options.slurm
    )
    if not started or options.detach:
        return 0
    print("\nCtrl-C stops everything.  The log:", flush=True)
    lived = local.watch(end)
    local.down()
    if not lived:
        print(f"{options.program}: The tenant ended by itself.", file=sys.stderr)
    return 0 if lived else 1


def _down(options: argparse.Namespace) -> int:
    print("stopped" if _local(options).down() else "there was nothing to stop")
    return 0


def _accounts(options: argparse.Namespace) -> int:
    local = _local(options)
    if options.reset:
        local.reset_accounts()
    else:
        local.list_accounts()
    return 0


def _image(options: argparse.Namespace) -> int:
    order = ImageOrder(
        options.name,
        base=options.base,
        engine=options.engine,
        tag=options.tag,
        force=options.force,
    )
    build_image(options.root, order, _say)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    print(write_report(Machine.real(options.engine)))
    return 0


def _say(line: str) -> None:
    print(line, flush=True)

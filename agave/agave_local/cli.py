"""The command `agave-local`: serve a tenant, look after its accounts.

`serve` · `accounts add|list|set-password` · `operations`
"""

import argparse
import getpass
import json
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from agave_local.call import ADMIN_ROLE, SERVICE_ROLE
from agave_local.clock import Ids, SystemClock
from agave_local.errors import LocalTenantError
from agave_local.lock import DataInUse, locked
from agave_local.operations import coverage
from agave_local.services.profiles.models import EVERYONE, Profiles
from agave_local.settings import TenantSettings
from agave_local.store import Store
from agave_local.tenant import Tenant
from agave_local.transports.served import CannotListen, Served, is_loopback, listen

_DEFAULT_DATA = Path(".ipt-data")
_DEFAULT_PORT = 8080
_SHORTEST_PASSWORD = 8
_ROLES = {"user": (), "service": (SERVICE_ROLE,), "admin": (ADMIN_ROLE,)}
_EXIT_REFUSED = 2


class Refused(Exception):
    """The command cannot do what it was asked for; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: of the command line; the process's own where None.

    Returns:
        0, or 2 where it was refused.
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (Refused, LocalTenantError, CannotListen, DataInUse) as error:
        sys.stderr.write(f"agave-local: {error}\n")
        return _EXIT_REFUSED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="agave-local", description="A local Agave v2 and Abaco v2 tenant."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_serve(commands.add_parser("serve", help="serve the tenant over HTTP"))
    accounts = commands.add_parser("accounts", help="look after the accounts")
    verbs = accounts.add_subparsers(required=True, metavar="verb")
    add = _add_account(verbs.add_parser("add", help="add an account"))
    add.add_argument("--role", choices=list(_ROLES), default="user")
    add.add_argument("--full-name", default="")
    add.add_argument("--email", default="")
    add.set_defaults(run=_add)
    password = _add_account(verbs.add_parser("set-password", help="change a password"))
    password.set_defaults(run=_set_password)
    names = verbs.add_parser("list", help="list the accounts and their roles")
    _add_data(names)
    names.set_defaults(run=_list)
    operations = commands.add_parser(
        "operations", help="list which operations of agavepy are here"
    )
    operations.set_defaults(run=_operations)
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        default=_DEFAULT_DATA,
        help="folder of everything the tenant keeps (default: .ipt-data)",
    )


def _add_serve(parser: argparse.ArgumentParser) -> None:
    _add_data(parser)
    parser.add_argument("--port", type=int, default=_DEFAULT_PORT)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument(
        "--allow-remote",
        action="store_true",
        help="let other machines reach the tenant, which speaks plain HTTP",
    )
    parser.add_argument("--base-url", help="address that callers use")
    parser.add_argument(
        "--images", type=Path, help="JSON file: image name to Python package"
    )
    parser.add_argument(
        "--control",
        action="store_true",
        help="let any program of this machine use /local (for tests)",
    )
    parser.add_argument(
        "--unconfined-jobs",
        action="store_true",
        help="run jobs without a sandbox where there is none, for one user at a time",
    )
    parser.set_defaults(run=_serve)


def _add_account(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("username")
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the password from a pipe"
    )
    _add_data(parser)
    return parser


def _serve(options: argparse.Namespace) -> None:
    if not is_loopback(options.host) and not options.allow_remote:
        raise Refused(
            f"Other machines could reach {options.host}, in plain HTTP; "
            "say --allow-remote if that is meant."
        )
    images = _read_images(options.images)
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with locked(options.data):
        listener = listen(options.host, options.port)
        port = listener.getsockname()[1]
        host = f"[{options.host}]" if ":" in options.host else options.host
        base_url = (options.base_url or f"http://{host}:{port}").rstrip("/")
        tenant = Tenant(
            TenantSettings(
                options.data.resolve(),
                base_url,
                images=images,
                control=options.control,
                unconfined_jobs=options.unconfined_jobs,
            )
        )
        served = Served(tenant, listener)
        served.start()
        logging.getLogger("agave_local").info("serving %s", base_url)
        # A wait without end would not let a signal's handler run everywhere.
        while served.is_alive and not ended.wait(1):
            pass
        logging.getLogger("agave_local").info("stopping")
        served.stop()


def _read_images(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        images = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"The image list {path} cannot be read: {error}") from error
    if not isinstance(images, dict) or not all(
        isinstance(package, str) for package in images.values()
    ):
        raise Refused(f"The image list {path} is an object of texts.")
    return images


def _add(options: argparse.Namespace) -> None:
    _profiles(options.data).add(
        options.username,
        _read_password(options),
        roles=_ROLES[options.role],
        full_name=options.full_name,
        email=options.email,
    )


def _set_password(options: argparse.Namespace) -> None:
    _profiles(options.data).set_password(options.username, _read_password(options))


def _list(options: argparse.Namespace) -> None:
    for profile in _profiles(options.data).all():
        roles = " ".join(role for role in profile["roles"] if role != EVERYONE)
        _say(f"{profile['username']:<24} {roles}".rstrip())


def _operations(_: argparse.Namespace) -> None:
    rows = coverage()
    for operation, is_done in rows:
        _say(f"{'done' if is_done else '-':<5}{operation}")
    done = sum(is_done for _, is_done in rows)
    _say(f"\n{done} of {len(rows)} operations of agavepy 0.9.5 are here.")


def _profiles(data: Path) -> Profiles:
    """Open the accounts; the tenant may be running, and sees changes at once."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Profiles(Store(data / "tenant.sqlite"), SystemClock(), Ids())


def _read_password(options: argparse.Namespace) -> str:
    if options.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass(f"Password of {options.username}: ")
    if len(password) < _SHORTEST_PASSWORD:
        raise Refused(f"A password has at least {_SHORTEST_PASSWORD} characters.")
    return password


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")

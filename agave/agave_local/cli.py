"""The command `agave-local`: serve a tenant, look after its accounts.

`serve` · `accounts add|list|set-password` · `operations` · `backup` · `restore`
"""

import argparse
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

from agave_local.call import ADMIN_ROLE, SERVICE_ROLE
from agave_local.clock import Ids, SystemClock
from agave_local.configuration.values import BadValue, read_code
from agave_local.errors import LocalTenantError
from agave_local.lock import DataInUse
from agave_local.operations import MISSING, coverage, to_markdown
from agave_local.records.backup import BackupRefused, back_up
from agave_local.records.migrations import CannotOpen
from agave_local.records.restore import restore
from agave_local.records.store import Store
from agave_local.services.profiles.models import EVERYONE, Profiles
from agave_local.serving import BadConfiguration, add_options
from agave_local.transports.served import CannotListen

_DEFAULT_DATA = Path(".ipt-data")
_SHORTEST_PASSWORD = 8
_ROLES = {"user": (), "service": (SERVICE_ROLE,), "admin": (ADMIN_ROLE,)}
_NOBODY = "There is no tenant in {}."
_EXIT_REFUSED, _EXIT_INTERRUPTED = 2, 130
_EXAMPLE = """\
a first tenant:
  agave-local accounts add anna --data ./tenant
  agave-local serve --data ./tenant --port 8080

`agave-local COMMAND --help` tells more about a command.
"""


class Refused(Exception):
    """The command cannot do what it was asked for; the message says why."""


_REFUSALS = (
    BackupRefused,
    BadConfiguration,
    CannotListen,
    CannotOpen,
    DataInUse,
    LocalTenantError,
    Refused,
)


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
    except _REFUSALS as error:
        sys.stderr.write(f"agave-local: {error}\n")
        return _EXIT_REFUSED
    except OSError as error:
        why = error.strerror or str(error)
        about = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"agave-local: {about}{why}.\n")
        return _EXIT_REFUSED
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return _EXIT_INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="agave-local",
        description="A local Agave v2 and Abaco v2 tenant.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    add_options(commands.add_parser("serve", help="serve tenants over HTTP"))
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
    _add_backups(commands)
    operations = commands.add_parser(
        "operations", help="list which operations of agavepy are here"
    )
    operations.add_argument(
        "--markdown", action="store_true", help="as the page of the documentation"
    )
    operations.set_defaults(run=_operations)
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        default=_DEFAULT_DATA,
        help="folder of everything the server keeps (default: .ipt-data)",
    )
    parser.add_argument(
        "--tenant-code",
        type=_code,
        metavar="CODE",
        help="a further tenant of a server with several; without it, the first one",
    )


def _add_backups(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    parser = commands.add_parser("backup", help="put everything into one file")
    parser.add_argument(
        "file", type=Path, help="to make; compressed where it ends in .gz"
    )
    _add_data(parser)
    parser.set_defaults(run=_backup)
    parser = commands.add_parser("restore", help="bring such a file back")
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--force", action="store_true", help="replace what is there, keeping it aside"
    )
    _add_data(parser)
    parser.set_defaults(run=_restore)


def _code(text: str) -> str:
    try:
        return read_code(text, Path())
    except BadValue as error:
        raise argparse.ArgumentTypeError(f"it {error}") from error


def _add_account(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("username")
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the password from a pipe"
    )
    _add_data(parser)
    return parser


def _add(options: argparse.Namespace) -> None:
    # The code of the server's first tenant, or a mistyped one, would make another.
    is_new = options.tenant_code is not None and not _is_there(_folder(options))
    _profiles(options).add(
        options.username,
        _read_password(options),
        roles=_ROLES[options.role],
        full_name=options.full_name,
        email=options.email,
    )
    if is_new:
        sys.stderr.write(f"A new tenant begins in {_folder(options)}.\n")


def _set_password(options: argparse.Namespace) -> None:
    if not _is_there(_folder(options)):
        raise Refused(_NOBODY.format(_folder(options)))
    _profiles(options).set_password(options.username, _read_password(options))


def _list(options: argparse.Namespace) -> None:
    if not _is_there(_folder(options)):
        # No accounts is what there are, so that scripts may ask before the first one.
        sys.stderr.write(f"{_NOBODY.format(_folder(options))}\n")
        return
    for profile in _profiles(options).all():
        roles = " ".join(role for role in profile["roles"] if role != EVERYONE)
        _say(f"{profile['username']:<24} {roles}".rstrip())


def _backup(options: argparse.Namespace) -> None:
    made = back_up(_folder(options), options.file)
    for shown in made.changed:
        sys.stderr.write(f"changed while it was read: {shown}\n")
    for shown in made.left_out:
        sys.stderr.write(f"left out: {shown}\n")
    _say(f"{options.file}: the records and {len(made.checksums) - 1} files.")


def _restore(options: argparse.Namespace) -> None:
    data = _folder(options)
    old = restore(options.file, data, force=options.force)
    _say(f"{data} is as it was.")
    if old is not None:
        _say(f"What was there before is in {old}.")


def _operations(options: argparse.Namespace) -> None:
    if options.markdown:
        sys.stdout.write(to_markdown())
        return
    operations = coverage()
    for operation in operations:
        _say(f"{operation.state:<8}{operation.name}  {operation.note}".rstrip())
    here = sum(operation.state != MISSING for operation in operations)
    _say(f"\n{here} of {len(operations)} operations of agavepy 0.9.5 are here.")


def _profiles(options: argparse.Namespace) -> Profiles:
    """Open the accounts; the tenant may be running, and sees changes at once."""
    data = _folder(options)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Profiles(Store(data / "tenant.sqlite"), SystemClock(), Ids())


def _is_there(data: Path) -> bool:
    return (data / "tenant.sqlite").is_file()


def _folder(options: argparse.Namespace) -> Path:
    data: Path = options.data
    code: str | None = options.tenant_code
    return data if code is None else data / "tenants" / code


def _read_password(options: argparse.Namespace) -> str:
    if options.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = _ask_password(options.username)
    if len(password) < _SHORTEST_PASSWORD:
        raise Refused(f"A password has at least {_SHORTEST_PASSWORD} characters.")
    return password


def _ask_password(username: str) -> str:
    if not sys.stdin.isatty():
        raise Refused("There is no terminal; send a password with --password-stdin.")
    try:
        return getpass.getpass(f"Password of {username}: ")
    except EOFError as error:
        raise Refused("No password was given.") from error


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")

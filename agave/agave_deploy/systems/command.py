"""The command `agave-deploy system`: a system's file, its machine, people's keys."""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.errors import RegistryError
from agave_deploy.local_stack.local_profile import DATA_FOLDER, PROFILE_FILE
from agave_deploy.profiles.profile import read_profile
from agave_deploy.profiles.vault import Vault
from agave_deploy.systems.check import (
    Finding,
    check_file,
    check_folders,
    check_machine,
)
from agave_deploy.systems.credentials import (
    Credentials,
    PrivateKey,
    read_key_file,
    to_auth,
)
from agave_deploy.systems.model import SystemEntry
from agave_deploy.systems.reach import fingerprint, reach, sign_in
from agave_deploy.systems.reading import read_system
from agave_deploy.upkeep.deployment import Deployment

__all__ = ["add_system_command"]


def add_system_command(
    command: argparse.ArgumentParser, say: Callable[[str], None]
) -> None:
    """Give the command its arguments, and what it runs.

    Args:
        command: `system`.
        say: takes one line for the person.
    """
    verbs = command.add_subparsers(required=True, metavar="VERB")
    check = verbs.add_parser("check", help="is the file right, and the machine so?")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument(
        "--connect", action="store_true", help="sign in and look at the machine, too"
    )
    check.add_argument(
        "--secrets",
        type=Path,
        metavar="FOLDER",
        help="where the private key lies (default: that of the data folder)",
    )
    check.set_defaults(run=lambda options: _check(options, say))
    key = verbs.add_parser("key", help="have one user's jobs run as their own account")
    key.add_argument("file", type=Path, metavar="FILE")
    key.add_argument("user", metavar="USER", help="who submits the jobs")
    what = key.add_mutually_exclusive_group(required=True)
    what.add_argument("--account", metavar="NAME", help="whose they are on the machine")
    what.add_argument("--remove", action="store_true", help="run as everybody's again")
    key.add_argument("--key", type=Path, metavar="KEYFILE", help="its private key")
    key.add_argument(
        "--profile",
        type=Path,
        metavar="PROFILE",
        help="of the tenant (default: that of the data folder)",
    )
    key.add_argument(
        "--no-connect", action="store_true", help="do not try the account and its key"
    )
    key.set_defaults(run=lambda options: _set_key(options, say))
    for verb in (check, key):
        verb.add_argument(
            "--data", type=Path, metavar="FOLDER", help="of the local stack"
        )


def _data(options: argparse.Namespace) -> Path:
    data: Path = options.data or options.root / DATA_FOLDER
    return data


def _check(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    entry = read_system(options.file)
    wrong = 0
    for finding in _findings(entry, options):
        say(str(finding))
        wrong += finding.verdict == "WRONG"
    if wrong:
        say(f"{wrong} of these must be mended first.")
    return 1 if wrong else 0


def _findings(entry: SystemEntry, options: argparse.Namespace) -> Iterator[Finding]:
    yield from check_file(entry)
    if not options.connect or entry.historical:
        return
    secrets: Path = options.secrets or _data(options) / "secrets"
    with reach(entry, Credentials(Vault(secrets))) as run:
        login = entry.login
        if login.protocol == "SSH":
            yield Finding("ok", f"host key {fingerprint(login.host_key)}")
            yield Finding("ok", f"{login.user} is let in at {login.host}:{login.port}")
        yield from check_machine(entry, run)


def _set_key(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    entry = read_system(options.file)
    if entry.login.protocol != "SSH":
        raise RegistryError(f"{options.file.name}: only a system over SSH takes keys.")
    if options.account and options.key is None:
        raise RegistryError("--account needs --key: the private key of the account.")
    key = read_key_file(options.key) if options.account else None
    profile = read_profile(_find_profile(options))
    manifest = read_manifest(options.root)
    client = Deployment(manifest, profile, Vault(profile.secrets)).sign_in()
    if not client.has_account(options.user):
        raise RegistryError(f"The tenant has no account {options.user}.")
    if key is not None and not options.no_connect:
        _try_account(entry, options.account, key, say)
    for system in (entry.build_system, entry.run_system):
        if key is None:
            client.delete_credential(system, options.user)
        else:
            auth = to_auth(options.account, key)
            client.put_credential(system, options.user, auth)
    whose = options.account or f"{entry.login.user}, as everybody's"
    say(f"jobs of {options.user} on {entry.name} run as {whose}")
    return 0


def _find_profile(options: argparse.Namespace) -> Path:
    """Return the profile's file.

    Raises:
        RegistryError: None was named, and there is no local stack.
    """
    if options.profile is not None:
        named: Path = options.profile
        return named
    usual = _data(options) / "run" / PROFILE_FILE
    if not usual.is_file():
        raise RegistryError(
            f"There is no local stack in {_data(options)}; `up` makes one, --data "
            "names another folder, and --profile another tenant."
        )
    return usual


def _try_account(
    entry: SystemEntry, account: str, key: PrivateKey, say: Callable[[str], None]
) -> None:
    """Sign in as somebody's own account, and look at the folders of their jobs.

    Raises:
        RegistryError: The account is not let in, or has no folder to write to.
    """
    login = replace(entry.login, user=account)
    with sign_in(login, key) as run:
        say(str(Finding("ok", f"{account} is let in at {login.host}:{login.port}")))
        findings = list(check_folders(entry, account, run))
    for finding in findings:
        say(str(finding))
    if any(finding.verdict == "WRONG" for finding in findings):
        raise RegistryError(
            f"Jobs of {account} would have no folder, so nothing was changed; "
            "--no-connect changes it all the same."
        )

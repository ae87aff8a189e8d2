"""The command `agave-deploy profile`: looks at a tenant's profile, or begins one."""

import argparse
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml

from agave_deploy.bundle.yaml_file import read_yaml
from agave_deploy.errors import ProfileError, SecretsError
from agave_deploy.profiles.environment import (
    VARIABLES,
    Findings,
    read_environment,
    to_nested,
)
from agave_deploy.profiles.profile import Profile, read_profile, to_profile
from agave_deploy.profiles.vault import Vault, variable_of

__all__ = ["add_profile_command"]

# What a profile needs and no environment ever said; containers have the last two.
_USUAL: Final = {
    "terminal_dir": "/tmp/ipt-terminals",  # noqa: S108 - of the function's container
    "ipt_python": "/usr/bin/python3",
    "terminal_ws_scheme": "wss",
}
_SERVICE: Final = "service-account"


def add_profile_command(
    command: argparse.ArgumentParser,
    say: Callable[[str], None],
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Give the command its arguments, and what it runs.

    Args:
        command: `profile`.
        say: takes one line for the person.
        environment: of the person.
    """
    verbs = command.add_subparsers(required=True, metavar="VERB")
    check = verbs.add_parser("check", help="is it right, and what else is needed?")
    check.set_defaults(run=lambda options: _check(options, say, environment))
    write = verbs.add_parser("write", help="begin one, from the environment")
    write.add_argument(
        "--home-root", required=True, metavar="DIR", help="the homes, on their host"
    )
    write.add_argument(
        "--member", action="append", default=[], metavar="USER", help="may use it"
    )
    write.set_defaults(run=lambda options: _write(options, say, environment))
    for verb in (check, write):
        verb.add_argument("file", type=Path, metavar="FILE")


def _check(
    options: argparse.Namespace,
    say: Callable[[str], None],
    environment: Mapping[str, str],
) -> int:
    profile = read_profile(options.file)
    found = read_environment(environment)
    say(f"ok       instance {profile.instance} on {profile.tenant}")
    for line in found.over(read_yaml(options.file)):
        say(f"note     {line}")
    for line in (*_overlooked(found, profile), *found.warnings):
        say(f"note     {line}")
    missing = [*_missing_secrets(profile, environment)]
    for line in missing:
        say(f"missing  {line}")
    return 1 if missing else 0


def _overlooked(found: Findings, profile: Profile) -> Iterator[str]:
    """Return a sentence for each secret that only the environment has."""
    for name in found.secrets:
        if not (profile.secrets / name).exists():
            variables = [v.name for v in VARIABLES.values() if v.target == name]
            yield (
                f"{' and '.join(variables)}: only `profile write` reads secrets from "
                f"there; put it into the folder of secrets, as {name}"
            )


def _missing_secrets(profile: Profile, environment: Mapping[str, str]) -> Iterator[str]:
    """Return a sentence for each secret that a person has to bring."""
    needed = {_SERVICE: f"the password of {profile.service_account}"}
    if profile.needs_ssh_key:
        needed["ssh-key"] = "the private key for the hosts of terminals"
    for name, what in needed.items():
        path = profile.secrets / name
        if environment.get(variable_of(name)):
            continue
        if not path.exists():
            yield (
                f"secret {name}: {what}, as a file of mode 600 in {profile.secrets}, "
                f"or in the environment as {variable_of(name)}"
            )
        elif path.stat().st_mode & 0o077:
            yield f"secret {name} is open to others: chmod 600 {path}"
    if profile.secrets.exists() and profile.secrets.stat().st_mode & 0o077:
        yield f"the folder of secrets is open to others: chmod 700 {profile.secrets}"


def _write(
    options: argparse.Namespace,
    say: Callable[[str], None],
    environment: Mapping[str, str],
) -> int:
    found = read_environment(environment)
    if "tenant" not in found.fields:
        raise ProfileError("Which tenant? Set AGAVE_BASE_URL to its address.")
    file: Path = options.file
    fields = to_nested(found.fields)
    fields["members"] = sorted({*options.member, *fields.get("admins", [])})
    given = fields.get("settings", {})
    fields["settings"] = {"terminal_home_root": options.home_root, **_USUAL, **given}
    profile = to_profile(fields, file.parent)
    if file.exists():
        raise ProfileError(f"{file} is there already; nothing was written.")
    kept = _keep_secrets(found, profile)
    text = "# Every key: docs/live-tenant.md\n" + yaml.safe_dump(
        fields, sort_keys=False
    )
    with file.open("x", encoding="utf-8") as out:
        out.write(text)
    for key, name in found.sources.items():
        say(f"{name} became {key}")
    for name in kept:
        say(f"the secret {name} was put into {profile.secrets}")
    for line in found.warnings:
        say(line)
    say(f"{file} is written; next: agave-deploy profile check {file}")
    return 0


def _keep_secrets(found: Findings, profile: Profile) -> list[str]:
    """Put the environment's secrets into the folder; those that are there stay.

    Raises:
        SecretsError: The folder is open to others.
    """
    vault = Vault(profile.secrets)
    kept = []
    for name, text in found.secrets.items():
        if vault.read(name):
            raise SecretsError(
                f"The folder of secrets has a {name} already, and the environment has "
                "one, too; remove one of them."
            )
        value = text
        if name == "oauth-client":
            # With what it was registered for, by which `apply` knows it for its own.
            value = json.dumps({**json.loads(text), "callback": profile.callback_url})
        vault.write(name, value)
        kept.append(name)
    return kept

"""New secrets for old ones: where each comes from, and what ends with the old one.

    oauth-client   made by the tenant      sessions of people end
    session-key    made here               nothing: the old key still opens old sessions
    ticket-key     made here               nothing: old terminals get tickets of theirs
    ssh-key, …     the person's            what the old key alone opens

A secret comes from the environment, a file with mode 600 or the standard input; never
from a command line, and none is ever printed.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agave_deploy.errors import SecretsError
from agave_deploy.profiles.vault import (
    Vault,
    make_session_key,
    make_ticket_key,
    read_private_file,
    read_session_key,
    read_ticket_key,
    split_keys,
    variable_of,
)
from agave_deploy.systems.credentials import PrivateKey, to_private_key

__all__ = [
    "SESSIONS_END",
    "TICKET_KEY",
    "Given",
    "Rotation",
    "end_overlap",
    "read_given",
    "rotate",
]

TICKET_KEY: Final = "ticket-key"
SESSIONS_END: Final = "Everybody has to sign in again; terminals and jobs go on."
_KEPT: Final = 3
"""Keys of one kind at a time: the newest, and two of before."""

_MADE: Final[Mapping[str, Callable[[], str]]] = {
    "session-key": make_session_key,
    TICKET_KEY: make_ticket_key,
}
_CHECK: Final[Mapping[str, Callable[[str], object]]] = {
    "session-key": read_session_key,
    TICKET_KEY: read_ticket_key,
}
_STILL: Final = {
    "session-key": "Sessions of before go on; each takes the new key as it is renewed.",
    TICKET_KEY: "Terminals of before still open: their tickets are signed as before.",
}
_ENDS: Final = {
    "session-key": SESSIONS_END,
    TICKET_KEY: (
        "Terminals that were started before can't be opened any more: whoever has one "
        "presses Restart. What is open stays open until its connection ends."
    ),
}


@dataclass(frozen=True)
class Given:
    """Where a person says that a secret is; at most one of them.

    Attributes:
        file: with mode 600.
        typed: what came from the standard input; None where it was not asked.
    """

    file: Path | None = None
    typed: str | None = None


@dataclass(frozen=True)
class Rotation:
    """What a change of a secret came to.

    Attributes:
        name: of the secret.
        said: sentences for the person: what ends, what goes on, what is to be done.
    """

    name: str
    said: tuple[str, ...]


def read_given(
    name: str, given: Given, environment: Mapping[str, str] = os.environ
) -> str:
    """Return the secret that a person gave; empty where they gave none.

    Raises:
        SecretsError: It can't be read, or others could read it.
    """
    if given.typed is not None:
        text = given.typed
    elif given.file is not None:
        text = read_private_file(given.file)
    else:
        text = environment.get(variable_of(name), "")
        if not text:
            return ""
    if not text.strip():
        raise SecretsError(f"What was given as {name} is empty.")
    return text.strip() + "\n"


def rotate(vault: Vault, name: str, text: str, *, at_once: bool) -> Rotation:
    """Put a new secret into the vault.

    Args:
        vault: of the profile.
        name: of the secret.
        text: that a person gave; empty to make one.
        at_once: whether the old one is good for nothing from now on.

    Raises:
        SecretsError: It is none that works, or must be given.
    """
    if name in _MADE:
        return _rotate_made(vault, name, text, at_once=at_once)
    if not text:
        variable = variable_of(name)
        raise SecretsError(
            f"Nobody but you can make {name}: give it in the environment as "
            f"{variable}, by --file, or by --stdin."
        )
    key = to_private_key(name, text)
    vault.write(name, key.private)
    return Rotation(name, _tell_of_key(key))


def end_overlap(vault: Vault, name: str) -> Rotation:
    """Keep the newest of several keys alone.

    Raises:
        SecretsError: The secret is none of which there are several.
    """
    if name not in _MADE:
        raise SecretsError(f"There is only one {name} at a time.")
    keys = split_keys(vault.read(name) or "")
    if keys:
        vault.write(name, keys[0])
    return Rotation(name, (_ENDS[name],) if keys[1:] else ("There was only one.",))


def _rotate_made(vault: Vault, name: str, text: str, *, at_once: bool) -> Rotation:
    new = split_keys(text)[0] if text else _MADE[name]()
    _CHECK[name](new)
    old = split_keys(vault.read(name) or "")
    kept = [] if at_once else [each for each in old if each != new]
    keys = [new, *kept][:_KEPT]
    vault.write(name, "\n".join(each.strip() for each in keys) + "\n")
    if not kept:
        return Rotation(name, (_ENDS[name],) if old else ())
    end = f"To end that too: rotate-secret {name} --drop-old"
    return Rotation(name, (_STILL[name], end))


def _tell_of_key(key: PrivateKey) -> tuple[str, ...]:
    return (
        f"Its public key: {key.public}",
        (
            "The machines must know it before it is used; take the old one away there "
            "afterwards. What runs there goes on."
        ),
    )

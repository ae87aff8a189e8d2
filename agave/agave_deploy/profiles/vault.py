"""The secrets of one instance: one file each, in a folder for its owner alone.

Nothing in here is ever printed, logged or put on a command line.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from agave_deploy.errors import SecretsError

__all__ = [
    "Vault",
    "make_password",
    "make_session_key",
    "make_ticket_key",
    "read_private_file",
    "read_session_key",
    "read_ticket_key",
    "split_keys",
    "variable_of",
]

_MARK_DIGITS = 8  # as functions tell keys apart (architecture 6.1)
_PEM = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", re.DOTALL)
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike


def make_password() -> str:
    """Return a new password that a person can type: 80 bits in four groups."""
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4)
    )


class Vault:
    """Reads and writes secrets; owns its folder.

    Args:
        folder: made with mode 700 where it is missing.
        environment: where a person may give secrets, too.

    Raises:
        SecretsError: Somebody else could read the folder.
    """

    def __init__(
        self, folder: Path, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._folder = folder
        self._environment = environment
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_mode & 0o077:
            raise SecretsError(
                f"The folder of secrets {folder.name} is open to others; "
                "make it yours alone with chmod 700."
            )

    def read(self, name: str) -> str | None:
        """Return a secret, or None where there is none."""
        try:
            return (self._folder / name).read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise SecretsError(f"The secret {name} can't be read.") from error

    def read_private(self, name: str) -> str | None:
        """Return a secret that a person put there, or None where there is none.

        Raises:
            SecretsError: Others could read it.
        """
        path = self._folder / name
        return read_private_file(path) if path.exists() else None

    def find_given(self, name: str) -> str | None:
        """Return a secret that a person gives: in the environment, or in the folder.

        Raises:
            SecretsError: Others could read it.
        """
        return self._environment.get(variable_of(name)) or self.read_private(name)

    def read_object(self, name: str) -> dict[str, Any]:
        """Return a secret that is a JSON object; empty where there is none."""
        try:
            value = json.loads(self.read(name) or "{}")
        except ValueError as error:
            raise SecretsError(f"The secret {name} is damaged; delete it.") from error
        if not isinstance(value, dict):
            raise SecretsError(f"The secret {name} is damaged; delete it.")
        return value

    def write(self, name: str, text: str) -> None:
        """Keep a secret; whoever reads meanwhile sees the old one or the new one."""
        draft = self._folder / f".{name}.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(self._folder / name)

    def write_object(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep a secret that is a JSON object."""
        self.write(name, json.dumps(dict(value)))

    def forget(self, name: str) -> None:
        """Remove a secret, if there is one."""
        (self._folder / name).unlink(missing_ok=True)

    def session_key(self) -> str:
        """Return the keys of the sessions, the newest first; made at the first call."""
        return self._kept("session-key", make_session_key)

    def ticket_key(self) -> str:
        """Return the keys that sign tickets, the newest first; made at the first call.

        They are private keys in PEM, one after the other.
        """
        return self._kept("ticket-key", make_ticket_key)

    def ticket_public_key(self) -> str:
        """Return the public key that checks tickets of new terminals."""
        return (
            self._ticket_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    def ticket_mark(self) -> str:
        """Return what launches end with whose terminals know that public key."""
        raw = self._ticket_key().public_bytes_raw()
        return hashlib.sha256(raw).hexdigest()[:_MARK_DIGITS]

    def _ticket_key(self) -> Ed25519PublicKey:
        newest = split_keys(self.ticket_key())[:1]
        return read_ticket_key("".join(newest)).public_key()

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        text = self.read(name)
        if not text:
            text = make()
            self.write(name, text)
        return text


def make_session_key() -> str:
    """Return a new key for sessions."""
    return Fernet.generate_key().decode()


def make_ticket_key() -> str:
    """Return a new private key for tickets, in PEM."""
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode()
    )


def variable_of(name: str) -> str:
    """Return the variable of the environment in which a person may give a secret."""
    return "IPT_SECRET_" + name.upper().replace("-", "_")


def read_private_file(path: Path) -> str:
    """Return the secret that a file holds.

    Raises:
        SecretsError: Others could read it, or it can't be read.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise SecretsError(
                f"The secret {path.name} is open to others; make it yours alone with "
                "chmod 600."
            )
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise SecretsError(f"The secret {path.name} can't be read.") from error


def read_session_key(text: str) -> Fernet:
    """Return what a key for sessions is.

    Raises:
        SecretsError: It is none.
    """
    try:
        return Fernet(text)
    except ValueError:
        raise SecretsError("The secret session-key is no Fernet key.") from None


def read_ticket_key(pem: str) -> Ed25519PrivateKey:
    """Return what a key for tickets is.

    Raises:
        SecretsError: It is none.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise SecretsError("The secret ticket-key is damaged, or no key.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SecretsError("The secret ticket-key must be an Ed25519 key.")
    return key


def split_keys(text: str) -> list[str]:
    """Return the keys of a secret that has several: in PEM, or one a line."""
    if "-----BEGIN" in text:
        return [f"{each}\n" for each in _PEM.findall(text)]
    return text.split()

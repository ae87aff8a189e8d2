"""The secrets of one instance: one file each, in a folder for its owner alone.

Nothing in here is ever printed, logged or put on a command line.
"""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from agave_deploy.errors import SecretsError

__all__ = ["Vault", "make_password"]

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

    Raises:
        SecretsError: Somebody else could read the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
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
        try:
            mode = (self._folder / name).stat().st_mode
        except OSError:
            return self.read(name)
        if mode & 0o077:
            raise SecretsError(
                f"The secret {name} is open to others; make it yours alone with "
                "chmod 600."
            )
        return self.read(name)

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
        """Return the key of the sessions, made at the first call."""
        return self._kept("session-key", lambda: Fernet.generate_key().decode())

    def ticket_key(self) -> str:
        """Return the private key that signs tickets, made at the first call."""
        return self._kept("ticket-key", _make_ticket_key)

    def ticket_public_key(self) -> str:
        """Return the public key that checks tickets."""
        try:
            key = load_pem_private_key(self.ticket_key().encode(), password=None)
        except ValueError as error:
            raise SecretsError("The secret ticket-key is damaged.") from error
        return (
            key.public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        text = self.read(name)
        if not text:
            text = make()
            self.write(name, text)
        return text


def _make_ticket_key() -> str:
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode()
    )

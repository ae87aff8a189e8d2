"""The private keys of systems: found by name, and shown to the tenant alone.

A key comes from the environment (`IPT_SECRET_<NAME>`) or from a file of that name in
the profile's folder of secrets, mode 600.  No error, plan or log ever holds one.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from agave_deploy.bundle.models import System
from agave_deploy.errors import SecretsError
from agave_deploy.profiles.vault import Vault, variable_of

__all__ = [
    "Credentials",
    "PrivateKey",
    "auth_digest",
    "read_key_file",
    "to_auth",
    "to_private_key",
    "with_key",
]


_OPENSSH: Final = "-----BEGIN OPENSSH PRIVATE KEY-----"
# Of the instance itself; sending one of these to a tenant as a key would give it away.
_OURS: Final = frozenset(
    {
        *("applied", "nonces", "oauth-client", "service-account"),
        *("session-key", "ticket-key", "unseen-passwords"),
    }
)


@dataclass(frozen=True)
class PrivateKey:
    """A private key without a password, and the public key that belongs to it."""

    private: str = field(repr=False)
    public: str


class Credentials:
    """Finds the private keys of systems.

    Args:
        vault: of the profile.
        environment: looked into first.
    """

    def __init__(
        self, vault: Vault, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._vault = vault
        self._environment = environment

    def find(self, name: str) -> PrivateKey:
        """Return a key.

        Raises:
            SecretsError: There is none, others could read it, or it is no key that
                works; says what to do, and never what the secret is.
        """
        if name in _OURS:
            raise SecretsError(f"The credential {name} is a secret of the instance.")
        variable = variable_of(name)
        text = self._environment.get(variable) or self._vault.read_private(name)
        if not text:
            raise SecretsError(
                f"The private key {name} is missing: put it into the folder of "
                f"secrets as {name} (mode 600), or into the environment as {variable}."
            )
        return to_private_key(name, text)


def to_private_key(name: str, text: str) -> PrivateKey:
    """Return a private key with the public one that belongs to it.

    Raises:
        SecretsError: It is no key that works; never says what it is.
    """
    private = text.strip() + "\n"
    return PrivateKey(private, _to_public(name, private))


def read_key_file(path: Path) -> PrivateKey:
    """Return a private key that lies in a file of somebody's.

    Raises:
        SecretsError: Others could read it, or it is no key that works.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise SecretsError(
                f"The key {path.name} is open to others; make it yours alone with "
                "chmod 600."
            )
        private = path.read_text("utf-8").strip() + "\n"
    except (OSError, ValueError) as error:
        raise SecretsError(f"The key {path.name} can't be read.") from error
    return PrivateKey(private, _to_public(path.name, private))


def _to_public(name: str, private: str) -> str:
    load = (
        load_ssh_private_key if private.startswith(_OPENSSH) else load_pem_private_key
    )
    try:
        key: Any = load(private.encode(), None)
        public: bytes = key.public_key().public_bytes(
            Encoding.OpenSSH, PublicFormat.OpenSSH
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The error's own text may hold a part of the secret.
        raise SecretsError(
            f"The secret {name} must be a private key without a password, as "
            "ssh-keygen -t ed25519 -N '' makes it."
        ) from None
    return public.decode()


def to_auth(account: str, key: PrivateKey) -> dict[str, str]:
    """Return how an account is signed in to with a key, as a tenant wants it."""
    return {
        "type": "SSHKEYS",
        "username": account,
        "publicKey": key.public,
        "privateKey": key.private,
    }


def with_key(system: System, credentials: Credentials) -> System:
    """Return a system with the key for it in its document, where it needs one.

    Raises:
        SecretsError: The key is missing, or none.
    """
    if not system.credential:
        return system
    auth = to_auth(system.user, credentials.find(system.credential))
    parts = {
        part: {**system.document[part], "auth": auth}
        for part in ("login", "storage")
        if part in system.document
    }
    return replace(system, document={**system.document, **parts})


def auth_digest(document: Mapping[str, Any]) -> str:
    """Return a fingerprint of how a system is signed in at; empty without a secret."""
    auth = (document.get("login") or document.get("storage", {})).get("auth", {})
    if "privateKey" not in auth:
        return ""
    text = json.dumps(auth, sort_keys=True)
    return hashlib.sha256(f"{document['id']}\0{text}".encode()).hexdigest()

"""Tickets for a terminal's WebSocket (docs/architecture.md §6.1)."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from iptweb.errors import ConfigError
from iptweb.secret import Secret

__all__ = ["LIFETIME_S", "Ticket", "sign_ticket"]

LIFETIME_S: Final = 60
_MARK_DIGITS: Final = 8
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", re.DOTALL)


@dataclass(frozen=True)
class Ticket:
    """A right to open one terminal, once, within a minute."""

    text: Secret
    expires: int


def sign_ticket(
    key: Secret,
    *,
    user: str,
    name: str,
    launch: str,
    origin: str,
    now: float,
    ticket_id: str,
) -> Ticket:
    """Return a ticket for one user, one launch of one terminal and one origin.

    Args:
        key: Ed25519 private keys, PEM, the newest first: of several, the one whose
            mark the launch ends with, since the terminal knows that one alone; the
            oldest where it has no mark.
        user: Who may use it.
        name: The terminal's record name.
        launch: The launch it is good for.
        origin: The site's origin, or empty for a client that is no browser.
        now: Seconds since the epoch.
        ticket_id: Random; the terminal takes each only once.

    Raises:
        ConfigError: The key is not one.
    """
    expires = int(now) + LIFETIME_S
    payload = {
        "sub": user,
        "name": name,
        "launch": launch,
        "origin": origin,
        "exp": expires,
        "jti": ticket_id,
    }
    data = json.dumps(payload, separators=(",", ":")).encode()
    signature = _choose_key(key, launch).sign(data)
    return Ticket(Secret(f"{_encode(data)}.{_encode(signature)}"), expires)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _choose_key(key: Secret, launch: str) -> Ed25519PrivateKey:
    keys = [_read_key(each) for each in _PEM.findall(key.reveal())]
    if not keys:
        raise ConfigError("Setting ticket-key is not a private key in PEM.")
    mark = launch.rpartition(".")[2]
    return next((each for each in keys if _mark(each) == mark), keys[-1])


def _mark(key: Ed25519PrivateKey) -> str:
    public = key.public_key().public_bytes_raw()
    return hashlib.sha256(public).hexdigest()[:_MARK_DIGITS]


def _read_key(pem: str) -> Ed25519PrivateKey:
    try:
        loaded = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise ConfigError("Setting ticket-key is not a private key in PEM.") from None
    if not isinstance(loaded, Ed25519PrivateKey):
        raise ConfigError("Setting ticket-key is not an Ed25519 key.")
    return loaded

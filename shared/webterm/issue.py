"""Making tickets: for tests, and for programs that hold the key.

Apart from checking them, so that a terminal server has nothing of this in memory.
"""

import base64
import json
import secrets
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from .ticket import LIFETIME_SECONDS, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from .launch import Launch


def issue_ticket(
    key: "Ed25519PrivateKey",
    launch: "Launch",
    *,
    origin: str = "",
    now: "Callable[[], float]" = time.time,
    lifetime: int = LIFETIME_SECONDS,
) -> str:
    """Return a ticket for a terminal; for tests and for programs that hold the key."""
    ticket = Ticket(
        sub=launch.user,
        name=launch.name,
        launch=launch.launch,
        origin=origin,
        exp=int(now()) + lifetime,
        jti=secrets.token_urlsafe(16),
    )
    return sign_payload(key, json.dumps(asdict(ticket)).encode())


def sign_payload(key: "Ed25519PrivateKey", payload: bytes) -> str:
    """Return payload and signature in the ticket's form."""
    return f"{encode_part(payload)}.{encode_part(key.sign(payload))}"


def encode_part(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")

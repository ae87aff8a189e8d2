"""Tickets."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)

from iptweb.errors import ConfigError
from iptweb.secret import Secret
from iptweb.terminals.tickets import Ticket, sign_ticket
from iptweb.testing.settings import ticket_keys


def make(key: str) -> Ticket:
    """Return a ticket that a key signed."""
    return sign_ticket(
        Secret(key),
        user="ada",
        name="ada-test-IPT",
        launch="l-1",
        origin="https://site",
        now=1000.9,
        ticket_id="t-1",
    )


def decode(text: str) -> bytes:
    """Return the bytes of a part."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_ticket_is_signed() -> None:
    """The public key accepts the signature over the payload that travels."""
    private, public = ticket_keys()
    ticket = make(private)
    payload, signature = map(decode, ticket.text.reveal().split("."))
    key = load_pem_public_key(public.encode())

    assert isinstance(key, Ed25519PublicKey)
    key.verify(signature, payload)
    assert json.loads(payload) == {
        "sub": "ada",
        "name": "ada-test-IPT",
        "launch": "l-1",
        "origin": "https://site",
        "exp": 1060,
        "jti": "t-1",
    }
    assert ticket.expires == 1060


def test_ticket_does_not_show() -> None:
    """A ticket is a secret until it is sent."""
    assert "***" in repr(make(ticket_keys()[0]))


def test_bad_keys_are_the_operator_s_matter() -> None:
    """A key that can't sign is named and not shown."""
    other = rsa.generate_private_key(65537, 2048)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    for key in ("", "hunter22", pem.decode()):
        with pytest.raises(ConfigError, match="ticket-key") as caught:
            make(key)
        assert "hunter22" not in caught.value.message

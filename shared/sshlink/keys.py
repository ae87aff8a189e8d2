"""Keys: the one that a machine is known by, and what we are let in with."""

import base64
import binascii
import io
from dataclasses import dataclass, field
from typing import Final

import paramiko

from .errors import BadKey

__all__ = [
    "HOST_KEY_KINDS",
    "Password",
    "PrivateKey",
    "read_host_key",
    "read_private_key",
]

HOST_KEY_KINDS: Final = frozenset(
    {
        "ssh-ed25519",
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
    }
)
PrivateKey = paramiko.PKey


@dataclass(frozen=True)
class Password:
    """What some accounts are let in with.

    Attributes:
        text: The password itself; never shown.
    """

    text: str = field(repr=False)


def read_private_key(text: str) -> PrivateKey:
    """Read a private key: Ed25519, ECDSA or RSA.

    Raises:
        BadKey: It is none, or needs a password.
    """
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text))
        except (paramiko.SSHException, ValueError, IndexError, binascii.Error):
            # Of another kind, most of the time; its text could hold the key.
            continue
    raise BadKey("not a private key without a password")


def read_host_key(text: str) -> tuple[str, bytes]:
    """Return the kind and the bytes of a public key, `ssh-ed25519 AAAA…`.

    Raises:
        BadKey: It is none.
    """
    kind, _, rest = text.strip().partition(" ")
    try:
        data = base64.b64decode(rest.split()[0], validate=True)
    except (IndexError, binascii.Error, ValueError) as error:
        raise BadKey("not a public key") from error
    return kind, data

"""Passwords: what they may be, and the only form in which they are kept."""

import base64
import hashlib
import hmac
import secrets

from agave_local.errors import BadRequest

# scrypt with 16 MiB: about 50 ms on one core, far below what a sign-in may take
PASSWORD_COST = 2**14
_LONGEST = 1024
_BYTES = 32


def check_password(password: str) -> str:
    """Return a password that may be one.

    Raises:
        BadRequest: naming the rule.
    """
    if not 0 < len(password) <= _LONGEST or "\0" in password:
        raise BadRequest("A password has 1 to 1024 characters, none of them NUL.")
    return password


def hash_password(password: str, cost: int) -> str:
    """Return what is kept of a password."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{cost}:{_encode(salt)}:{_encode(_scrypt(password, salt, cost))}"


def no_password(cost: int) -> str:
    """Return what is like something kept, of a password that nobody has."""
    salt, digest = secrets.token_bytes(16), secrets.token_bytes(_BYTES)
    return f"scrypt:{cost}:{_encode(salt)}:{_encode(digest)}"


def is_password(password: str, hashed: str) -> bool:
    """Tell whether a password is the one of which this is kept."""
    _, cost, salt, digest = hashed.split(":")
    return hmac.compare_digest(
        _scrypt(password, base64.b64decode(salt), int(cost)), base64.b64decode(digest)
    )


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=8,
        p=1,
        dklen=_BYTES,
    )


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")

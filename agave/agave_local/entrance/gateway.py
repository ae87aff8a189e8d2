"""Who the gateway before the tenant says is calling (spec: Abaco, A.3).

`X-Jwt-Assertion-<TENANT>` ─▶ RS256 under the tenant's key ─▶ not expired ─▶ claims

Whatever is wrong with an assertion, it is as if there were none.
"""

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request

from agave_local.call import Identity
from agave_local.clock import Clock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_KNOWN = "agave_local.asserted"
_HEADER = "HTTP_X_JWT_ASSERTION_"
_PLAIN_HEADER = "HTTP_ASSERTION"
_PLAIN_TENANT = "DEV_STAGING"
_USER = "http://wso2.org/claims/enduser"
_ROLES = "http://wso2.org/claims/role"
_USERNAME = re.compile(r"[A-Za-z0-9._+-]{1,64}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST = 16 * 1024
_PARTS = 3
_SMALLEST_KEY_BITS = 2048
# No time in seconds is that late for three thousand years; one in milliseconds is.
_MILLISECONDS_FROM = 10**11


class BadKey(Exception):
    """The gateway's key cannot be used; the message says why, and not what it is."""


class Gateway:
    """Reads the assertions of one tenant's gateway.

    Args:
        key: the gateway's RSA public key, as PEM or as base64 of DER; nobody's
            assertions are believed where empty.
        code: of the tenant.
        clock: tells which assertions have expired.

    Raises:
        BadKey: for a text that is no such key.
    """

    def __init__(self, key: str, code: str, clock: Clock) -> None:
        self._key = read_key(key) if key else None
        self._header = _HEADER + header_name(code)
        self._is_plain = header_name(code) == _PLAIN_TENANT
        self._clock = clock

    def identify(self, request: Request) -> Identity | None:
        """Return who is calling, or None where no good assertion says so."""
        if self._key is None:
            return None
        if _KNOWN not in request.environ:
            request.environ[_KNOWN] = self._read(request, self._key)
        identity: Identity | None = request.environ[_KNOWN]
        return identity

    def _read(self, request: Request, key: "RSAPublicKey") -> Identity | None:
        token = request.environ.get(self._header)
        if token is None and self._is_plain:
            token = request.environ.get(_PLAIN_HEADER)
        if not isinstance(token, str) or len(token) > _LONGEST:
            return None
        claims = _verified(token, key)
        if claims is None or not self._is_current(claims.get("exp")):
            return None
        return _to_identity(claims)

    def _is_current(self, expires: object) -> bool:
        if isinstance(expires, bool) or not isinstance(expires, int | float):
            return False
        now = self._clock.now()
        return now * (1000 if expires >= _MILLISECONDS_FROM else 1) < expires


def header_name(code: str) -> str:
    """Return a tenant's code as WSGI would spell it within a header's name."""
    return code.upper().replace("-", "_")


def asserted_tenant(request: Request) -> str | None:
    """Return the code, as WSGI spells it, of the tenant an assertion is made for."""
    for name in request.environ:
        if name.startswith(_HEADER):
            return name.removeprefix(_HEADER)
    return _PLAIN_TENANT if _PLAIN_HEADER in request.environ else None


def read_key(text: str) -> "RSAPublicKey":
    """Read an RSA public key.

    Args:
        text: PEM, or base64 of DER as Abaco's `apim_public_key`.

    Raises:
        BadKey: where it is none, or shorter than 2048 bits.
    """
    # Most tenants have no gateway, and need not pay for this.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import (  # noqa: PLC0415
        RSAPublicKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        load_der_public_key,
        load_pem_public_key,
    )

    try:
        if "-----BEGIN" in text:
            key = load_pem_public_key(text.encode())
        else:
            der = base64.b64decode("".join(text.split()), validate=True)
            key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey("The gateway's key is a PEM, or base64 of DER.") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _SMALLEST_KEY_BITS:
        raise BadKey("The gateway's key is an RSA public key of 2048 bits or more.")
    return key


def _verified(token: str, key: "RSAPublicKey") -> dict[str, Any] | None:
    """Return the claims of a token that the key's owner signed."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    header = _read_object(parts[0])
    signature = _decode(parts[2])
    # The token does not choose how it is verified.
    if header is None or header.get("alg") != "RS256" or "crit" in header:
        return None
    signed = f"{parts[0]}.{parts[1]}".encode("latin-1", "replace")
    try:
        key.verify(signature, signed, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        return None
    return _read_object(parts[1])


def _read_object(part: str) -> dict[str, Any] | None:
    try:
        value = json.loads(_decode(part))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _decode(part: str) -> bytes:
    """Decode base64 as JWTs have it, without padding; nothing where it is broken."""
    if not _BASE64URL.fullmatch(part):
        return b""
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        return b""


def _to_identity(claims: dict[str, Any]) -> Identity | None:
    user, roles = claims.get(_USER), claims.get(_ROLES, "")
    if not isinstance(user, str):
        return None
    username = user.partition("@")[0]
    if not _USERNAME.fullmatch(username):
        return None
    names = roles.split(",") if isinstance(roles, str) else ()
    return Identity(username, frozenset(filter(None, map(str.strip, names))))

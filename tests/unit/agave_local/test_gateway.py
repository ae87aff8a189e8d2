"""What a gateway's assertion must be before it says who is calling."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from agave_local.call import Identity
from agave_local.entrance.gateway import BadKey, Gateway, asserted_tenant
from agave_local.testing import FakeClock

KEY = rsa.generate_private_key(65537, 2048)
HEADER = "X-Jwt-Assertion-Dev-Develop"
CODE = "DEV-DEVELOP"
ROLES = "Internal/everyone, Internal/abaco-user"


def _pem(key: Any = KEY) -> str:
    public = key.public_key()
    return str(
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    )


def _der() -> str:
    public = KEY.public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _claims(clock: FakeClock, **changed: Any) -> dict[str, Any]:
    claims = {
        "http://wso2.org/claims/enduser": "anna@carbon.super",
        "http://wso2.org/claims/role": ROLES,
        "exp": clock.now() + 60,
    }
    return claims | changed


def _sign(claims: Any, key: rsa.RSAPrivateKey = KEY, **header: Any) -> str:
    signed = f"{_part({'typ': 'JWT', 'alg': 'RS256'} | header)}.{_part(claims)}"
    signature = key.sign(signed.encode(), padding.PKCS1v15(), SHA256())
    return f"{signed}.{_part(signature)}"


def _request(token: str, header: str = HEADER) -> Request:
    return Request(EnvironBuilder("/", headers=[(header, token)]).get_environ())


@pytest.fixture(name="gateway")
def _gateway(clock: FakeClock) -> Gateway:
    return Gateway(_pem(), CODE, clock)


@pytest.mark.parametrize("key", [_pem(), _der()], ids=["pem", "der"])
@pytest.mark.parametrize("header", [HEADER, HEADER.lower(), HEADER.upper()])
def test_good_assertion(clock: FakeClock, key: str, header: str) -> None:
    """An assertion under the tenant's key names the caller and the roles."""
    gateway = Gateway(key, CODE, clock)

    identity = gateway.identify(_request(_sign(_claims(clock)), header))

    roles = frozenset({"Internal/everyone", "Internal/abaco-user"})
    assert Identity("anna", roles) == identity


def test_read_once(gateway: Gateway, clock: FakeClock) -> None:
    """Whoever asks again about one request gets the same answer, without new work."""
    request = _request(_sign(_claims(clock)))

    assert gateway.identify(request) is gateway.identify(request)


def test_nobody_without_a_key(clock: FakeClock) -> None:
    """Where the operator named no key, no assertion is believed."""
    assert Gateway("", CODE, clock).identify(_request(_sign(_claims(clock)))) is None


def test_plain_header(clock: FakeClock) -> None:
    """The header without a tenant's name is that of the staging tenant alone."""
    request = _request(_sign(_claims(clock)), "Assertion")

    assert Gateway(_pem(), "dev_staging", clock).identify(request) is not None
    again = _request(_sign(_claims(clock)), "Assertion")
    assert Gateway(_pem(), CODE, clock).identify(again) is None


@pytest.mark.parametrize("scale", [1, 1000], ids=["seconds", "milliseconds"])
def test_expiry(gateway: Gateway, clock: FakeClock, scale: int) -> None:
    """An assertion ends at its time, written in seconds or in milliseconds."""
    token = _sign(_claims(clock, exp=int(clock.now() + 60) * scale))
    assert gateway.identify(_request(token)) is not None

    clock.move(61)

    assert gateway.identify(_request(token)) is None


@pytest.mark.parametrize("expires", [None, "soon", True, [], 0, -1, float("nan")])
def test_without_an_end(gateway: Gateway, clock: FakeClock, expires: Any) -> None:
    """An assertion that does not say when it ends has ended."""
    token = _sign(_claims(clock, exp=expires))

    assert gateway.identify(_request(token)) is None


def test_of_another_key(gateway: Gateway, clock: FakeClock) -> None:
    """A stranger's signature is none."""
    other = rsa.generate_private_key(65537, 2048)

    assert gateway.identify(_request(_sign(_claims(clock), other))) is None


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"alg": "HS256"}, {"alg": "rs256"}, {"alg": None}, {"crit": []}],
)
def test_algorithm(gateway: Gateway, clock: FakeClock, header: dict[str, Any]) -> None:
    """The assertion has no say in how it is verified, though well signed."""
    assert gateway.identify(_request(_sign(_claims(clock), **header))) is None


def test_public_key_as_a_secret(gateway: Gateway, clock: FakeClock) -> None:
    """The public key makes no good signature of another kind."""
    signed = f"{_part({'alg': 'HS256'})}.{_part(_claims(clock))}"
    tag = hmac.new(_pem().encode(), signed.encode(), hashlib.sha256).digest()

    assert gateway.identify(_request(f"{signed}.{_part(tag)}")) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token.rsplit(".", 1)[0] + ".",
        lambda token: token.rsplit(".", 1)[0],
        lambda token: token + ".x",
        lambda token: token[:-8],
        lambda token: token.replace(".", "..", 1),
        lambda token: "".join(("a" if c == "b" else c) for c in token[::-1]),
        lambda _: "",
        lambda _: "...",
        lambda _: "\xff.\xff.\xff",
        lambda _: f"{_part(b'[1]')}.e30.e30",
        lambda _: f"{_part(b'{')}.e30.e30",
        lambda _: f"{_part(b'[' * 9000)}.e30.e30",
        lambda _: "a" * 20_000,
        lambda token: f"{token} ",
    ],
)
def test_spoilt(gateway: Gateway, clock: FakeClock, spoil: Any) -> None:
    """Whatever is not a whole assertion is as if there were none."""
    token = spoil(_sign(_claims(clock)))

    assert gateway.identify(_request(token)) is None


@pytest.mark.parametrize(
    "user", [None, 1, "", "@carbon.super", "a b@x", "anna\n@x", "x" * 65 + "@x"]
)
def test_user(gateway: Gateway, clock: FakeClock, user: Any) -> None:
    """A claim that names no user makes nobody."""
    claims = _claims(clock, **{"http://wso2.org/claims/enduser": user})

    assert gateway.identify(_request(_sign(claims))) is None


@pytest.mark.parametrize("roles", ["", ",", 7, None])
def test_without_roles(gateway: Gateway, clock: FakeClock, roles: Any) -> None:
    """A claim without roles gives none."""
    claims = _claims(clock, **{"http://wso2.org/claims/role": roles})
    identity = gateway.identify(_request(_sign(claims)))

    assert Identity("anna", frozenset()) == identity


def test_claims_that_are_no_object(gateway: Gateway) -> None:
    """Signed claims that are a list say nothing."""
    assert gateway.identify(_request(_sign(["anna"]))) is None


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("nonsense", "PEM, or base64 of DER"),
        ("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", "PEM, or base64"),
        (_pem(ec.generate_private_key(ec.SECP256R1())), "RSA public key of 2048"),
        (_pem(rsa.generate_private_key(65537, 1024)), "RSA public key of 2048"),  # noqa: S505 - which is refused
    ],
)
def test_bad_key(clock: FakeClock, key: str, message: str) -> None:
    """A key that cannot be used is refused at the start, without being shown."""
    with pytest.raises(BadKey, match=message) as refusal:
        Gateway(key, CODE, clock)

    assert key not in str(refusal.value)


def test_whose_assertion_it_is() -> None:
    """The header's name tells the tenant, whether or not the assertion is good."""
    assert asserted_tenant(_request("x")) == "DEV_DEVELOP"
    assert asserted_tenant(_request("x", "Assertion")) == "DEV_STAGING"
    assert asserted_tenant(_request("x", "Other")) is None

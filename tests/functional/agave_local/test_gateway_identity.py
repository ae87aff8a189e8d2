"""Callers of actors whom the tenant's gateway names, in both transports."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from agave_local.testing import (
    Caller,
    FakeClock,
    LocalAgave,
    in_process_agave,
    served_agave,
)

KEY = rsa.generate_private_key(65537, 2048)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
NO_CREDENTIALS = "No JWT or nonce provided."
NO_ROLE = "Not authorized -- missing required role."
RUN = {"in_process": in_process_agave, "served": served_agave}


@pytest.fixture(name="agave")
def _agave(transport: str, tmp_path: Path, clock: FakeClock) -> Iterator[LocalAgave]:
    """Yield a tenant that believes its gateway."""
    chosen: Any = {"code": "DEV-DEVELOP", "gateway_key": PUBLIC}
    with RUN[transport](tmp_path / "data", clock=clock, **chosen) as agave:
        yield agave


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _assertion(user: str, expires: float, roles: str) -> str:
    claims = {
        "http://wso2.org/claims/enduser": f"{user}@carbon.super",
        "http://wso2.org/claims/role": roles,
        "exp": int(expires),
    }
    signed = f"{_part({'alg': 'RS256'})}.{_part(claims)}"
    signature = KEY.sign(signed.encode(), padding.PKCS1v15(), SHA256())
    return f"{signed}.{_part(signature)}"


def _caller(
    agave: LocalAgave,
    user: str,
    roles: str = "Internal/everyone",
    header: str = "X-Jwt-Assertion-Dev-Develop",
) -> Caller:
    caller = agave.anonymous()
    expires = 1000 * (agave.tenant.clock.now() + 60)
    caller.headers[header] = _assertion(user, expires, roles)
    return caller


def _refused(answer: Any) -> tuple[int, str]:
    assert answer.json()["status"] == "error"
    return answer.status_code, answer.json()["message"]


def test_owner_by_assertion(agave: LocalAgave) -> None:
    """Whom the gateway names owns what they make, without an account here."""
    tess = _caller(agave, "tess", header="x-jwt-assertion-DEV-DEVELOP")

    made = tess.post("/actors/v2", json={"image": "some/image"}).json()["result"]

    assert made["owner"] == "tess"
    address = f"/actors/v2/{made['id']}"
    assert tess.get(address).ok
    other = _caller(agave, "otto")
    assert _refused(other.get(address))[0] == 400
    admin = _caller(agave, "root", "Internal/abaco-admin")
    assert admin.get(address).ok


def test_roles_come_from_the_gateway(agave: LocalAgave) -> None:
    """What the account here may do says nothing about what the gateway says."""
    agave.add_user("admin")

    plain = _caller(agave, "admin", "Internal/abaco-user")

    assert plain.get("/actors/v2").ok
    assert _refused(plain.get("/actors/admin"))[0] == 400


def test_without_a_role(agave: LocalAgave) -> None:
    """Whom the gateway names without a role of Abaco's may do nothing."""
    for roles in ("", "Internal/other", "internal/everyone"):
        nobody = _caller(agave, "tess", roles)
        assert _refused(nobody.get("/actors/v2")) == (400, NO_ROLE)


def test_not_good(agave: LocalAgave, clock: FakeClock) -> None:
    """An assertion that is not good is as if there were none."""
    late = _caller(agave, "tess")
    clock.move(61)
    stranger = agave.anonymous()
    stranger.headers["X-Jwt-Assertion-Dev-Develop"] = "a.b.c"
    of_another = _caller(agave, "tess", header="X-Jwt-Assertion-Sd2e")

    for caller in (late, stranger, of_another, agave.anonymous()):
        assert _refused(caller.get("/actors/v2")) == (400, NO_CREDENTIALS)


def test_a_nonce_beside_it(agave: LocalAgave) -> None:
    """With a good assertion a nonce is left alone; with a bad one it is used."""
    tess = _caller(agave, "tess")
    made = tess.post("/actors/v2", json={"image": "some/image"}).json()["result"]
    address = f"/actors/v2/{made['id']}"
    nonce = tess.post(f"{address}/nonces", json={"maxUses": 1}).json()["result"]["id"]

    assert tess.get(f"{address}?x-nonce={nonce}").ok
    tess.headers["X-Jwt-Assertion-Dev-Develop"] = "a.b.c"
    assert tess.get(f"{address}?x-nonce={nonce}").ok
    assert _refused(tess.get(f"{address}?x-nonce={nonce}"))[1].startswith("No remain")


def test_other_services_ask_for_a_token(agave: LocalAgave) -> None:
    """The assertion is for actors; elsewhere a token is asked for, as ever."""
    tess = _caller(agave, "tess")

    assert tess.get("/meta/v2/data").status_code == 401
    assert agave.client("anna").get("/actors/v2").ok


def test_a_postit_knows_nobody_who_redeems_it(agave: LocalAgave) -> None:
    """Whoever follows somebody's link does nothing by that in their own name."""
    tess = _caller(agave, "tess")
    body = {"image": "me/worker"}
    actor = tess.post("/actors/v2", json=body).json()["result"]["id"]
    body = {
        "url": f"{agave.base_url}/actors/v2/{actor}",
        "method": "DELETE",
        "noauth": "true",
    }
    postit = agave.client("anna").post("/postits/v2", json=body).json()["result"]

    answer = tess.get(f"/postits/v2/{postit['postit']}")

    assert _refused(answer) == (400, NO_CREDENTIALS)
    assert tess.get(f"/actors/v2/{actor}").ok


def test_the_log_names_the_caller(
    agave: LocalAgave, caplog: pytest.LogCaptureFixture
) -> None:
    """Whom the gateway named is in the log, and the assertion is not."""
    caplog.set_level("INFO", "agave_local")
    tess = _caller(agave, "tess")

    tess.get("/actors/v2")

    assert caplog.messages[-1].endswith(" tess")
    assert str(tess.headers["X-Jwt-Assertion-Dev-Develop"])[-40:] not in caplog.text


def test_nobody_is_believed_without_a_key(transport: str, tmp_path: Path) -> None:
    """A tenant without a gateway's key takes no header's word."""
    with RUN[transport](tmp_path / "keyless", code="DEV-DEVELOP") as agave:
        tess = _caller(agave, "tess")
        assert _refused(tess.get("/actors/v2")) == (400, NO_CREDENTIALS)

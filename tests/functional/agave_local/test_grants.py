"""The rarer ways to a token, and how the gateway refuses one, in both transports."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest

from agave_local.services.oauth.models import IMPLICIT_LIFETIME_S
from agave_local.services.oauth.testing import (
    CALLBACK,
    STATE,
    Site,
    is_refused,
    sent_back,
)
from agave_local.testing import PASSWORD, Caller, FakeClock, LocalAgave

VERIFIER = "v" * 43
_DIGEST = hashlib.sha256(VERIFIER.encode()).digest()
CHALLENGE = base64.urlsafe_b64encode(_DIGEST).rstrip(b"=").decode()
PROOF = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@pytest.fixture(name="site")
def _site(agave: LocalAgave) -> Site:
    return Site(agave)


def _fragment(answer: Any) -> dict[str, str]:
    location = answer.headers["Location"]
    assert location.startswith(f"{CALLBACK}#")
    fields = parse_qs(urlsplit(location).fragment)
    return {name: values[0] for name, values in fields.items()}


def test_implicit(agave_at: LocalAgave, clock: FakeClock) -> None:
    """A client in the browser gets a token behind the `#`, for an hour."""
    site = Site(agave_at)

    answer = site.submit(site.show(response_type="token"))

    given = _fragment(answer)
    assert (given["state"], given["token_type"], given["expires_in"]) == (
        STATE,
        "bearer",
        "3600",
    )
    assert "refresh_token" not in given
    assert site.me(given["access_token"]).json()["result"]["username"] == "anna"
    clock.move(IMPLICIT_LIFETIME_S)
    assert site.me(given["access_token"]).json()["fault"]["code"] == 900904


def test_implicit_denied(site: Site) -> None:
    """Who cancels goes back with the reason, behind the `#` as well."""
    answer = site.submit(site.show(response_type="token"), action="deny")

    assert _fragment(answer) == {"error": "access_denied", "state": STATE}


def test_implicit_form_gives_no_code(site: Site) -> None:
    """What is asked for cannot be changed between the page and its form."""
    page = site.show()

    answer = site.submit(page, response_type="token")

    assert answer.status_code == 400


def test_proof_of_who_asked(site: Site) -> None:
    """A code that was asked for with a challenge is exchanged with its verifier."""
    code = sent_back(site.submit(site.show(**PROOF)))["code"]

    assert site.exchange(code, code_verifier=VERIFIER).ok


@pytest.mark.parametrize("verifier", [None, "w" * 43, "short", "é" * 43])
def test_wrong_proof(site: Site, verifier: str | None) -> None:
    """Without the right verifier such a code is worth nothing, once and for all."""
    code = sent_back(site.submit(site.show(**PROOF)))["code"]
    proof = {} if verifier is None else {"code_verifier": verifier}

    assert is_refused(site.exchange(code, **proof), "invalid_grant")
    assert is_refused(site.exchange(code, code_verifier=VERIFIER), "invalid_grant")


def test_proof_that_nobody_asked_for(site: Site) -> None:
    """A verifier without a challenge is a mix-up of codes, and refused."""
    answer = site.exchange(site.code(), code_verifier=VERIFIER)

    assert is_refused(answer, "invalid_grant")


@pytest.mark.parametrize(
    "proof",
    [
        {"code_challenge": CHALLENGE},
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        {"code_challenge": "x", "code_challenge_method": "S256"},
        {"code_challenge_method": "S256"},
    ],
)
def test_bad_challenge(site: Site, proof: dict[str, str]) -> None:
    """A challenge that proves nothing is refused before anybody signs in."""
    answer = site.show(**proof)

    assert sent_back(answer)["error"] == "invalid_request"


def test_something_asked_for_twice(site: Site) -> None:
    """A doubled parameter sends no browser anywhere."""
    query = {**site.asked(), "redirect_uri": [CALLBACK, "https://evil.example.org/"]}

    answer = site.browser.get("/authorize", params=query, allow_redirects=False)

    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize("mimetype", ["application/json", "text/plain", None])
def test_token_wants_a_form(site: Site, mimetype: str | None) -> None:
    """The token endpoint reads forms, and says so of anything else."""
    headers = {} if mimetype is None else {"Content-Type": mimetype}

    for path in ("/token", "/revoke"):
        answer = site.agave.anonymous().post(
            path,
            auth=(site.key, site.secret),
            data='{"grant_type": "client_credentials"}',
            headers=headers,
        )
        assert is_refused(answer, "invalid_request")


def test_parameters_in_the_address_are_no_form(site: Site) -> None:
    """Passwords in an address, where logs would keep them, open nothing."""
    form = {"grant_type": "password", "username": "anna", "password": PASSWORD}

    answer = site.agave.anonymous().post(
        "/token", auth=(site.key, site.secret), params=form, data={"x": "y"}
    )

    assert is_refused(answer, "invalid_request")


def test_two_clients_at_once(site: Site) -> None:
    """A form that names another client than the one that signed in is refused."""
    assert site.sign_in(client_id=site.key).ok
    assert is_refused(site.sign_in(client_id="other"), "invalid_request")


def test_service_account_in_anothers_name(site: Site) -> None:
    """A service account gets tokens of users, but never of administrators."""
    for name in ("ipt", "admin"):
        site.agave.add_user(name)
    form = {"grant_type": "admin_password", "username": "ipt"}

    tokens = site.sign_in(**form, token_username="anna").json()

    assert site.me(tokens["access_token"]).json()["result"]["username"] == "anna"
    refused = site.sign_in(**form, token_username="admin")
    assert is_refused(refused, "unauthorized_client")


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("application/xml", "application/xml"),
        ("text/xml, */*;q=0.1", "text/xml"),
        ("application/json", "application/json"),
        ("text/html", "application/json"),
        ("*/*", "application/json"),
    ],
)
def test_fault_in_xml(agave: LocalAgave, accept: str, mimetype: str) -> None:
    """The gateway's refusal is XML for those who ask for XML."""
    answer = agave.anonymous().get(
        "/profiles/v2/me",
        headers={"Authorization": "Bearer <&>", "Accept": accept},
    )

    assert answer.status_code == 401
    assert answer.headers["Content-Type"].split(";")[0] == mimetype
    if mimetype.endswith("xml"):
        fault = ET.fromstring(answer.text)  # noqa: S314 - our own answer
        assert fault.tag == "{http://wso2.org/apimanager/security}fault"
        assert fault[0].text == "900901"
    else:
        assert answer.json()["fault"]["code"] == 900901


def test_subscriptions_are_heeded(agave: LocalAgave) -> None:
    """A token opens only the APIs that its client subscribes to."""
    site = Site(agave)
    client = agave.tenant.clients
    dev = agave.tenant.profiles.identity("dev")
    token = site.sign_in().json()["access_token"]
    caller = Caller(agave.base_url, token)
    assert caller.get("/systems/v2").ok

    client.unsubscribe(dev, "The site")
    client.subscribe(dev, "The site", {"apiName": "Profiles"})

    assert caller.get("/profiles/v2/me").ok
    for path in ("/systems/v2", "/actors/v2", "/meta/v2/data?q={}"):
        refused = caller.get(path)
        assert refused.status_code == 403
        assert refused.json()["fault"]["code"] == 900908
    # The tenant's own tokens, as an actor has them, are of no client.
    assert agave.client("anna").get("/systems/v2").ok

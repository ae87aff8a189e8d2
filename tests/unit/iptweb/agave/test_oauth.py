"""The token endpoints."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from iptweb.agave import OAuthService
from iptweb.errors import AgaveRefused, AgaveUnavailable, Unauthorized
from iptweb.secret import Secret
from iptweb.settings import OAuthClient

SERVER = "http://127.0.0.1:8443"
OAUTH = OAuthService(SERVER, OAuthClient("key", Secret("client-secret")))


@pytest.fixture(name="http")
def _http() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def test_authorize_url() -> None:
    """The browser is sent to the tenant with everything it must be asked."""
    url = urlsplit(OAUTH.authorize_url("https://site/cb?x=1", "s&t"))

    assert url.path == "/authorize"
    assert parse_qs(url.query) == {
        "client_id": ["key"],
        "response_type": ["code"],
        "redirect_uri": ["https://site/cb?x=1"],
        "scope": ["PRODUCTION"],
        "state": ["s&t"],
    }


def test_exchange(http: responses.RequestsMock) -> None:
    """A code becomes tokens; the client proves itself by Basic."""
    http.post(
        f"{SERVER}/token",
        json={"access_token": "a", "refresh_token": "r", "expires_in": 14400},
    )

    tokens = OAUTH.exchange("c&d", "https://site/cb")

    assert (tokens.access, tokens.refresh) == (Secret("a"), Secret("r"))
    assert tokens.expires_in == 14400
    assert "'a'" not in repr(tokens)
    request = http.calls[0].request
    assert request.headers["Authorization"].startswith("Basic ")
    assert parse_qs(str(request.body)) == {
        "grant_type": ["authorization_code"],
        "code": ["c&d"],
        "redirect_uri": ["https://site/cb"],
        "client_id": ["key"],
    }


def test_refresh_without_a_new_refresh_token(http: responses.RequestsMock) -> None:
    """A platform that does not rotate gives an empty refresh token."""
    http.post(f"{SERVER}/token", json={"access_token": "a", "expires_in": "60"})

    assert OAUTH.refresh(Secret("r")).refresh == Secret("")
    assert "grant_type=refresh_token" in str(http.calls[0].request.body)


@pytest.mark.parametrize("status", [400, 401])
def test_refused_grant(http: responses.RequestsMock, status: int) -> None:
    """A code or refresh token that is not taken means: sign in again."""
    http.post(f"{SERVER}/token", json={"error": "invalid_grant"}, status=status)

    with pytest.raises(Unauthorized):
        OAUTH.refresh(Secret("r"))


@pytest.mark.parametrize("body", ["<html>", "[1]"])
def test_refused_without_a_reason(http: responses.RequestsMock, body: str) -> None:
    """A refusal that gives no reason is a refusal of the grant."""
    http.post(f"{SERVER}/token", body=body, status=400)

    with pytest.raises(Unauthorized):
        OAUTH.refresh(Secret("r"))


def test_refused_client_is_not_the_user_s_fault(http: responses.RequestsMock) -> None:
    """A wrong client secret is the operator's matter."""
    http.post(f"{SERVER}/token", json={"error": "invalid_client"}, status=401)

    with pytest.raises(AgaveRefused):
        OAUTH.refresh(Secret("r"))


@pytest.mark.parametrize(
    "body",
    [
        "<html>",
        "[]",
        "{}",
        '{"access_token": 1, "expires_in": 1}',
        '{"access_token": "a", "expires_in": null}',
        '{"access_token": "a", "expires_in": "soon"}',
    ],
)
def test_nonsense(http: responses.RequestsMock, body: str) -> None:
    """Tokens that can't be used are the platform's fault."""
    http.post(f"{SERVER}/token", body=body)

    with pytest.raises(AgaveRefused):
        OAUTH.exchange("c", "https://site/cb")


def test_no_answer(http: responses.RequestsMock) -> None:
    """A connection that fails is the platform's trouble."""
    http.post(f"{SERVER}/token", body=requests.ConnectTimeout())

    with pytest.raises(AgaveUnavailable):
        OAUTH.exchange("c", "https://site/cb")


@pytest.mark.parametrize("status", [200, 400, 401])
def test_revoke(http: responses.RequestsMock, status: int) -> None:
    """A token that is worthless already counts as revoked."""
    http.post(f"{SERVER}/revoke", status=status)

    OAUTH.revoke(Secret("a"))

    assert str(http.calls[0].request.body) == "token=a"


def test_revoke_fails(http: responses.RequestsMock) -> None:
    """A revocation that did not happen is told."""
    http.post(f"{SERVER}/revoke", status=500)

    with pytest.raises(AgaveUnavailable):
        OAUTH.revoke(Secret("a"))

"""Tokens over HTTP, in both transports."""

from typing import Any

import pytest

from agave_local.services.oauth.models import ACCESS_LIFETIME_S
from agave_local.services.oauth.testing import (
    Site,
    is_refused,
)
from agave_local.testing import PASSWORD, FakeClock, LocalAgave


@pytest.fixture(name="site")
def _site(agave: LocalAgave) -> Site:
    return Site(agave)


@pytest.fixture(name="site_at")
def _site_at(agave_at: LocalAgave) -> Site:
    return Site(agave_at)


def test_password_grant(site: Site) -> None:
    """A user name and password give tokens in the shape of OAuth."""
    answer = site.sign_in()

    tokens = answer.json()
    assert answer.status_code == 200
    assert {"access_token", "refresh_token"} < tokens.keys()
    assert tuple(tokens[field] for field in ("expires_in", "token_type", "scope")) == (
        14400,
        "bearer",
        "default",
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert site.me(tokens["access_token"]).json()["result"]["username"] == "anna"


def test_client_in_the_form(site: Site) -> None:
    """A client may give its key and secret in the form."""
    form = {"grant_type": "password", "username": "anna", "password": PASSWORD}

    answer = site.agave.anonymous().post(
        "/token", data={**form, "client_id": site.key, "client_secret": site.secret}
    )

    assert answer.ok


def test_wrong_password(site: Site) -> None:
    """A wrong password and an unknown user are refused alike."""
    wrong = site.sign_in(password="no")
    unknown = site.sign_in(username="nobody", password="no")

    assert is_refused(wrong, "invalid_grant")
    assert wrong.content == unknown.content


def test_wrong_client(site: Site) -> None:
    """A client with a wrong key or secret gets nothing."""
    anonymous = site.agave.anonymous()
    form = {"grant_type": "client_credentials"}

    for auth in ((site.key, "no"), ("no", site.secret), None):
        answer = anonymous.post("/token", data=form, auth=auth)
        assert is_refused(answer, "invalid_client", 401)
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"grant_type": "password", "username": "anna"}, "invalid_request"),
        ({"grant_type": ["password", "password"]}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "no"}, "invalid_grant"),
    ],
)
def test_bad_request(site: Site, form: Any, error: str) -> None:
    """What the token endpoint cannot understand is refused in OAuth's words."""
    assert is_refused(site.token(**form), error)


def test_too_much_for_the_token_endpoint(site: Site) -> None:
    """A form of a megabyte is refused."""
    answer = site.token(grant_type="password", username="x" * 2**20)

    assert answer.status_code == 413


def test_client_credentials(site: Site) -> None:
    """A client alone gets a token of its owner, without a refresh token."""
    tokens = site.token(grant_type="client_credentials").json()

    assert "refresh_token" not in tokens
    assert site.me(tokens["access_token"]).json()["result"]["username"] == "dev"


def test_admin_password(site: Site) -> None:
    """An administrator gets tokens of somebody else; nobody else does."""
    site.agave.add_user("admin")
    form = {"grant_type": "admin_password", "token_username": "anna"}

    tokens = site.sign_in(**form, username="admin").json()

    assert site.me(tokens["access_token"]).json()["result"]["username"] == "anna"
    assert is_refused(site.sign_in(**form), "unauthorized_client")
    assert is_refused(site.sign_in(**form, password="no"), "invalid_grant")
    form["token_username"] = "nobody"
    assert is_refused(site.sign_in(**form, username="admin"), "invalid_grant")


def test_refresh_rotates(site: Site) -> None:
    """A refresh token is good once and gives another one."""
    first = site.sign_in().json()

    second = site.refresh(first["refresh_token"]).json()

    assert second["refresh_token"] != first["refresh_token"]
    assert site.me(second["access_token"]).ok
    assert site.me(first["access_token"]).ok
    assert is_refused(site.refresh(first["refresh_token"]), "invalid_grant")
    assert site.refresh(second["refresh_token"]).ok


def test_a_stolen_refresh_token_ends_the_sign_in(
    site_at: Site, clock: FakeClock
) -> None:
    """A refresh token used again, later, ends every token of that sign-in."""
    first = site_at.sign_in().json()
    second = site_at.refresh(first["refresh_token"]).json()
    clock.move(61)

    assert is_refused(site_at.refresh(first["refresh_token"]), "invalid_grant")

    assert site_at.me(second["access_token"]).status_code == 401
    assert is_refused(site_at.refresh(second["refresh_token"]), "invalid_grant")


def test_refresh_by_another_client(site: Site) -> None:
    """A refresh token is of no use to another client."""
    tokens = site.sign_in().json()
    other = Site(site.agave, "Other")

    assert is_refused(other.refresh(tokens["refresh_token"]), "invalid_grant")
    assert site.refresh(tokens["refresh_token"]).ok


def test_faults_of_bearer_tokens(site_at: Site, clock: FakeClock) -> None:
    """A bad token is answered as the gateway does, so that clients refresh."""
    tokens = site_at.sign_in().json()
    clock.move(ACCESS_LIFETIME_S)

    expired = site_at.me(tokens["access_token"])
    unknown = site_at.me("garbage")
    missing = site_at.me("")
    basic = site_at.agave.anonymous().get("/profiles/v2/me", auth=("anna", PASSWORD))

    assert [one.status_code for one in (expired, unknown, missing, basic)] == [401] * 4
    assert [
        one.json()["fault"]["code"] for one in (expired, unknown, missing, basic)
    ] == [900904, 900901, 900902, 900902]
    assert expired.json()["fault"]["message"].startswith("Invalid Credentials")
    assert "garbage" not in unknown.text


def test_revoke_a_refresh_token(site: Site) -> None:
    """Revoking a refresh token signs out: every token of the sign-in ends."""
    tokens = site.sign_in().json()
    anonymous, auth = site.agave.anonymous(), (site.key, site.secret)

    answer = anonymous.post(
        "/revoke", auth=auth, data={"token": tokens["refresh_token"]}
    )

    assert answer.status_code == 200
    assert site.me(tokens["access_token"]).status_code == 401
    assert is_refused(site.refresh(tokens["refresh_token"]), "invalid_grant")


def test_a_new_password_ends_every_sign_in(site: Site) -> None:
    """With a new password, what was given for the old one is worth nothing."""
    tokens, code, other = site.sign_in().json(), site.code(), site.agave.client("bert")

    site.agave.tenant.profiles.set_password("anna", "another password")

    assert site.me(tokens["access_token"]).status_code == 401
    assert is_refused(site.refresh(tokens["refresh_token"]), "invalid_grant")
    assert is_refused(site.exchange(code), "invalid_grant")
    assert site.sign_in(password="another password").ok
    assert other.get("/profiles/v2/me").ok


def test_revoke_an_access_token(site: Site) -> None:
    """Revoking an access token ends it alone; unknown tokens are no error."""
    tokens = site.sign_in().json()
    anonymous, auth = site.agave.anonymous(), (site.key, site.secret)

    for token in (tokens["access_token"], "unknown"):
        assert anonymous.post("/revoke", auth=auth, data={"token": token}).ok

    assert site.me(tokens["access_token"]).status_code == 401
    assert site.refresh(tokens["refresh_token"]).ok


def test_revoke_by_another_client(site: Site) -> None:
    """Nobody revokes another client's tokens."""
    tokens = site.sign_in().json()
    other = Site(site.agave, "Other")
    auth = (other.key, other.secret)

    for name in ("access_token", "refresh_token"):
        answer = site.agave.anonymous().post(
            "/revoke", auth=auth, data={"token": tokens[name]}
        )
        assert answer.ok

    assert site.me(tokens["access_token"]).ok
    assert site.refresh(tokens["refresh_token"]).ok


def test_no_token_is_kept_in_clear(site: Site) -> None:
    """The database holds hashes of tokens and secrets, and no password."""
    tokens = site.sign_in().json()
    code = site.code()
    site.agave.tenant.store.close()

    kept = b"".join(
        path.read_bytes() for path in site.agave.tenant.settings.data.glob("tenant.*")
    )

    for secret in (*_texts(tokens), code, site.secret, PASSWORD):
        assert secret.encode() not in kept


def _texts(tokens: dict[str, Any]) -> list[str]:
    return [tokens["access_token"], tokens["refresh_token"]]

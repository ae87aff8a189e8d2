"""Tokens and the sign-in page over HTTP, in both transports."""

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from agave_local.errors import TooMany, Unauthorized
from agave_local.services.oauth.models import ACCESS_LIFETIME_S, CODE_LIFETIME_S
from agave_local.testing import PASSWORD, Caller, FakeClock, LocalAgave

CALLBACK = "https://site.example.org/callback?page=1"
STATE = 'st&te="<ä>'


class Site:
    """A site with its own client, and a browser that was sent by it."""

    def __init__(self, agave: LocalAgave, name: str = "The <site>") -> None:
        self.agave = agave
        for username in ("anna", "dev"):
            agave.add_user(username)
        client, secret = agave.tenant.clients.create(
            agave.tenant.profiles.identity("dev"),
            name.replace("<", "").replace(">", ""),
            callback_url=CALLBACK,
        )
        self.key, self.secret = client["key"], secret
        self.browser = agave.anonymous()

    def asked(self, **changes: str) -> dict[str, str]:
        """Return what the site asks for."""
        return {
            "client_id": self.key,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "PRODUCTION",
            "state": STATE,
            **changes,
        }

    def show(self, **changes: str) -> Any:
        """Open the sign-in page."""
        return self.browser.get(
            "/authorize", params=self.asked(**changes), allow_redirects=False
        )

    def submit(self, page: Any, headers: Any = None, **typed: str) -> Any:
        """Send the page's form with what a person typed."""
        fields = dict(
            re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
        )
        form = {name: html.unescape(value) for name, value in fields.items()}
        form |= {"username": "anna", "password": PASSWORD, "action": "allow", **typed}
        return self.browser.post(
            "/authorize", data=form, headers=headers, allow_redirects=False
        )

    def code(self) -> str:
        """Sign in and return the code that the site gets."""
        answer = self.submit(self.show())
        assert answer.status_code == 302, answer.text
        return _sent_back(answer)["code"]

    def token(self, **form: str) -> Any:
        """Call the token endpoint as the site."""
        return self.agave.anonymous().post(
            "/token", auth=(self.key, self.secret), data=form
        )

    def exchange(self, code: str, **changes: str) -> Any:
        """Exchange a code for tokens."""
        form = {"grant_type": "authorization_code", "code": code}
        return self.token(**{**form, "redirect_uri": CALLBACK, **changes})

    def refresh(self, token: str) -> Any:
        """Exchange a refresh token."""
        return self.token(grant_type="refresh_token", refresh_token=token)

    def sign_in(self, **changes: str) -> Any:
        """Take tokens for a password."""
        form = {"grant_type": "password", "username": "anna", "password": PASSWORD}
        return self.token(**{**form, "scope": "PRODUCTION", **changes})

    def me(self, access_token: str) -> Any:
        """Ask who a token speaks for."""
        return Caller(self.agave.base_url, access_token).get("/profiles/v2/me")


@pytest.fixture(name="site")
def _site(agave: LocalAgave) -> Site:
    return Site(agave)


@pytest.fixture(name="site_at")
def _site_at(agave_at: LocalAgave) -> Site:
    return Site(agave_at)


def _sent_back(answer: Any) -> dict[str, str]:
    location = answer.headers["Location"]
    assert location.startswith(CALLBACK)
    return {
        name: values[0] for name, values in parse_qs(urlsplit(location).query).items()
    }


def _is_refused(answer: Any, error: str, status: int = 400) -> bool:
    assert status == answer.status_code, answer.text
    assert answer.json()["error_description"]
    return bool(error == answer.json()["error"])


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

    assert _is_refused(wrong, "invalid_grant")
    assert wrong.content == unknown.content


def test_wrong_client(site: Site) -> None:
    """A client with a wrong key or secret gets nothing."""
    anonymous = site.agave.anonymous()
    form = {"grant_type": "client_credentials"}

    for auth in ((site.key, "no"), ("no", site.secret), None):
        answer = anonymous.post("/token", data=form, auth=auth)
        assert _is_refused(answer, "invalid_client", 401)
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
    assert _is_refused(site.token(**form), error)


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
    assert _is_refused(site.sign_in(**form), "unauthorized_client")
    assert _is_refused(site.sign_in(**form, password="no"), "invalid_grant")
    form["token_username"] = "nobody"
    assert _is_refused(site.sign_in(**form, username="admin"), "invalid_grant")


def test_refresh_rotates(site: Site) -> None:
    """A refresh token is good once and gives another one."""
    first = site.sign_in().json()

    second = site.refresh(first["refresh_token"]).json()

    assert second["refresh_token"] != first["refresh_token"]
    assert site.me(second["access_token"]).ok
    assert site.me(first["access_token"]).ok
    assert _is_refused(site.refresh(first["refresh_token"]), "invalid_grant")
    assert site.refresh(second["refresh_token"]).ok


def test_a_stolen_refresh_token_ends_the_sign_in(
    site_at: Site, clock: FakeClock
) -> None:
    """A refresh token used again, later, ends every token of that sign-in."""
    first = site_at.sign_in().json()
    second = site_at.refresh(first["refresh_token"]).json()
    clock.move(61)

    assert _is_refused(site_at.refresh(first["refresh_token"]), "invalid_grant")

    assert site_at.me(second["access_token"]).status_code == 401
    assert _is_refused(site_at.refresh(second["refresh_token"]), "invalid_grant")


def test_refresh_by_another_client(site: Site) -> None:
    """A refresh token is of no use to another client."""
    tokens = site.sign_in().json()
    other = Site(site.agave, "Other")

    assert _is_refused(other.refresh(tokens["refresh_token"]), "invalid_grant")
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
    assert _is_refused(site.refresh(tokens["refresh_token"]), "invalid_grant")


def test_a_new_password_ends_every_sign_in(site: Site) -> None:
    """With a new password, what was given for the old one is worth nothing."""
    tokens, code, other = site.sign_in().json(), site.code(), site.agave.client("bert")

    site.agave.tenant.profiles.set_password("anna", "another password")

    assert site.me(tokens["access_token"]).status_code == 401
    assert _is_refused(site.refresh(tokens["refresh_token"]), "invalid_grant")
    assert _is_refused(site.exchange(code), "invalid_grant")
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


def test_sign_in_page(site: Site) -> None:
    """The page names the client, has labelled fields, and cannot be framed."""
    page = site.show()

    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert '<label for="username">Username</label>' in page.text
    assert '<label for="password">Password</label>' in page.text
    assert ">Sign in</button>" in page.text
    assert "<strong>The site</strong>" in page.text
    assert "site.example.org" in page.text
    assert "<script" not in page.text
    assert '<html lang="en">' in page.text
    assert page.headers["X-Frame-Options"] == "DENY"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://site.example.org" in policy
    assert "HttpOnly" in page.headers["Set-Cookie"]
    assert "SameSite=Strict" in page.headers["Set-Cookie"]
    assert "Access-Control-Allow-Origin" not in page.headers


def test_what_the_client_sends_is_escaped(site: Site) -> None:
    """Nothing that comes in by the address can become markup."""
    page = site.show(state='"><script>alert(1)</script>', scope="'\"<b>")

    assert "<script>" not in page.text
    assert "<b>" not in page.text


def test_sign_in_sends_back_a_code(site: Site) -> None:
    """After the right password the browser goes back with code and state."""
    answer = site.submit(site.show())

    assert answer.status_code == 302
    back = _sent_back(answer)
    assert {"page", "code", "state"} == back.keys()
    assert (back["page"], back["state"]) == ("1", STATE)
    tokens = site.exchange(back["code"]).json()
    assert site.me(tokens["access_token"]).json()["result"]["username"] == "anna"
    assert site.refresh(tokens["refresh_token"]).ok


def test_cancel(site: Site) -> None:
    """Whoever cancels goes back with the reason and no code."""
    answer = site.submit(site.show(), action="deny", password="")

    assert _sent_back(answer) == {"page": "1", "error": "access_denied", "state": STATE}


def test_without_state(site: Site) -> None:
    """A client that sends no state gets none."""
    answer = site.submit(site.show(state=""))

    assert {"page", "code"} == _sent_back(answer).keys()


def test_wrong_password_on_the_page(site: Site) -> None:
    """A wrong password is told at the form, and the name is kept."""
    answer = site.submit(site.show(), username='an"na', password="no")

    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "The user name or the password is not right." in answer.text
    assert 'value="an&quot;na"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "no" not in re.findall('value="([^"]*)"', answer.text)
    assert site.submit(answer).status_code == 302


def test_too_many_wrong_passwords_on_the_page(site_at: Site, clock: FakeClock) -> None:
    """After five wrong passwords even the right one has to wait a moment."""
    page = site_at.show()
    for _ in range(5):
        assert site_at.submit(page, password="no").status_code == 401

    refused = site_at.submit(page)
    clock.move(1)

    assert refused.status_code == 429
    assert "try again in 1 second." in refused.text
    assert site_at.submit(page).status_code == 302


@pytest.mark.parametrize("elsewhere", ["192.0.2.7", "2001:db8::7"])
def test_failures_elsewhere_lock_nobody_out(site: Site, elsewhere: str) -> None:
    """Wrong passwords from another machine do not keep a person out."""
    profiles = site.agave.tenant.profiles
    for _ in range(5):
        with pytest.raises(Unauthorized):
            profiles.sign_in("anna", "no", elsewhere)
    with pytest.raises(TooMany):
        profiles.sign_in("anna", PASSWORD, elsewhere)

    assert site.sign_in().ok
    assert site.submit(site.show()).status_code == 302
    clients = site.agave.anonymous().get("/clients/v2", auth=("anna", PASSWORD))
    assert clients.ok


def test_too_many_wrong_passwords_at_the_token_endpoint(site: Site) -> None:
    """The token endpoint, too, makes a guesser wait."""
    for _ in range(5):
        site.sign_in(password="no")

    assert site.sign_in(password="no").status_code == 429


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "unknown"},
        {"client_id": ""},
        {"redirect_uri": "https://evil.example.org/"},
        {"redirect_uri": f"{CALLBACK}&more=1"},
        {"redirect_uri": CALLBACK.upper()},
        {"redirect_uri": ""},
    ],
)
def test_no_open_redirect(site: Site, changes: dict[str, str]) -> None:
    """An address that the client did not register gets no browser sent to it."""
    page = site.show()

    shown = site.show(**changes)
    sent = site.submit(page, **changes)

    assert 400 == shown.status_code == sent.status_code
    assert "Location" not in shown.headers
    assert "Location" not in sent.headers
    assert "evil" not in shown.text


def test_client_without_a_callback(agave: LocalAgave) -> None:
    """A client without a callback URL cannot ask people to sign in."""
    agave.add_user("dev")
    client, _ = agave.tenant.clients.create(
        agave.tenant.profiles.identity("dev"), "bare"
    )

    answer = agave.anonymous().get(
        "/authorize",
        params={"client_id": client["key"], "redirect_uri": ""},
        allow_redirects=False,
    )

    assert answer.status_code == 400
    assert "no callback URL" in answer.text


def test_implicit_is_refused(site: Site) -> None:
    """A client that asks for a token right away is told that it cannot."""
    answer = site.show(response_type="token")

    assert _sent_back(answer)["error"] == "unsupported_response_type"


def test_form_of_another_browser(site: Site) -> None:
    """A form is good only in the browser that it was shown to."""
    page = site.show()
    site.browser.cookies.clear()

    without = site.submit(page)
    site.show()
    with_another = site.submit(page)

    assert 400 == without.status_code == with_another.status_code
    assert "cookies are off" in without.text


def test_form_of_another_origin(site: Site) -> None:
    """A form that another page sends is refused, one of our own page is not."""
    page = site.show()

    for origin in ("https://evil.example.org", "null"):
        assert site.submit(page, headers={"Origin": origin}).status_code == 400

    own = {"Origin": site.agave.base_url}
    assert site.submit(page, headers=own).status_code == 302


def test_form_with_another_request(site: Site) -> None:
    """What is asked for cannot be changed between the page and the form."""
    assert site.submit(site.show(), state="other").status_code == 400


def test_code_is_good_once(site: Site) -> None:
    """A code used twice gives nothing, and what it gave before is revoked."""
    code = site.code()
    tokens = site.exchange(code).json()

    again = site.exchange(code)

    assert _is_refused(again, "invalid_grant")
    assert site.me(tokens["access_token"]).status_code == 401
    assert _is_refused(site.refresh(tokens["refresh_token"]), "invalid_grant")


def test_code_expires(site_at: Site, clock: FakeClock) -> None:
    """A code is good for five minutes."""
    code = site_at.code()
    clock.move(CODE_LIFETIME_S)

    assert _is_refused(site_at.exchange(code), "invalid_grant")


def test_code_of_another_client_or_address(site: Site) -> None:
    """A code is good for the client and the address it was made for."""
    other = Site(site.agave, "Other")

    code = site.code()
    assert _is_refused(other.exchange(code), "invalid_grant")
    assert site.exchange(code).ok

    code = site.code()
    elsewhere = site.exchange(code, redirect_uri="https://evil.example.org/")
    assert _is_refused(elsewhere, "invalid_grant")
    assert _is_refused(site.exchange(code), "invalid_grant")

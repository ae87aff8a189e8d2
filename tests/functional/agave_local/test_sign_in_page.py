"""The sign-in page over HTTP, in both transports."""

import re

import pytest

from agave_local.errors import TooMany, Unauthorized
from agave_local.services.oauth.models import CODE_LIFETIME_S
from agave_local.services.oauth.testing import (
    CALLBACK,
    STATE,
    Site,
    is_refused,
    sent_back,
)
from agave_local.testing import PASSWORD, FakeClock, LocalAgave


@pytest.fixture(name="site")
def _site(agave: LocalAgave) -> Site:
    return Site(agave)


@pytest.fixture(name="site_at")
def _site_at(agave_at: LocalAgave) -> Site:
    return Site(agave_at)


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
    back = sent_back(answer)
    assert {"page", "code", "state"} == back.keys()
    assert (back["page"], back["state"]) == ("1", STATE)
    tokens = site.exchange(back["code"]).json()
    assert site.me(tokens["access_token"]).json()["result"]["username"] == "anna"
    assert site.refresh(tokens["refresh_token"]).ok


def test_cancel(site: Site) -> None:
    """Whoever cancels goes back with the reason and no code."""
    answer = site.submit(site.show(), action="deny", password="")

    assert sent_back(answer) == {"page": "1", "error": "access_denied", "state": STATE}


def test_without_state(site: Site) -> None:
    """A client that sends no state gets none."""
    answer = site.submit(site.show(state=""))

    assert {"page", "code"} == sent_back(answer).keys()


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


def test_unknown_response_type(site: Site) -> None:
    """A client that asks for what there is not is told so."""
    answer = site.show(response_type="id_token")

    assert sent_back(answer)["error"] == "unsupported_response_type"


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

    assert is_refused(again, "invalid_grant")
    assert site.me(tokens["access_token"]).status_code == 401
    assert is_refused(site.refresh(tokens["refresh_token"]), "invalid_grant")


def test_code_expires(site_at: Site, clock: FakeClock) -> None:
    """A code is good for five minutes."""
    code = site_at.code()
    clock.move(CODE_LIFETIME_S)

    assert is_refused(site_at.exchange(code), "invalid_grant")


def test_code_of_another_client_or_address(site: Site) -> None:
    """A code is good for the client and the address it was made for."""
    other = Site(site.agave, "Other")

    code = site.code()
    assert is_refused(other.exchange(code), "invalid_grant")
    assert site.exchange(code).ok

    code = site.code()
    elsewhere = site.exchange(code, redirect_uri="https://evil.example.org/")
    assert is_refused(elsewhere, "invalid_grant")
    assert is_refused(site.exchange(code), "invalid_grant")

"""A site that signs people in at the tenant; shipped for tests."""

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from agave_local.testing import PASSWORD, Caller, LocalAgave

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
        assert answer.status_code == 302, answer.text  # noqa: PLR2004, S101
        return sent_back(answer)["code"]

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


def sent_back(answer: Any) -> dict[str, str]:
    """Return what the sign-in page gives the site that asked."""
    location = answer.headers["Location"]
    assert location.startswith(CALLBACK)  # noqa: S101 - a test's own double
    return {
        name: values[0] for name, values in parse_qs(urlsplit(location).query).items()
    }


def is_refused(answer: Any, error: str, status: int = 400) -> bool:
    """Tell whether an answer is that refusal, with a description."""
    assert status == answer.status_code, answer.text  # noqa: S101
    assert answer.json()["error_description"]  # noqa: S101
    return bool(error == answer.json()["error"])

"""Token endpoints in memory."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from iptweb.agave import Tokens
from iptweb.errors import Unauthorized
from iptweb.secret import Secret

if TYPE_CHECKING:
    from .tenant import FakeTenant

__all__ = ["FakeOAuth"]


class FakeOAuth:
    """Hands out tokens of a fake tenant; implements `iptweb.agave.OAuth`.

    Refresh tokens rotate: each works once.

    Attributes:
        revoked: Every token that was revoked.
    """

    def __init__(self, tenant: "FakeTenant") -> None:
        self._tenant = tenant
        self._refresh: dict[str, str] = {}
        self._made = 0
        self.codes: dict[str, str] = {}
        self.revoked: list[str] = []

    def give_code(self, username: str) -> str:
        """Return an authorization code, as after a sign-in on the tenant's page."""
        self._made += 1
        code = f"code-{self._made}"
        self.codes[code] = username
        return code

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """Return where a browser signs in."""
        query = urlencode({"redirect_uri": redirect_uri, "state": state})
        return f"https://tenant.test/authorize?{query}"

    def exchange(self, code: str, redirect_uri: str) -> Tokens:
        """Trade a code; `redirect_uri` is not looked at."""
        del redirect_uri
        username = self.codes.pop(code, None)
        if username is None:
            raise Unauthorized("The sign-in was not accepted. Sign in again.")
        return self._issue(username)

    def refresh(self, refresh_token: Secret) -> Tokens:
        """Trade a refresh token."""
        username = self._refresh.pop(refresh_token.reveal(), None)
        if username is None:
            raise Unauthorized("The sign-in was not accepted. Sign in again.")
        return self._issue(username)

    def revoke(self, token: Secret) -> None:
        """Make a token worthless."""
        self.revoked.append(token.reveal())
        self._refresh.pop(token.reveal(), None)
        self._tenant.tokens.pop(token.reveal(), None)

    def _issue(self, username: str) -> Tokens:
        self._made += 1
        refresh = f"refresh-{self._made}"
        self._refresh[refresh] = username
        access = self._tenant.give_token(username)
        return Tokens(Secret(access), Secret(refresh), 14_400)

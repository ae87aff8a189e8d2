"""The OAuth2 endpoints, by plain requests: agavepy has no authorization-code grant."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import requests

from iptweb.errors import Unauthorized
from iptweb.secret import Secret
from iptweb.settings import OAuthClient

from .failures import check_answer, translate, unusable
from .models import Tokens
from .transport import TIMEOUTS, open_session

__all__ = ["OAuthService"]

_SERVICE: Final = "token"
_SCOPE: Final = "PRODUCTION"
_REFUSED: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED)


class OAuthService:
    """A tenant's token endpoints as one OAuth client; implements `iptweb.agave.OAuth`.

    Args:
        api_server: Base address of the tenant.
        client: Key and secret of the OAuth client.
    """

    def __init__(self, api_server: str, client: OAuthClient) -> None:
        self._api_server = api_server.rstrip("/")
        self._client = client

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """Return where a browser signs in."""
        query = {
            "client_id": self._client.key,
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": _SCOPE,
            "state": state,
        }
        return f"{self._api_server}/authorize?{urlencode(query)}"

    def exchange(self, code: str, redirect_uri: str) -> Tokens:
        """Trade an authorization code for tokens.

        Raises:
            Unauthorized: The code is wrong, spent or too old.
            UpstreamError: The platform does not answer as it should.
        """
        return self._grant(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                # The client authenticates by Basic; some servers want it here as well.
                "client_id": self._client.key,
            }
        )

    def refresh(self, refresh_token: Secret) -> Tokens:
        """Trade a refresh token for new tokens.

        Raises:
            Unauthorized: It is wrong, spent or revoked.
            UpstreamError: The platform does not answer as it should.
        """
        return self._grant(
            {
                "grant_type": "refresh_token",
                "refresh_token": refresh_token.reveal(),
                "scope": _SCOPE,
            }
        )

    def revoke(self, token: Secret) -> None:
        """Make a token worthless; one that already is, is no error."""
        response = self._post("/revoke", {"token": token.reveal()})
        if response.status_code not in _REFUSED:
            check_answer(response, _SERVICE, "service")

    def _grant(self, form: Mapping[str, str]) -> Tokens:
        response = self._post("/token", form)
        if response.status_code in _REFUSED and _error_of(response) != "invalid_client":
            raise Unauthorized("The sign-in was not accepted. Sign in again.")
        check_answer(response, _SERVICE, "service")
        try:
            answer = response.json()
            return Tokens(
                access=Secret(_text(answer["access_token"])),
                refresh=Secret(_text(answer.get("refresh_token", ""))),
                expires_in=int(answer["expires_in"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise unusable(_SERVICE, cause=type(error).__name__) from None

    def _post(self, path: str, form: Mapping[str, str]) -> requests.Response:
        with open_session() as session:
            try:
                return session.post(
                    self._api_server + path,
                    data=form,
                    auth=(self._client.key, self._client.secret.reveal()),
                    timeout=TIMEOUTS,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                raise translate(error, _SERVICE) from error


def _error_of(response: requests.Response) -> str:
    try:
        return str(response.json().get("error", ""))
    except (ValueError, AttributeError):
        return ""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value

"""How a tenant is spoken to: one request, one answer, and what is said when none comes.

Calls that may be made twice are made again where a tenant is silent or busy for a
moment; all others are made once, since nobody can tell whether they were heard.
"""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

import requests

from agave_deploy.errors import TenantRefused, TenantUnreachable

__all__ = ["PAUSES", "Connection", "Object", "to_part"]

PAUSES: Final = (0.5, 1.0, 2.0)
"""Seconds to wait before each further try."""

Object = dict[str, Any]
_CONNECT_S: Final = 10.0
_ANSWER_S: Final = 120.0
# Whoever answers so is in front of the service, or has no time now.
_BUSY: Final = frozenset({429, 502, 503, 504})


class Connection:
    """Carries the calls of one account to one tenant.

    Args:
        tenant: its address without a trailing slash.
        username: of the account.
        password: of the account.
        session: carries the requests.
        answer_s: seconds to wait for an answer.
        pauses: before each further try of a call that may be made twice.
        sleep: waits.
    """

    def __init__(
        self,
        tenant: str,
        username: str,
        password: str,
        session: requests.Session | None = None,
        *,
        answer_s: float = _ANSWER_S,
        pauses: Sequence[float] = (),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tenant = tenant
        self._account = (username, password)
        self._session = session or requests.Session()
        # No proxy and no .netrc of the environment: secrets travel.
        self._session.trust_env = False
        self._timeout = (_CONNECT_S, answer_s)
        self._pauses = tuple(pauses)
        self._sleep = sleep
        self._token = ""

    @property
    def username(self) -> str:
        """The account."""
        return self._account[0]

    @property
    def token(self) -> str:
        """The account's token; empty before signing in."""
        return self._token

    def _find(self, method: str, path: str, **options: Any) -> Object | None:
        try:
            return self._object(method, path, **options)
        except TenantRefused as error:
            if error.status == requests.codes.not_found:
                return None
            raise

    def _delete(self, path: str, **options: Any) -> bool:
        """Delete something; false where there was no such thing (any more)."""
        try:
            self._call("DELETE", path, again=True, **options)
        except TenantRefused as error:
            if error.status == requests.codes.not_found:
                return False
            raise
        return True

    def _object(self, method: str, path: str, **options: Any) -> Object:
        result = self._call(method, path, **options)
        if isinstance(result, dict):
            return result
        raise TenantRefused(f"{method} {path}", 200, "the answer is no object")

    def _list(self, method: str, path: str, **options: Any) -> list[Object]:
        result = self._call(method, path, **options)
        if isinstance(result, list):
            return [entry for entry in result if isinstance(entry, dict)]
        raise TenantRefused(f"{method} {path}", 200, "the answer is no list")

    def _call(self, method: str, path: str, **options: Any) -> Any:
        return read_json(self._send(method, path, **options)).get("result")

    def _send(
        self, method: str, path: str, *, again: bool = False, **options: Any
    ) -> requests.Response:
        """Send a request.

        Args:
            method: of HTTP.
            path: below the tenant's address.
            again: whether it may be made twice; GET always may.
            options: further ones of requests.

        Raises:
            TenantUnreachable: No answer.
            TenantRefused: An answer that is none of success.
        """
        pauses = self._pauses if again or method == "GET" else ()
        for pause in pauses:
            try:
                return self._send_once(method, path, **options)
            except TenantUnreachable:
                self._sleep(pause)
            except TenantRefused as error:
                if error.status not in _BUSY:
                    raise
                self._sleep(pause)
        return self._send_once(method, path, **options)

    def _send_once(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {}
        if "auth" not in options:
            headers["Authorization"] = f"Bearer {self._token}"
        operation = f"{method} {path}"
        try:
            answer = self._session.request(
                method,
                self._tenant + path,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,  # a redirect must not carry secrets elsewhere
                **options,
            )
        except requests.exceptions.SSLError as error:
            raise TenantUnreachable(
                f"The tenant {self._tenant} showed a certificate that nobody vouches "
                "for here; name its authority in the profile: ca_bundle."
            ) from error
        except requests.RequestException as error:
            raise TenantUnreachable(
                f"The tenant {self._tenant} gave no answer to {operation}; "
                "is it running?"
            ) from error
        if answer.status_code >= requests.codes.multiple_choices:
            raise TenantRefused(operation, answer.status_code, _reason(answer))
        return answer


def to_part(value: Any) -> str:
    """Return a value as one part of an address."""
    return quote(str(value), safe="")


def read_json(answer: requests.Response) -> Object:
    """Return the object that an answer is; empty where it has no content.

    Raises:
        TenantRefused: It is none.
    """
    if not answer.content:
        return {}
    try:
        body = answer.json()
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    operation = f"{answer.request.method} {answer.request.path_url}"
    raise TenantRefused(operation, answer.status_code, "the answer is not JSON")


def _reason(answer: requests.Response) -> str:
    try:
        body = json.loads(answer.content)
    except ValueError:
        return answer.reason or "no reason given"
    if not isinstance(body, dict):
        return "no reason given"
    fault = body.get("fault")
    if isinstance(fault, dict):
        body = fault
    for key in ("message", "error_description", "description", "error"):
        if isinstance(body.get(key), str) and body[key]:
            return str(body[key])
    return "no reason given"

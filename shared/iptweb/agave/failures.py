"""The one place where failures of requests and of the platform become our errors."""

import re
from http import HTTPStatus
from typing import Final, Literal

import requests
from requests import exceptions

from iptweb.errors import AgaveRefused, AgaveUnavailable, TokenExpired, UpstreamError

__all__ = ["UNAVAILABLE", "UNUSABLE", "Acting", "check_answer", "translate"]

# With whose token a call is made: only the user's own may be blamed on the user.
Acting = Literal["user", "service"]

_MAX_MESSAGE: Final = 300
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")

# No answer came, or half of one: the same call may work a little later.
UNAVAILABLE: Final[frozenset[type[Exception]]] = frozenset(
    {
        exceptions.RequestException,
        exceptions.HTTPError,
        exceptions.ConnectionError,
        exceptions.ProxyError,
        exceptions.SSLError,
        exceptions.Timeout,
        exceptions.ConnectTimeout,
        exceptions.ReadTimeout,
        exceptions.ChunkedEncodingError,
        exceptions.RetryError,
        exceptions.StreamConsumedError,
    }
)
# The answer, or the address it was asked for at, can't be used.
UNUSABLE: Final[frozenset[type[Exception]]] = frozenset(
    {
        exceptions.URLRequired,
        exceptions.TooManyRedirects,
        exceptions.MissingSchema,
        exceptions.InvalidSchema,
        exceptions.InvalidURL,
        exceptions.InvalidHeader,
        exceptions.InvalidProxyURL,
        exceptions.InvalidJSONError,
        exceptions.JSONDecodeError,
        exceptions.ContentDecodingError,
        exceptions.UnrewindableBodyError,
    }
)


def translate(error: requests.RequestException, service: str) -> UpstreamError:
    """Return our error for one of requests'; its own text may hold an address."""
    if type(error) in UNUSABLE:
        return unusable(service, cause=type(error).__name__)
    return AgaveUnavailable(
        f"The platform's {service} service does not answer. Try again in a minute.",
        service=service,
        cause=type(error).__name__,
    )


def unusable(service: str, *, cause: str) -> AgaveRefused:
    """Return the error for an answer that makes no sense."""
    return AgaveRefused(
        f"The platform's {service} service gave an answer that can't be used.",
        service=service,
        cause=cause,
    )


def check_answer(response: requests.Response, service: str, acting: Acting) -> None:
    """Refuse every answer that is not a success.

    Raises:
        TokenExpired: The user's token is not taken any more.
        AgaveUnavailable: 5xx or 429.
        AgaveRefused: Any other refusal, redirects included: we follow none, so that
            no token travels to another host.
    """
    status = response.status_code
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if status == HTTPStatus.UNAUTHORIZED and acting == "user":
        raise TokenExpired(
            "Your sign-in has expired. Sign in again.",
            service=service,
            upstream_status=status,
        )
    if (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or status == HTTPStatus.TOO_MANY_REQUESTS
    ):
        raise AgaveUnavailable(
            f"The platform's {service} service is in trouble (status {status}). "
            "Try again in a minute.",
            service=service,
            upstream_status=status,
        )
    said = _message_of(response) if acting == "user" else ""
    raise AgaveRefused(
        f"The platform's {service} service refused (status {status})"
        + (f": {said}" if said else "."),
        service=service,
        upstream_status=status,
    )


def _message_of(response: requests.Response) -> str:
    """Return what the platform told the user, as one short line."""
    try:
        message = response.json().get("message")
    except (ValueError, AttributeError):
        return ""
    return _CONTROL.sub(" ", str(message or ""))[:_MAX_MESSAGE]

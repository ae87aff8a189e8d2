"""Where a message goes when a job has ended.

The platform sends it, so whether an address may be called is the platform's to say
as well; what must never be sent to is refused here, where it was typed.  Plain http
is taken for this machine only, and only where the platform itself is on it: elsewhere
`http://localhost` would be the platform's own machine, not the person's.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from iptweb.errors import BadRequest

from .answers import Webhook

__all__ = [
    "EVENTS",
    "is_loopback",
    "of_endings",
    "read_notify",
    "to_delivery",
    "to_notifications",
    "url_of",
]

EVENTS: Final = ("FINISHED", "FAILED", "STOPPED")
_TEMPLATE: Final = re.compile(r"\$\{([^{}]*)\}")
_TEMPLATES: Final = frozenset(
    {"UUID", "EVENT"}
    | {f"JOB_{word}" for word in ("STATUS", "URL", "ID", "SYSTEM", "NAME", "ERROR")}
    | {f"JOB_{word}_TIME" for word in ("START", "END", "SUBMIT")}
    | {"JOB_ARCHIVE_PATH", "JOB_ARCHIVE_URL"}
)
# What an address is made of (RFC 3986), besides the templates.
_PLAIN: Final = re.compile(r"[A-Za-z0-9._~:/?\[\]!$&'()*+,;=%-]*")


def is_loopback(url: str) -> bool:
    """Return whether an address is on the very machine that calls it."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_notify(url: str, *, local: bool = False) -> str:
    """Return the address of a webhook; empty for none.

    Args:
        url: What somebody typed; `${JOB_ID}` and its like may follow the host.
        local: Whether the platform is on this machine alone.

    Raises:
        BadRequest: It is none that a message may go to.
    """
    if not url:
        return ""
    plain = _TEMPLATE.sub(_check_template, url)
    parts = _split(plain)
    if parts.scheme != "https" and not (
        local and parts.scheme == "http" and is_loopback(plain)
    ):
        raise _bad("must be an address that begins with https://.")
    if not parts.hostname or "${" in _before_path(url):
        raise _bad("must name its host, such as https://example.org/done/${JOB_ID}.")
    if parts.username is not None or parts.password is not None:
        raise _bad("must not hold a user name or password.")
    if not _PLAIN.fullmatch(plain):
        raise _bad("holds a character that an address can't have; write it as %xx.")
    return url


def to_notifications(url: str) -> list[dict[str, Any]]:
    """Return what Agave is told, one entry for each way that a job ends."""
    return [{"url": url, "event": event, "persistent": False} for event in EVENTS]


def url_of(notifications: Any) -> str:
    """Return the address that `to_notifications` was given; empty for others."""
    entries: Iterable[Any] = notifications if isinstance(notifications, list) else ()
    urls = {str(one.get("url")) for one in entries if isinstance(one, Mapping)}
    return urls.pop() if len(urls) == 1 else ""


def of_endings(found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the notifications about the end of a job, among all there are of it."""
    return [one for one in found if str(one.get("event", "")).upper() in EVENTS]


def to_delivery(notifications: Any) -> Webhook | None:
    """Return where the message of a job goes, and how it went; None where none goes.

    Args:
        notifications: About its end, as the platform tells them.
    """
    url = url_of(notifications)
    if not url:
        return None
    told = [one for one in notifications if isinstance(one, Mapping)]
    last = max(told, key=lambda one: str(one.get("lastSent") or ""))
    sent = str(last.get("lastSent") or "")
    worked, answer = last.get("success"), last.get("responseCode")
    return {
        "url": url,
        "sent": sent,
        "delivered": worked if sent and isinstance(worked, bool) else None,
        "response": answer if sent and isinstance(answer, int) else None,
    }


def _split(plain: str) -> SplitResult:
    try:
        parts = urlsplit(plain)
        _ = parts.port  # looked at only when it is asked for
    except ValueError:
        raise _bad("must be an address that begins with https://.") from None
    return parts


def _before_path(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])


def _check_template(found: re.Match[str]) -> str:
    if found[1] not in _TEMPLATES:
        known = ", ".join(sorted(_TEMPLATES))
        raise _bad(f"has a template that there is not; known are {known}.")
    return "x"


def _bad(what: str) -> BadRequest:
    return BadRequest(f"notify {what}", field="notify")

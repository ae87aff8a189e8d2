"""Addresses that a browser may be sent to after a sign-in."""

import re
from urllib.parse import urlsplit

from agave_local.errors import BadRequest

_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")


def check_callback_url(url: str) -> None:
    """Refuse what a browser must not be sent to after a sign-in.

    Raises:
        BadRequest: naming the rule.
    """
    if url and not is_web_address(url):
        raise BadRequest("callbackUrl is an absolute http or https URL, no fragment.")


def is_web_address(url: str) -> bool:
    """Tell whether a text is a plain web address: no user name and no fragment."""
    if not url.isascii() or not url.isprintable() or any(c in url for c in ' "<>\\'):
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    host = parts.netloc.rpartition("@")[2]
    host = host if host.endswith("]") else re.sub(r":\d*$", "", host)
    return (
        parts.scheme in ("http", "https")
        and "@" not in parts.netloc
        and _HOST.fullmatch(host) is not None
        and "#" not in url
    )

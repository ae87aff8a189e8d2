"""A request for notifications, checked: where to, of what, how often."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from agave_local.errors import BadRequest
from agave_local.outgoing.policy import Outgoing, Refused
from agave_local.records.store import Document

_LONGEST_URL = 2_000
_EVENT = re.compile(r"\*|[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)
_TEMPLATE = re.compile(r"\$\{([^{}]{0,64})\}")
_HOST = re.compile(r"[a-z]+://[^/?#]*", re.IGNORECASE)


def read_target(body: Mapping[str, Any], outgoing: Outgoing) -> Document:
    """Read the address, the event and whether it stays after the first time.

    Args:
        body: of the request.
        outgoing: says which addresses may be called.

    Raises:
        BadRequest: naming the field that is wrong.
    """
    persistent = body.get("persistent", False)
    if isinstance(persistent, str) and persistent.lower() in ("true", "false"):
        persistent = persistent.lower() == "true"
    if not isinstance(persistent, bool):
        raise BadRequest("`persistent` is true or false.")
    event = body.get("event", "*")
    if not isinstance(event, str) or not _EVENT.fullmatch(event):
        raise BadRequest("`event` is * or the name of an event, such as FINISHED.")
    return {
        "url": _read_url(body.get("url"), outgoing),
        "event": event.upper(),
        "persistent": persistent,
    }


def fill(url: str, values: Mapping[str, str]) -> str:
    """Put values in place of an address's templates, each as one part of it.

    A template that has no value is left out.
    """
    return _TEMPLATE.sub(
        lambda found: quote(values.get(found[1], ""), safe="", errors="replace"), url
    )


def _read_url(url: object, outgoing: Outgoing) -> str:
    if not isinstance(url, str) or not url:
        raise BadRequest("`url` must be given, such as https://example.org/${JOB_ID}.")
    if len(url) > _LONGEST_URL:
        raise BadRequest(f"`url` has at most {_LONGEST_URL} characters.")
    if "@" in url and "://" not in url:
        raise BadRequest(
            "The local tenant sends no e-mail; `url` is an http or https address."
        )
    host = _HOST.match(url)
    if host is not None and "${" in host[0]:
        raise BadRequest("`url` has templates only after its host.")
    try:
        outgoing.check(fill(url, {}))
    except Refused as refusal:
        raise BadRequest(f"`url` can't be called: {refusal}") from refusal
    return url

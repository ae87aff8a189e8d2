"""What the server writes about itself: one line an event, as text or as JSON.

dispatcher ─▶ `writing_about` ─▶ logger ─▶ formatter ─▶ standard error

A line has methods, paths, statuses, times, user names and the request's id; never a
query, a header, a body, a token or a nonce.
"""

import json
import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, TextIO
from urllib.parse import quote

from werkzeug.wrappers import Request

from agave_local.clock import to_iso

REQUEST_ID_HEADER = "X-Request-Id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:+=-]{8,128}")
# Whoever has one of these has what it opens.
_SECRETS = ("nonce", "nonce_id", "postit", "postit_id", "token")
_HIDDEN = "***"
_PLAIN = "/:@~+,;="

_request: ContextVar[dict[str, str] | None] = ContextVar("request", default=None)


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line."""
        line: dict[str, Any] = {
            "time": to_iso(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **(_request.get() or {}),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


class TextFormatter(logging.Formatter):
    """Writes a record for people, with the request's id at its end."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the standard library's name
        """Return the record's first line."""
        line = super().formatMessage(record)
        about = _request.get()
        return line if about is None else f"{line} [{about['request']}]"


def configure(form: LogFormat, stream: TextIO) -> None:
    """Send the log of the whole process to a stream.

    Args:
        form: text or JSON.
        stream: such as standard error.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter() if form is LogFormat.JSON else TextFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def read_request_id(request: Request) -> str:
    """Return the id that the caller gave to a request, where it is sane, or a new one.

    What follows a request through several programs is then the same in all their logs.
    """
    given = request.headers.get(REQUEST_ID_HEADER, "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


@contextmanager
def writing_about(request_id: str, tenant: str) -> Iterator[None]:
    """Let every line that this thread writes meanwhile name a request.

    Args:
        request_id: of the request.
        tenant: code of the tenant that answers it.
    """
    token = _request.set({"request": request_id, "tenant": tenant})
    try:
        yield
    finally:
        _request.reset(token)


def shown_path(path: str, args: dict[str, object]) -> str:
    """Return a path as the log has it: escaped, and without what would open something.

    Args:
        path: of the request.
        args: values of the route's variables.
    """
    for name in _SECRETS:
        if value := args.get(name):
            path = path.replace(str(value), _HIDDEN)
    return quote(path, safe=f"{_PLAIN}*", errors="replace")

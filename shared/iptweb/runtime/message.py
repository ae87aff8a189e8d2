"""Reading `MSG`: JSON, or the Python literal that Abaco makes of a JSON message.

Nothing is evaluated; size and depth are bounded, because the sender is unknown.
"""

import ast
import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn
from urllib.parse import unquote

from iptweb.errors import ActorProtocolError, PayloadTooLarge, Unauthorized
from iptweb.http import Request
from iptweb.secret import Secret

__all__ = [
    "CRON_CALLER",
    "CRON_MESSAGE",
    "MAX_CHARACTERS",
    "MAX_DEPTH",
    "read_request",
]

MAX_CHARACTERS: Final = 262_144
MAX_DEPTH: Final = 32
# What the platform sends by an actor's schedule, and as whom.
CRON_MESSAGE: Final = "This is your cron execution"
CRON_CALLER: Final = "cron"
_FIELDS: Final = ("method", "path", "query", "body", "authorization")
_METHOD: Final = re.compile(r"[A-Za-z]{1,10}")
_BEARER: Final = re.compile(r"(?i:bearer) +([A-Za-z0-9._~+/=-]{1,4096})")
_MAX_PATH: Final = 1000


def read_request(msg: str | None, *, cron: str | None = None) -> Request:
    """Return the request that a message holds.

    The short form `{"command": ..., "user_name"?: ...}` is a `POST /terminals`.

    Args:
        msg: The message.
        cron: Path that the platform's schedule calls.  Anybody may send the schedule's
            text, so it proves nothing; see the caller.

    Raises:
        ActorProtocolError: It is not a message of ours; says what is wrong with it.
        PayloadTooLarge: It is too long.
        Unauthorized: `authorization` is there, but is no bearer token.
    """
    if not msg:
        raise ActorProtocolError(
            "There is no message: POST a JSON object with method and path."
        )
    if cron is not None and msg == CRON_MESSAGE:
        return Request("POST", cron)
    message = _read_object(msg)
    if "command" in message and not {"method", "path"} & message.keys():
        return Request("POST", "/terminals", {}, message)
    for name in message:
        if name not in _FIELDS:
            raise ActorProtocolError(
                f"A message has the fields {', '.join(_FIELDS)}, and no other.",
                details={"field": str(name)[:64]},
            )
    return Request(
        method=_read_method(message.get("method", "GET")),
        path=_read_path(message.get("path")),
        query=_read_query(message.get("query")),
        body=_read_body(message.get("body")),
        token=_read_token(message.get("authorization")),
    )


def _read_object(msg: str) -> dict[str, Any]:
    if len(msg) > MAX_CHARACTERS:
        raise PayloadTooLarge(
            f"The message is longer than {MAX_CHARACTERS} characters."
        )
    message = _parse(msg)
    if not isinstance(message, dict):
        raise ActorProtocolError("The message must be a JSON object.")
    _check(message, MAX_DEPTH)
    return message


def _parse(msg: str) -> Any:
    try:
        return json.loads(msg, parse_constant=_refuse_constant)
    except RecursionError:
        raise ActorProtocolError("The message is nested too deeply.") from None
    except ValueError:
        pass
    try:
        return ast.literal_eval(msg)
    except (ValueError, SyntaxError, TypeError):
        raise ActorProtocolError("The message is neither JSON nor a literal.") from None
    except (RecursionError, MemoryError):
        raise ActorProtocolError("The message is nested too deeply.") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ActorProtocolError(f"{name} is not JSON.")


def _check(value: Any, depth: int) -> None:
    """Refuse what JSON can't say and what is nested too deeply."""
    if depth == 0:
        raise ActorProtocolError(f"The message is nested deeper than {MAX_DEPTH}.")
    match value:
        case None | bool() | str() | int():
            return
        case float() if math.isfinite(value):
            return
        case list():
            for entry in value:
                _check(entry, depth - 1)
        case dict():
            for name, entry in value.items():
                if not isinstance(name, str):
                    raise ActorProtocolError("Names in a message must be texts.")
                _check(entry, depth - 1)
        case _:
            raise ActorProtocolError("The message holds a value that JSON can't say.")


def _bad(field: str, wanted: str) -> ActorProtocolError:
    return ActorProtocolError(f"{field} must be {wanted}.", details={"field": field})


def _read_method(value: Any) -> str:
    if not isinstance(value, str) or not _METHOD.fullmatch(value):
        raise _bad("method", "an HTTP method such as GET")
    return value.upper()


def _read_path(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith("/"):
        raise _bad("path", "a text that begins with a slash")
    if len(value) > _MAX_PATH or "?" in value or "#" in value:
        raise _bad("path", "a plain path; the query goes into the field query")
    return unquote(value)


def _read_query(value: Any) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _bad("query", "an object")
    return {name: _read_query_value(name, entry) for name, entry in value.items()}


def _read_query_value(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    raise ActorProtocolError(
        "A query value must be a text, a whole number, true or false.",
        details={"field": name[:64]},
    )


def _read_body(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _bad("body", "an object")
    return value


def _read_token(value: Any) -> Secret | None:
    if value is None or value == "":
        return None
    match = _BEARER.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Unauthorized("authorization must be 'Bearer' and a token; sign in again.")
    return Secret(match.group(1))

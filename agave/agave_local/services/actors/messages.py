"""The four forms of a message (spec: Abaco, A.5)."""

from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from agave_local.errors import BadRequest, PayloadTooLarge
from agave_local.services.actors.errors import NOT_SERIALIZED
from agave_local.services.actors.fields import (
    BODY_LIMIT,
    BadBody,
    is_variable,
    prepare,
    read_json,
    too_large,
)

BINARY = "application/octet-stream"
BINARY_LIMIT = 500 * 1024 * 1024
SYNCHRONOUS = "_abaco_synchronous"


@dataclass(frozen=True)
class Posted:
    """What a caller posted.

    Attributes:
        said: what the receipt repeats.
        text: value of `MSG`; None for a binary message.
        content_type: value of `_abaco_Content_Type`.
        query: variables from the query.
        synchronous: whether the caller waits.
    """

    said: Any
    text: str | None
    content_type: str
    query: dict[str, str]
    synchronous: bool


def read_message(request: Request) -> Posted:
    """Return the message of a request; a binary one is still in the request.

    Raises:
        BadRequest: where it is none of the four forms, or no process could have it
            in its environment.
        PayloadTooLarge: for more than fits.
    """
    query = {name: v for name, v in request.args.items() if name != "message"}
    for name, value in query.items():
        if not is_variable(name, value):
            raise BadRequest(
                "A query parameter cannot become an environment variable: "
                "a name is not empty and has no '=', and neither has a NUL."
            )
    synchronous = query.get(SYNCHRONOUS, "").lower() == "true"
    said, text, content_type = _read(request)
    if text is not None and not is_variable("MSG", text):
        raise BadRequest(NOT_SERIALIZED)
    return Posted(said, text, content_type, query, synchronous)


def _read(request: Request) -> tuple[Any, str | None, str]:
    if request.mimetype == BINARY and not request.args.get("message"):
        if request.content_length is None:
            raise BadRequest("A binary message needs a Content-Length.")
        if request.content_length > BINARY_LIMIT:
            raise PayloadTooLarge(f"A message may have {BINARY_LIMIT} bytes.")
        return "binary - omitted", None, BINARY
    prepare(request)
    try:
        data = request.get_data(parse_form_data=True)
        form = request.form
    except HTTPException as error:
        raise too_large() from error
    if len(data) > BODY_LIMIT:
        raise too_large()
    try:
        value = read_json(data)
    except BadBody:
        value = None
    message = value.get("message") if isinstance(value, dict) else None
    if not (request.is_json and message):
        message = request.args.get("message") or form.get("message")
    if message:
        return str(message), str(message), "str"
    if value is None:
        raise BadRequest(NOT_SERIALIZED)
    content_type = "application/json" if request.is_json and value else "str"
    return value, str(value), content_type

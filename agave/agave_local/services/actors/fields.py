"""Reading request bodies field by field, as Abaco does: JSON or a form."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from agave_local.errors import BadRequest, PayloadTooLarge
from agave_local.services.actors.naming import Naming

BODY_LIMIT = 10 * 1024 * 1024
_DEEPEST = 100


class BadValue(ValueError):
    """A value is not of its field's kind."""


class BadBody(Exception):
    """The body is not what its content type says."""


@dataclass(frozen=True)
class Field:
    """One field of a description.

    Attributes:
        name: in camel case.
        read: makes the value of what was sent, or raises `BadValue`.
        about: what Abaco says where it is missing or wrong.
        default: of an optional field.
        required: whether it must be there.
    """

    name: str
    read: Callable[[Any], Any]
    about: str
    default: Any = None
    required: bool = False


def text(value: Any) -> str:
    """Read a text; numbers and the like are written out, as Abaco does."""
    written = str(value)
    if "\0" in written or not is_encodable(written):
        raise BadValue("no text")
    return written


def boolean(value: Any) -> bool:
    """Read a truth value, or one of its four spellings."""
    spellings = {"true": True, "1": True, "false": False, "0": False}
    found = spellings.get(str(value).lower())
    if found is None:
        raise BadValue("no truth value")
    return found


def integer(value: Any) -> int:
    """Read a whole number."""
    if isinstance(value, float | list | dict):
        raise BadValue("no whole number")
    return int(value)


def mapping(value: Any) -> dict[str, Any]:
    """Read an object of variables: names that a process can have."""
    if not isinstance(value, dict):
        raise BadValue("no object")
    for name, given in value.items():
        if not is_variable(name, str(given)):
            raise BadValue("no variable")
    return value


def texts(value: Any) -> list[str]:
    """Read a list of texts; one text is a list of one."""
    return [text(item) for item in (value if isinstance(value, list) else [value])]


def is_variable(name: str, value: str) -> bool:
    """Tell whether an environment can hold a variable."""
    return (
        bool(name)
        and "=" not in name
        and "\0" not in name + value
        and is_encodable(name + value)
    )


def is_encodable(written: str) -> bool:
    """Tell whether a text is free of lone surrogates, which JSON can smuggle in."""
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_body(request: Request) -> Any:
    """Return the JSON value of a body, a form as an object, or `{}` for nothing.

    Raises:
        BadBody: where it claims to be JSON and is not.
        PayloadTooLarge: for a body over the limit.
    """
    prepare(request)
    try:
        if request.is_json:
            return read_json(request.get_data())
        form = request.form.to_dict(flat=False)
    except HTTPException as error:
        raise too_large() from error
    return {name: v[0] if len(v) == 1 else v for name, v in form.items()}


def prepare(request: Request) -> None:
    """Set the limits of a body before it is read.

    Raises:
        PayloadTooLarge: where its length is over the limit.
    """
    request.max_content_length = BODY_LIMIT
    request.max_form_memory_size = BODY_LIMIT
    if (request.content_length or 0) > BODY_LIMIT:
        raise too_large()


def too_large() -> PayloadTooLarge:
    """Return the refusal of a body over the limit."""
    return PayloadTooLarge(
        f"The body may have {BODY_LIMIT} bytes; "
        "larger messages are sent as application/octet-stream."
    )


def read_json(data: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        BadBody: where it is none, or is nested too deeply.
    """
    try:
        # What other readers of JSON do not know, the database does not keep either.
        value = json.loads(data, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise BadBody("The body is not JSON.") from error
    if not _is_shallow(value):
        raise BadBody("The body is nested too deeply.")
    return value


def _finite(written: str) -> float:
    number = float(written)
    if not math.isfinite(number):
        raise ValueError(written)
    return number


def _is_shallow(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return True
    return False


def read_fields(
    request: Request,
    fields: tuple[Field, ...],
    *,
    prefix: str,
    missing: str = "",
    naming: Naming = Naming.CAMEL,
) -> dict[str, Any]:
    """Return the values of the fields in a body.

    Args:
        request: with the body.
        fields: that it may have; others are ignored.
        prefix: of a refusal.
        missing: words between the prefix and a missing field's name.
        naming: how callers write the fields' names.

    Raises:
        BadRequest: for a missing or wrong field, naming it.
    """
    try:
        body = read_body(request)
        if not isinstance(body, dict):
            raise BadBody("The body is no object.")  # noqa: TRY301 - same answer as below
    except BadBody as error:
        raise BadRequest(
            f"{prefix}: Unable to process the JSON description.: "
            f"400 Bad Request: {error}"
        ) from error
    return {
        field.name: _value(body, field, naming.write(field.name), prefix, missing)
        for field in fields
    }


def _value(
    body: Mapping[str, Any], field: Field, name: str, prefix: str, missing: str
) -> Any:
    given = body.get(name)
    if given is None:
        if field.required:
            raise BadRequest(f"{prefix}{missing}: { {name: field.about} }")
        return field.default
    try:
        return field.read(given)
    except (ValueError, TypeError, RecursionError) as error:
        raise BadRequest(f"{prefix}: { {name: field.about} }") from error

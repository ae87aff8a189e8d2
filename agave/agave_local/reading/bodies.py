"""What views read from a request: JSON objects, pages, switches."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from werkzeug.wrappers import Request

from agave_local.errors import BadRequest, PayloadTooLarge

# A description or a metadata document; files travel in another way.
_MAX_BODY = 16 * 2**20
# What Python or SQLite reads when it comes alone it may not read any more inside a
# record, and nobody could list that record then.
_MOST_DEPTH = 250
_DEFAULT_LIMIT = 250
_MAX_LIMIT = 10_000
_Item = TypeVar("_Item")


def read_object(request: Request) -> dict[str, Any]:
    """Read a body that is a JSON object, however it was sent.

    A form's fields make an object too, and so does a JSON file in the field
    `fileToUpload`, which is how descriptions are often uploaded.

    Raises:
        BadRequest: where it is neither.
        PayloadTooLarge: for more than 16 MiB.
    """
    request.max_content_length = _MAX_BODY
    if request.mimetype == "multipart/form-data":
        uploaded = request.files.get("fileToUpload")
        if uploaded is not None:
            return _parse(uploaded.read(_MAX_BODY))
        return dict(request.form.items())
    if request.mimetype == "application/x-www-form-urlencoded":
        return _read_form(request)
    return _parse(_read_bytes(request))


def read_page(request: Request) -> tuple[int, int]:
    """Read `limit` and `offset` of a list.

    Raises:
        BadRequest: where one is no whole number, or negative.
    """
    limit = _read_count(request.args, "limit", _DEFAULT_LIMIT)
    return min(limit, _MAX_LIMIT), _read_count(request.args, "offset", 0)


def page_of(items: list[_Item], request: Request) -> list[_Item]:
    """Return the page of a list that a caller asks for.

    Raises:
        BadRequest: where `limit` or `offset` is no whole number, or negative.
    """
    limit, offset = read_page(request)
    return items[offset : offset + limit]


def read_switch(request: Request, name: str, *, default: bool = False) -> bool:
    """Read a switch of the query, in any of the ways in which clients write one."""
    value = request.args.get(name)
    return default if value is None else value.lower() in ("true", "1", "yes")


def _read_form(request: Request) -> dict[str, Any]:
    # curl says "form" unless it is told otherwise, also of JSON
    body = _read_bytes(request)
    if body.lstrip().startswith(b"{"):
        return _parse(body)
    return dict(request.form.items())


def _read_bytes(request: Request) -> bytes:
    if (request.content_length or 0) > _MAX_BODY:
        raise PayloadTooLarge("The request has more than 16 MiB.")
    return request.get_data(cache=True, parse_form_data=False)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
        # Python takes half of a surrogate pair, and numbers such as 1e999, which
        # nobody else could read again.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.") from error
    if not isinstance(value, dict):
        raise BadRequest("The body is a JSON object.")
    if body.count(b"[") + body.count(b"{") > _MOST_DEPTH and _is_too_deep(value):
        raise BadRequest(f"The body is nested deeper than {_MOST_DEPTH} levels.")
    return value


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_MOST_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _read_count(args: Mapping[str, str], name: str, default: int) -> int:
    text = args.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < len("1234567890")):
        raise BadRequest(f"{name} is a whole number, 0 or greater.")
    return int(text)

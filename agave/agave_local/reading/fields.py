"""Fields of a request's body: texts, counts, switches."""

from collections.abc import Mapping
from typing import Any

from agave_local.errors import BadRequest

_SWITCHES = {"true": True, "false": False}


def read_text(body: Mapping[str, Any], field: str, *, most: int) -> str:
    """Read a text that must be given.

    Raises:
        BadRequest: naming the field.
    """
    value = body.get(field)
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise BadRequest(f"{field} is a text of at most {most} characters.")
    return value


def read_count(
    body: Mapping[str, Any], field: str, *, default: int, least: int, most: int
) -> int:
    """Read a whole number, sent as one or as its digits.

    Raises:
        BadRequest: naming the field and its bounds.
    """
    value = body.get(field)
    if value in (None, ""):
        return default
    if isinstance(value, str) and value.removeprefix("-").isdecimal():
        value = (
            int(value) if value.isascii() and len(value) < len("-1234567890") else None
        )
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRequest(f"{field} is a whole number.")
    if not least <= value <= most:
        raise BadRequest(f"{field} is a whole number from {least} to {most}.")
    return value


def read_switch(body: Mapping[str, Any], field: str, *, default: bool = False) -> bool:
    """Read a truth value, sent as one or as its word.

    Raises:
        BadRequest: naming the field.
    """
    value = body.get(field)
    if value is None:
        return default
    if isinstance(value, str):
        value = _SWITCHES.get(value.lower())
    if not isinstance(value, bool):
        raise BadRequest(f"{field} is true or false.")
    return value

"""Run times and amounts of memory as jobs, queues and apps write them."""

import re

from agave_local.errors import BadRequest

_TIME = re.compile(r"(\d{1,4}):([0-5]\d):([0-5]\d)", re.ASCII)
_MEMORY = re.compile(
    r"(\d{1,9}(?:\.\d{1,6})?)\s*([KMGTP]?)B?", re.ASCII | re.IGNORECASE
)
_GIB = {"K": 2**-20, "M": 2**-10, "": 1, "G": 1, "T": 2**10, "P": 2**20}


def read_time(value: object, field: str) -> int:
    """Read `HH:mm:ss` as seconds.

    Raises:
        BadRequest: it is not a time, or no time at all.
    """
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise BadRequest(f"`{field}` must be a time such as 01:30:00.")
    hours, minutes, seconds = (int(part) for part in match.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if total == 0:
        raise BadRequest(f"`{field}` must be more than no time.")
    return total


def to_time(seconds: int) -> str:
    """Write seconds as `HH:mm:ss`."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def read_memory(value: object, field: str) -> float:
    """Read an amount of memory such as `2GB`, or a number of GB, as GB.

    Raises:
        BadRequest: it is not one, or none at all.
    """
    text = str(value) if isinstance(value, str | int | float) else ""
    match = _MEMORY.fullmatch(text.strip())
    if match is None or isinstance(value, bool):
        raise BadRequest(f"`{field}` must be an amount of memory such as 2GB.")
    amount = float(match.group(1)) * _GIB[match.group(2).upper()]
    if amount <= 0:
        raise BadRequest(f"`{field}` must be more than no memory.")
    return amount


def read_count(value: object, field: str) -> int:
    """Read a number of nodes or processors; the old clients send texts.

    Raises:
        BadRequest: it is not a whole number of at least one.
    """
    if isinstance(value, str) and re.fullmatch(r"\d{1,6}", value, re.ASCII):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 10**6:
        raise BadRequest(f"`{field}` must be a whole number of at least 1.")
    return value


def read_flag(value: object, field: str) -> bool:
    """Read a truth value.

    Raises:
        BadRequest: it is none.
    """
    word = str(value).lower() if isinstance(value, bool | str | int) else ""
    if word in ("true", "1"):
        return True
    if word in ("false", "0"):
        return False
    raise BadRequest(f"`{field}` must be true or false.")

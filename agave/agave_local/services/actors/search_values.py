"""What the values of a search mean: truth values, numbers, JSON, moments (A.11)."""

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from agave_local.clock import to_iso
from agave_local.errors import BadRequest

_WORDS = {"true": True, "false": False, "none": None, "null": None}
_JSON_BEGINS = frozenset('-0123456789[{"')
_TIME_ENDS = "Time"
_STATE = "finalState"
_STATE_TIMES = frozenset({"StartedAt", "FinishedAt"})
# A plus sign that was not encoded arrives as a space.
_MOMENT = re.compile(
    r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ](\d{1,2})(?::(\d{2})"
    r"(?::(\d{2})(?:\.(\d{1,9}))?)?)?)?)?)?(?:(Z)|([+\- ])(\d{2}):?(\d{2}))?",
    re.ASCII,
)
_YEAR, _MONTH, _DAY, _HOUR, _MINUTE, _SECOND, _FRACTION = range(1, 8)
_UTC, _SIGN, _OFFSET_HOURS, _OFFSET_MINUTES = range(8, 12)
_SPANS = {
    _DAY: timedelta(days=1),
    _HOUR: timedelta(hours=1),
    _MINUTE: timedelta(minutes=1),
    _SECOND: timedelta(seconds=1),
    _FRACTION: timedelta(milliseconds=1),
}
_DECEMBER = 12
# Later than any time that can be written.
_END = "~"


def coerce(text: str) -> Any:
    """Return what a value of a query means: a word, a number, JSON, or itself."""
    word = text.lower()
    if word in _WORDS:
        return _WORDS[word]
    if not text or text[0] not in _JSON_BEGINS:
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if isinstance(value, float) and not math.isfinite(value) else value


def readings(text: str) -> tuple[Any, ...]:
    """Return the values that a text may stand for; a name may look like a number."""
    value = coerce(text)
    return (value,) if isinstance(value, str) else (value, text)


def items(text: str, name: str) -> list[str | tuple[Any, ...]]:
    """Return the values of a list: JSON, or parted by commas.

    Returns:
        Texts to be read, or what a JSON value may stand for.

    Raises:
        BadRequest: for something that begins as a JSON list and is none.
    """
    if not text.lstrip().startswith("["):
        return list(text.split(","))
    value = coerce(text.strip())
    if not isinstance(value, list):
        raise BadRequest(f"{name}: the value is no JSON list.")
    return [item if isinstance(item, str) else (item,) for item in value]


def is_time(path: tuple[str, ...]) -> bool:
    """Tell whether a field holds a time.

    Args:
        path: names of the field, the first in camel case.
    """
    if len(path) == 1:
        return path[0].endswith(_TIME_ENDS)
    return path[0] == _STATE and path[1:] in {(name,) for name in _STATE_TIMES}


def span(text: str, name: str) -> tuple[str, str]:
    """Return what a time, or the beginning of one, covers.

    Times are compared as they are written, to the millisecond and in UTC.

    Args:
        text: such as `2026`, `2026-11-22T18` or `2026-11-22T18:12:31.614Z`.
        name: of the field, for a refusal.

    Returns:
        Its first moment, and the first one after it.

    Raises:
        BadRequest: where it is no time.
    """
    wrong = BadRequest(
        f"{name}: a time is written as in ISO 8601, "
        "for example 2026-11-22T18:12:31.614Z, or the beginning of that."
    )
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise wrong
    try:
        start = _start(found)
    except (ValueError, OverflowError) as error:
        raise wrong from error
    try:
        return to_iso(start.timestamp()), to_iso(_end(found, start).timestamp())
    except (ValueError, OverflowError):
        return to_iso(start.timestamp()), _END


def _start(found: re.Match[str]) -> datetime:
    names = (_YEAR, _MONTH, _DAY, _HOUR, _MINUTE, _SECOND)
    defaults = (1, 1, 1, 0, 0, 0)
    parts = [
        default if found[name] is None else int(found[name])
        for name, default in zip(names, defaults, strict=True)
    ]
    # One digit of a fraction is a tenth; what is finer than milliseconds is cut off.
    thousandths = int(((found[_FRACTION] or "") + "000")[:3])
    year, month, day, hour, minute, second = parts
    zone: timezone = UTC
    if found[_SIGN]:
        hours, minutes = int(found[_OFFSET_HOURS]), int(found[_OFFSET_MINUTES])
        offset = timedelta(hours=hours, minutes=minutes)
        zone = timezone(-offset if found[_SIGN] == "-" else offset)
    moment = datetime(
        year, month, day, hour, minute, second, thousandths * 1000, tzinfo=zone
    )
    return moment.astimezone(UTC)


def _end(found: re.Match[str], start: datetime) -> datetime:
    given = max(name for name in range(_YEAR, _FRACTION + 1) if found[name] is not None)
    if given in _SPANS:
        return start + _SPANS[given]
    if given == _YEAR or start.month == _DECEMBER:
        year, month = start.year + 1, start.month if given == _YEAR else 1
        return start.replace(year=year, month=month)
    return start.replace(month=start.month + 1)


def at(document: Any, path: tuple[str, ...]) -> Any:
    """Return the value of a field of a document; None where there is none."""
    value = document
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def texts_of(document: Any) -> Iterator[str]:
    """Return every text in a document, however deep."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)

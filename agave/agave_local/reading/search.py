"""Narrowing a list by its fields: `name.like=ipt-*`, `created.gt=2026-01-01`.

query ─▶ terms `field[.operator]=value` ─▶ a condition that the database decides
"""

import functools
import math
import operator
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from werkzeug.wrappers import Request

from agave_local.clock import to_iso
from agave_local.errors import BadRequest
from agave_local.records.conditions import (
    ALWAYS,
    Condition,
    among,
    compared,
    equal,
    like,
    negated,
    same,
)

# Of the envelope, of paging and of the caller; not of a search.
_OTHERS = frozenset(("limit", "offset", "pretty", "naked", "filter", "x-nonce"))
_MOST_TERMS = 50
_MOST_VALUES = 1000
_LONGEST_PATTERN = 200
_SIGNS = {"eq": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_PAIR = 2


class Kind(Enum):
    """What a field of a search holds."""

    TEXT = "a text"
    NAME = "a name, in capitals or not"
    WORD = "a word that is kept in capitals"
    NUMBER = "a number"
    SWITCH = "true or false"
    TIME = "a time such as 2026-01-31 or 2026-01-31T12:00:00Z"


@dataclass(frozen=True)
class Field:
    """A field that a list may be searched by.

    Attributes:
        path: of the field in the record; dotted where it lies deeper.
        kind: what it holds.
    """

    path: str
    kind: Kind = Kind.TEXT


def read_search(
    request: Request,
    fields: Mapping[str, Field],
    others: Container[str] = (),
) -> Condition:
    """Read the terms of a search out of a query.

    Args:
        request: with the query.
        fields: that may be searched by, by the names that callers use.
        others: names of parameters that are no search.

    Returns:
        The condition that a record satisfies every term.

    Raises:
        BadRequest: for a field, an operator or a value that there is not.
    """
    terms = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in _OTHERS and name not in others
    ]
    if len(terms) > _MOST_TERMS:
        raise BadRequest(f"A search has at most {_MOST_TERMS} terms.")
    return functools.reduce(
        operator.and_,
        (read_term(name, value, fields) for name, value in terms),
        ALWAYS,
    )


def read_time(text: str, name: str) -> datetime:
    """Read a time of a search; without a zone it is UTC.

    Raises:
        BadRequest: naming the field.
    """
    try:
        # A `+` of the zone that was not quoted arrives as a blank.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"{name} is {Kind.TIME.value}.") from error


def read_term(name: str, value: str, fields: Mapping[str, Field]) -> Condition:
    """Read one term of a search, such as `name.like` and `ipt-*`.

    Raises:
        BadRequest: for a field, an operator or a value that there is not.
    """
    # A field's own name may have a dot, as `storage.host`.
    field, word = fields.get(name), "eq"
    if field is None:
        before, _, word = name.rpartition(".")
        field = fields.get(before)
    if field is None:
        raise BadRequest(
            f"A search by {name!a} is not possible; the fields are "
            f"{', '.join(sorted(fields))}."
        )
    compare = _OPERATORS.get(word.lower())
    if compare is None:
        raise BadRequest(f"{word!a} is not one of {', '.join(_OPERATORS)}.")
    return compare(field, name, value)


def _sign(word: str) -> Callable[[Field, str, str], Condition]:
    def compare(field: Field, name: str, value: str) -> Condition:
        return compared(field.path, _SIGNS[word], _read(field, name, value))

    return compare


def _is(field: Field, name: str, value: str) -> Condition:
    if field.kind is Kind.NAME:
        return same(field.path, value)
    return equal(field.path, _read(field, name, value))


def _is_in(field: Field, name: str, value: str) -> Condition:
    words = value.split(",")
    if len(words) > _MOST_VALUES:
        raise BadRequest(f"{name} has at most {_MOST_VALUES} values.")
    return among(field.path, [_read(field, name, word.strip()) for word in words])


def _is_like(field: Field, name: str, value: str) -> Condition:
    if len(value) > _LONGEST_PATTERN:
        raise BadRequest(f"{name} has at most {_LONGEST_PATTERN} characters.")
    return like(field.path, value)


def _is_between(field: Field, name: str, value: str) -> Condition:
    ends = value.split(",")
    if len(ends) != _PAIR:
        raise BadRequest(f"{name} is two values with a comma between.")
    low, high = (_read(field, name, end.strip()) for end in ends)
    return compared(field.path, ">=", low) & compared(field.path, "<=", high)


def _is_on(field: Field, name: str, value: str) -> Condition:
    if field.kind is not Kind.TIME:
        raise BadRequest(f"{name}: only a time is on a day.")
    day = read_time(value, name).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        after = day + timedelta(days=1)
    except OverflowError as error:
        raise BadRequest(f"{name} is {Kind.TIME.value}.") from error
    low, high = (to_iso(moment.timestamp()) for moment in (day, after))
    return compared(field.path, ">=", low) & compared(field.path, "<", high)


def _not(
    compare: Callable[[Field, str, str], Condition],
) -> Callable[[Field, str, str], Condition]:
    return lambda field, name, value: negated(compare(field, name, value))


_OPERATORS: Mapping[str, Callable[[Field, str, str], Condition]] = {
    "eq": _is,
    "neq": _not(_is),
    **{word: _sign(word) for word in ("lt", "lte", "gt", "gte")},
    "in": _is_in,
    "nin": _not(_is_in),
    "like": _is_like,
    "nlike": _not(_is_like),
    "between": _is_between,
    "on": _is_on,
}


def _read(field: Field, name: str, value: str) -> str | float:
    if field.kind is Kind.NUMBER:
        return _read_number(value, name)
    if field.kind is Kind.TIME:
        return to_iso(read_time(value, name).timestamp())
    if field.kind is Kind.SWITCH:
        if value.lower() not in ("true", "false", "1", "0"):
            raise BadRequest(f"{name} is {field.kind.value}.")
        return int(value.lower() in ("true", "1"))
    return value.upper() if field.kind is Kind.WORD else value


def _read_number(value: str, name: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadRequest(f"{name} is {Kind.NUMBER.value}.")
    return number

"""The operators of a search: `field.gt=3` (spec: Abaco, A.11).

`.eq .neq .lt .lte .gt .gte .in .nin .like .nlike .between`, and `.eq` where there is
none. As in the database behind Abaco, values of different kinds are never less or
greater than each other, and a list matches where one of its items does.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agave_local.errors import BadRequest
from agave_local.services.actors.search_values import (
    at,
    is_time,
    items,
    readings,
    span,
)
from agave_local.services.meta.regex import Regex

Test = Callable[[Any], bool]
OPERATORS = frozenset(
    {"eq", "neq", "lt", "lte", "gt", "gte", "in", "nin", "like", "nlike", "between"}
)
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_NEGATED = {"neq": "eq", "nin": "in", "nlike": "like"}
_DEEPEST = 10
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
_SNAKE = re.compile(r"(?<=[a-z0-9])_([a-z])")
_ENDS = 2


@dataclass(frozen=True)
class Filter:
    """One condition of a search.

    Attributes:
        path: of the field, its first name in camel case.
        operator: one of `OPERATORS`.
        text: as the caller wrote the value.
        test: of the field's value.
    """

    path: tuple[str, ...]
    operator: str
    text: str
    test: Test

    def matches(self, document: Any) -> bool:
        """Tell whether a document satisfies the condition."""
        return self.test(at(document, self.path))


def read_filter(key: str, text: str) -> Filter:
    """Read a condition of a query.

    Args:
        key: a field in either case, perhaps dotted, perhaps with an operator.
        text: its value.

    Raises:
        BadRequest: for a value that the operator or the field cannot have.
    """
    *names, last = key.split(".")
    chosen = last if names and last in OPERATORS else "eq"
    parts = names if names and last in OPERATORS else [*names, last]
    if len(parts) > _DEEPEST:
        raise BadRequest(f"{key[:80]}: a field has at most {_DEEPEST} names.")
    first = _SNAKE.sub(lambda found: found[1].upper(), parts[0])
    path = (first, *parts[1:])
    plain = _NEGATED.get(chosen, chosen)
    test = _make(plain, text, key, timed=is_time(path))
    if chosen in _NEGATED:
        return Filter(path, chosen, text, lambda value: not test(value))
    return Filter(path, chosen, text, test)


def _make(chosen: str, text: str, name: str, *, timed: bool) -> Test:
    match chosen:
        case "like":
            return _like(text, name)
        case "in":
            tests = [_equal(item, name, timed=timed) for item in items(text, name)]
            return lambda value: any(test(value) for test in tests)
        case "between":
            ends = items(text, name)
            if len(ends) != _ENDS:
                raise BadRequest(f"{name}: the value is two values and a comma.")
            least = _ordered("gte", ends[0], name, timed=timed)
            most = _ordered("lte", ends[1], name, timed=timed)
            return lambda value: least(value) and most(value)
        case "eq":
            return _equal(text, name, timed=timed)
        case _:
            return _ordered(chosen, text, name, timed=timed)


def _equal(given: str | tuple[Any, ...], name: str, *, timed: bool) -> Test:
    wanted = readings(given) if isinstance(given, str) else given
    if timed and wanted[0] is not None:
        start, end = span(str(wanted[-1]), name)
        return lambda value: isinstance(value, str) and start <= value < end
    return lambda value: _any_of(value, lambda each: _is_same(each, wanted))


def _ordered(
    chosen: str, given: str | tuple[Any, ...], name: str, *, timed: bool
) -> Test:
    compare = _ORDERS[chosen]
    wanted = readings(given) if isinstance(given, str) else given
    if timed:
        # A moment that was not written to its end stands for its beginning.
        wanted = (span(str(wanted[-1]), name)[0],)

    def holds(value: Any) -> bool:
        if timed and not (isinstance(value, str) and value[:1].isdigit()):
            return False
        return any(
            _kind(value) == _kind(each) != "" and compare(value, each)
            for each in wanted
        )

    return lambda value: _any_of(value, holds)


def _like(pattern: str, name: str) -> Test:
    if not _SPECIAL.search(pattern):
        return lambda value: _any_of(
            value, lambda each: isinstance(each, str) and pattern in each
        )
    try:
        regex = Regex(pattern)
    except BadRequest as error:
        raise _wrong_pattern(name, error) from error

    def search(value: Any) -> bool:
        try:
            return isinstance(value, str) and regex.search(value)
        except BadRequest as error:
            raise _wrong_pattern(name, error) from error

    return lambda value: _any_of(value, search)


def _wrong_pattern(name: str, error: BadRequest) -> BadRequest:
    return BadRequest(f"{name}: {error.message.removeprefix('q: ')}")


def _any_of(value: Any, test: Test) -> bool:
    if isinstance(value, list):
        return test(value) or any(test(item) for item in value)
    return test(value)


def _is_same(value: Any, wanted: tuple[Any, ...]) -> bool:
    return any(
        value == each and isinstance(value, bool) == isinstance(each, bool)
        for each in wanted
    )


def _kind(value: Any) -> str:
    """Return the name of the kinds that compare with each other; none of others."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else ""

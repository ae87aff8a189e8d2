"""The operators of `q`: each a test in Python and a verdict of the database."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from agave_local.errors import BadRequest
from agave_local.records.conditions import Condition
from agave_local.records.verdicts import (
    DocumentPath,
    all_of,
    equals_any,
    has_length,
    has_value,
    is_ordered,
    looked_at,
    none_of,
)
from agave_local.services.meta.regex import Regex

_Holds = Callable[[list[Any]], bool]


@dataclass(frozen=True)
class ValueTest:
    """A test of what is at a path.

    Attributes:
        holds: of the values found there; none where there is no such path.
        verdict: that the database can give.
    """

    holds: _Holds
    verdict: Callable[[DocumentPath], Condition]


def negated(test: ValueTest) -> ValueTest:
    """Return the test that another one does not hold."""
    return ValueTest(
        lambda values: not test.holds(values),
        lambda path: none_of(test.verdict(path)),
    )


def joined(tests: list[ValueTest]) -> ValueTest:
    """Return the test that all hold."""
    return ValueTest(
        lambda values: all(test.holds(values) for test in tests),
        lambda path: all_of(test.verdict(path) for test in tests),
    )


def equals(wanted: Any) -> ValueTest:
    """Return the test for one value, or for a list that has it."""
    return _is_one_of([wanted])


def is_in(operand: Any) -> ValueTest:
    """Return the test for one of some values."""
    return _is_one_of(_listed(operand, "$in and $nin have a list of values"))


def has_all(operand: Any) -> ValueTest:
    """Return the test for a list that has all of some values."""
    wanted = _listed(operand, "$all has a list of values")
    return joined([equals(one) for one in wanted]) if wanted else _is_one_of([])


def exists(operand: Any) -> ValueTest:
    """Return the test for something being there."""
    there = ValueTest(bool, has_value)
    return there if operand else negated(there)


def has_size(operand: Any) -> ValueTest:
    """Return the test for a list of a length."""
    if isinstance(operand, bool) or not isinstance(operand, int) or operand < 0:
        raise BadRequest("q: $size has a whole number, 0 or greater.")
    return ValueTest(
        lambda values: any(
            isinstance(value, list) and len(value) == operand for value in values
        ),
        lambda path: has_length(path, min(operand, 2**31)),
    )


def has_type(operand: Any) -> ValueTest:
    """Return the test for one of some types of values."""
    names = operand if isinstance(operand, list) else [operand]
    types = [_TYPES.get(name) if _is_name(name) else None for name in names]
    known = [test for test in types if test is not None]
    if len(known) != len(names) or not names:
        listed = ", ".join(name for name in _TYPES if isinstance(name, str))
        raise BadRequest(f"q: $type is one of {listed}.")
    kinds = ("text", "integer", "real", "true", "false", "null", "object", "array")
    return ValueTest(
        lambda values: any(test(value) for value in spread(values) for test in known),
        lambda path: looked_at(path, kinds),
    )


def has_element(test: Callable[[Any], bool]) -> ValueTest:
    """Return the test for a list with an element that satisfies another test."""
    return ValueTest(
        lambda values: any(
            isinstance(value, list) and any(test(element) for element in value)
            for value in values
        ),
        lambda path: looked_at(path, ("array",)),
    )


def compares(key: str, operand: Any) -> ValueTest:
    """Return the test of an order: numbers with numbers, texts with texts."""
    if isinstance(operand, bool) or not isinstance(operand, int | float | str):
        raise BadRequest(f"q: {key} has a number or a text.")
    holds = _ORDERS[key]
    comparable = (str,) if isinstance(operand, str) else (int, float)
    limit = operand
    if isinstance(operand, int):
        limit = max(-(2**62), min(operand, 2**62))
    return ValueTest(
        lambda values: any(
            isinstance(value, comparable)
            and not isinstance(value, bool)
            and holds(value, operand)
            for value in spread(values)
        ),
        lambda path: is_ordered(path, key, limit),
    )


def matches(pattern: object, options: object) -> ValueTest:
    """Return the test for a text that has a pattern."""
    if not isinstance(pattern, str) or not isinstance(options, str):
        raise BadRequest("q: $regex and $options are texts.")
    regex = Regex(pattern, options)
    return ValueTest(
        lambda values: any(
            isinstance(value, str) and regex.search(value) for value in spread(values)
        ),
        lambda path: looked_at(path, ("text", "array")),
    )


def spread(values: list[Any]) -> Iterator[Any]:
    """Yield the values, and the elements of those that are lists."""
    for value in values:
        yield value
        if isinstance(value, list):
            yield from value


def _is_one_of(wanted: list[Any]) -> ValueTest:
    nothing = any(one is None for one in wanted)

    def holds(values: list[Any]) -> bool:
        if nothing and not values:
            return True
        return any(_same(value, one) for value in spread(values) for one in wanted)

    return ValueTest(holds, lambda path: equals_any(path, wanted))


def _listed(operand: Any, rule: str) -> list[Any]:
    if not isinstance(operand, list):
        raise BadRequest(f"q: {rule}.")
    for one in operand:
        if isinstance(one, dict) and any(key.startswith("$") for key in one):
            raise BadRequest(f"q: {rule}, not of operators.")
    return operand


def _same(value: Any, wanted: Any) -> bool:
    """JSON's true is not 1, though Python's is."""
    return isinstance(value, bool) is isinstance(wanted, bool) and bool(value == wanted)


def _is_name(name: object) -> bool:
    return isinstance(name, str | int) and not isinstance(name, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_int(value: object) -> bool:
    return _is_number(value) and isinstance(value, int)


_Type = Callable[[Any], bool]
_TYPES: dict[str | int, _Type] = {
    "double": lambda value: isinstance(value, float),
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "bool": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "int": lambda value: _is_int(value) and -(2**31) <= value < 2**31,
    "long": lambda value: _is_int(value) and not -(2**31) <= value < 2**31,
    "number": _is_number,
}
# Mongo's numbers of the same types.
_TYPES |= {
    number: _TYPES[name]
    for number, name in (
        (1, "double"),
        (2, "string"),
        (3, "object"),
        (4, "array"),
        (8, "bool"),
        (10, "null"),
        (16, "int"),
        (18, "long"),
    )
}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}
ORDERS = frozenset(_ORDERS)
OPERATORS: dict[str, Callable[[Any], ValueTest]] = {
    "$eq": equals,
    "$ne": lambda operand: negated(equals(operand)),
    "$in": is_in,
    "$nin": lambda operand: negated(is_in(operand)),
    "$all": has_all,
    "$exists": exists,
    "$size": has_size,
    "$type": has_type,
}

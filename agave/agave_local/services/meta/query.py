"""The Mongo-like query `q` of a metadata search.

text → JSON → tests, made once → asked of each document
"""

import json
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

from agave_local.errors import BadRequest
from agave_local.services.meta.regex import Regex
from agave_local.store import Document

_MAX_TEXT = 16_384
_MAX_DEPTH = 20
_INDEX = re.compile(r"[0-9]{1,9}", re.ASCII)
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)

# A test of the values found at a path; none where the document has no such path.
_Test = Callable[[list[Any]], bool]
_DocumentTest = Callable[[Document], bool]


class Query:
    """A parsed query.

    Attributes:
        name: where only documents of one name can match, that name.
    """

    def __init__(self, condition: Document) -> None:
        self._test = _read_condition(condition, 0)
        name = condition.get("name")
        if isinstance(name, dict) and set(name) == {"$eq"}:
            name = name["$eq"]
        self.name = name if isinstance(name, str) else None

    def matches(self, record: Document) -> bool:
        """Tell whether a document is one of those asked for."""
        return self._test(record)


def read_query(text: str | None) -> Query:
    """Read the query of a search; no text asks for everything.

    Single quotes are taken for double ones, as callers write them.

    Raises:
        BadRequest: where it is no query, or uses an operator that is not here.
    """
    if text is None or not text.strip():
        return Query({})
    if len(text) > _MAX_TEXT:
        raise BadRequest(f"q has at most {_MAX_TEXT} characters.")
    try:
        condition = _read_json(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest("q is a JSON object.") from error
    if not isinstance(condition, dict):
        raise BadRequest("q is a JSON object.")
    return Query(condition)


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(_STRING.sub(_double_quoted, text))


def _double_quoted(found: re.Match[str]) -> str:
    string = found[0]
    if string.startswith('"'):
        return string
    inside = re.sub(r'\\\'|"', lambda c: "'" if c[0] == "\\'" else '\\"', string[1:-1])
    return f'"{inside}"'


def _read_condition(condition: object, depth: int) -> _DocumentTest:
    if not isinstance(condition, dict):
        raise BadRequest("q: a condition is an object.")
    if depth > _MAX_DEPTH:
        raise BadRequest("q is nested too deep.")
    tests = [_read_entry(key, value, depth) for key, value in condition.items()]
    return lambda record: all(test(record) for test in tests)


def _read_entry(key: str, value: object, depth: int) -> _DocumentTest:
    if key in ("$or", "$and", "$nor"):
        if not isinstance(value, list) or not value:
            raise BadRequest(f"q: {key} has a list of conditions.")
        tests = [_read_condition(one, depth + 1) for one in value]
        if key == "$and":
            return lambda record: all(test(record) for test in tests)
        wanted = key == "$or"
        return lambda record: any(test(record) for test in tests) is wanted
    if key.startswith("$"):
        raise _unknown(key)
    test = _read_test(value, depth)
    path = key.split(".")
    return lambda record: test(list(_values(record, path)))


def _read_test(value: object, depth: int) -> _Test:
    if not isinstance(value, dict) or not any(key.startswith("$") for key in value):
        return _equals(value)
    if depth > _MAX_DEPTH:
        raise BadRequest("q is nested too deep.")
    tests = [
        _read_operator(key, operand, value, depth)
        for key, operand in value.items()
        if key != "$options"
    ]
    return lambda values: all(test(values) for test in tests)


def _read_operator(key: str, operand: Any, beside: Document, depth: int) -> _Test:
    if key == "$regex":
        return _matches(operand, beside.get("$options", ""))
    if key == "$not":
        return _negated(_read_test(operand, depth + 1))
    if key in _ORDERS:
        return _compares(key, operand)
    if key not in _OPERATORS:
        raise _unknown(key)
    return _OPERATORS[key](operand)


def _exists(operand: object) -> _Test:
    return lambda values: bool(values) is bool(operand)


def _is_in(operand: object) -> _Test:
    if not isinstance(operand, list):
        raise BadRequest("q: $in and $nin have a list of values.")
    tests = [_equals(one) for one in operand]
    return lambda values: any(test(values) for test in tests)


def _negated(test: _Test) -> _Test:
    return lambda values: not test(values)


def _equals(wanted: object) -> _Test:
    def test(values: list[Any]) -> bool:
        if wanted is None and not values:
            return True
        return any(_same(value, wanted) for value in _spread(values))

    return test


def _compares(key: str, operand: Any) -> _Test:
    """Numbers compare with numbers and texts with texts; nothing else does."""
    if isinstance(operand, bool) or not isinstance(operand, int | float | str):
        raise BadRequest(f"q: {key} has a number or a text.")

    holds = _ORDERS[key]
    comparable = (str,) if isinstance(operand, str) else (int, float)
    return lambda values: any(
        isinstance(value, comparable)
        and not isinstance(value, bool)
        and holds(value, operand)
        for value in _spread(values)
    )


def _matches(pattern: object, options: object) -> _Test:
    if not isinstance(pattern, str) or not isinstance(options, str):
        raise BadRequest("q: $regex and $options are texts.")
    regex = Regex(pattern, options)
    return lambda values: any(
        isinstance(value, str) and regex.search(value) for value in _spread(values)
    )


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    """Yield what a dotted path leads to; through a list, to each element's."""
    if not path:
        yield value
    elif isinstance(value, dict):
        if path[0] in value:
            yield from _values(value[path[0]], path[1:])
    elif isinstance(value, list):
        if _INDEX.fullmatch(path[0]) and int(path[0]) < len(value):
            yield from _values(value[int(path[0])], path[1:])
        for element in value:
            if isinstance(element, dict):
                yield from _values(element, path)


def _spread(values: list[Any]) -> Iterator[Any]:
    """Yield the values, and the elements of those that are lists."""
    for value in values:
        yield value
        if isinstance(value, list):
            yield from value


def _same(value: Any, wanted: Any) -> bool:
    """JSON's true is not 1, though Python's is."""
    return isinstance(value, bool) is isinstance(wanted, bool) and bool(value == wanted)


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}
_OPERATORS: dict[str, Callable[[Any], _Test]] = {
    "$eq": _equals,
    "$ne": lambda operand: _negated(_equals(operand)),
    "$in": _is_in,
    "$nin": lambda operand: _negated(_is_in(operand)),
    "$exists": _exists,
}


def _unknown(name: str) -> BadRequest:
    return BadRequest(f"q: the operator {name[:40]} is not supported here.")

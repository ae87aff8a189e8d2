"""The Mongo-like query `q` of a metadata search.

text → JSON → tests, made once → a verdict of the database, which narrows, and a
test in Python of what the database can't tell
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from agave_local.errors import BadRequest
from agave_local.records.conditions import ALWAYS, Condition, among, identified
from agave_local.records.store import Document
from agave_local.records.verdicts import (
    all_of,
    any_of,
    guarded,
    none_of,
    read_path,
    unknown,
)
from agave_local.services.meta.operators import (
    OPERATORS,
    ORDERS,
    ValueTest,
    compares,
    equals,
    has_element,
    joined,
    matches,
    negated,
)

_MAX_TEXT = 16_384
_MAX_DEPTH = 20
# More tests than these narrow nothing further; the documents themselves are asked.
_MAX_NARROWING = 40
_INDEX = re.compile(r"[0-9]{1,9}", re.ASCII)
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_INDEXED = ("name", "owner", "uuid")


@dataclass(frozen=True)
class _Clause:
    """A test of a whole document.

    Attributes:
        holds: of a document.
        verdict: that the database can give of it.
    """

    holds: Callable[[Any], bool]
    verdict: Condition


class Query:
    """A parsed query.

    Attributes:
        hint: what each document that matches satisfies, found through an index.
        verdict: of the database on the whole query; see `verdicts.py`.
    """

    def __init__(self, condition: Document) -> None:
        clause = _Reader().read(condition, 0)
        self._holds = clause.holds
        self.verdict = guarded(clause.verdict)
        self.hint = all_of(
            _hint(field, condition[field]) for field in _INDEXED if field in condition
        )

    def matches(self, record: Document) -> bool:
        """Tell whether a document is one of those asked for."""
        return self._holds(record)


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
        # Halves of surrogate pairs can't be stored, so nothing can match them.
        json.dumps(condition, ensure_ascii=False, allow_nan=False).encode()
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


class _Reader:
    """Makes tests of one query."""

    def __init__(self) -> None:
        self._narrowing = 0

    def read(self, condition: object, depth: int) -> _Clause:
        """Make the test of a condition.

        Raises:
            BadRequest: where it is none.
        """
        if not isinstance(condition, dict):
            raise BadRequest("q: a condition is an object.")
        if depth > _MAX_DEPTH:
            raise BadRequest("q is nested too deep.")
        clauses = [self._entry(key, one, depth) for key, one in condition.items()]
        return _all(clauses)

    def _entry(self, key: str, value: object, depth: int) -> _Clause:
        if key in ("$or", "$and", "$nor"):
            if not isinstance(value, list) or not value:
                raise BadRequest(f"q: {key} has a list of conditions.")
            clauses = [self.read(one, depth + 1) for one in value]
            return _JOINS[key](clauses)
        if key.startswith("$"):
            _refuse(key)
        test = self._test(value, depth)
        steps = key.split(".")
        return _Clause(
            lambda record: test.holds(list(_values(record, steps))),
            self._narrow(test, steps),
        )

    def _narrow(self, test: ValueTest, steps: list[str]) -> Condition:
        self._narrowing += 1
        path = read_path(steps)
        if path is None or self._narrowing > _MAX_NARROWING:
            return unknown()
        return test.verdict(path)

    def _test(self, value: object, depth: int) -> ValueTest:
        if not isinstance(value, dict) or not any(key.startswith("$") for key in value):
            return equals(value)
        if depth > _MAX_DEPTH:
            raise BadRequest("q is nested too deep.")
        if "$options" in value and "$regex" not in value:
            raise BadRequest("q: $options needs a $regex beside it.")
        return joined(
            [
                self._operator(key, operand, value, depth)
                for key, operand in value.items()
                if key != "$options"
            ]
        )

    def _operator(
        self, key: str, operand: Any, beside: Document, depth: int
    ) -> ValueTest:
        if key == "$regex":
            return matches(operand, beside.get("$options", ""))
        if key == "$not":
            if not isinstance(operand, dict) or not operand:
                raise BadRequest("q: $not has an object with operators.")
            return negated(self._test(operand, depth + 1))
        if key == "$elemMatch":
            return has_element(self._element(operand, depth + 1))
        if key in ORDERS:
            return compares(key, operand)
        if key not in OPERATORS:
            _refuse(key)
        return OPERATORS[key](operand)

    def _element(self, operand: Any, depth: int) -> Callable[[Any], bool]:
        if not isinstance(operand, dict):
            raise BadRequest("q: $elemMatch has a condition.")
        operators = {key for key in operand if key.startswith("$")} - set(_JOINS)
        if operators:
            test = self._test(operand, depth)
            return lambda element: test.holds([element])
        # What it narrows is not asked for: a list's inside is looked at in Python.
        clause = self.read(operand, depth)
        return lambda element: isinstance(element, dict) and clause.holds(element)


def _all(clauses: list[_Clause]) -> _Clause:
    return _Clause(
        lambda record: all(clause.holds(record) for clause in clauses),
        all_of(clause.verdict for clause in clauses),
    )


def _any(clauses: list[_Clause]) -> _Clause:
    return _Clause(
        lambda record: any(clause.holds(record) for clause in clauses),
        any_of(clause.verdict for clause in clauses),
    )


def _none(clauses: list[_Clause]) -> _Clause:
    found = _any(clauses)
    return _Clause(lambda record: not found.holds(record), none_of(found.verdict))


_JOINS: dict[str, Callable[[list[_Clause]], _Clause]] = {
    "$and": _all,
    "$or": _any,
    "$nor": _none,
}


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


def _hint(field: str, value: object) -> Condition:
    """Return what an index knows of a field that must have one of some texts."""
    if isinstance(value, dict) and len(value) == 1:
        value = value["$in"] if "$in" in value else [value.get("$eq")]
    given = value if isinstance(value, list) else [value]
    wanted = [one for one in given if isinstance(one, str) and "\0" not in one]
    if len(wanted) < len(given):
        return ALWAYS
    return identified(wanted) if field == "uuid" else among(field, wanted)


def _refuse(name: str) -> NoReturn:
    raise BadRequest(f"q: the operator {name[:40]} is not supported here.")

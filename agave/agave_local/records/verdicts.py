"""What the database can say of a document's inside: yes, no, or that it can't tell.

A verdict is a `Condition` whose clause is 1, 0 or NULL; SQL's own logic of three
values joins verdicts rightly. NULL means that somebody has to look at the document:
where a path leads through a list, or where SQLite and Python could differ in a
comparison (long numbers, texts with NUL).

A path and every value is bound to a question mark; none becomes a part of the SQL.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agave_local.records.conditions import ALWAYS, NEVER, Condition

# Written the same way in JSON and in a path of SQLite: printable, not escaped.
_STEP = re.compile(r"[ !#-\[\]-~]{1,200}", re.ASCII)
_MOST_VALUES = 500
_MOST_STEPS = 20
# Beyond, looking for each in the whole document costs more than it spares.
_MOST_MENTIONED = 3
_MOST_NESTED = 14
# Numbers up to here are the same in Python, in SQLite and in a double.
_EXACT = 2**53
_CLOSE, _TINY = 1e-9, 1e-300
_UNKNOWN = Condition("NULL")
_ORDERS = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}


@dataclass(frozen=True)
class DocumentPath:
    """Where in a document to look, in words that SQLite follows as Python does.

    Attributes:
        steps: names of fields, from the outside to the inside.
    """

    steps: tuple[str, ...]

    @property
    def text(self) -> str:
        """The path as SQLite writes it."""
        return _text(self.steps)

    @property
    def outer(self) -> tuple[str, ...]:
        """The paths of what is around it."""
        return tuple(_text(self.steps[:end]) for end in range(1, len(self.steps)))


def read_path(steps: Sequence[str]) -> DocumentPath | None:
    """Return a path, or None for one that SQLite could take for another."""
    plain = all(_STEP.fullmatch(step) for step in steps)
    return DocumentPath(tuple(steps)) if plain and len(steps) <= _MOST_STEPS else None


def unknown() -> Condition:
    """Return the verdict that somebody has to look at the document."""
    return _UNKNOWN


def all_of(verdicts: Iterable[Condition]) -> Condition:
    """Return the verdict that all hold."""
    return _joined(" AND ", tuple(verdicts), ALWAYS)


def any_of(verdicts: Iterable[Condition]) -> Condition:
    """Return the verdict that at least one holds."""
    return _joined(" OR ", tuple(verdicts), NEVER)


def none_of(verdict: Condition) -> Condition:
    """Return the verdict that another does not hold."""
    return Condition(f"(NOT {verdict.clause})", verdict.values)


def guarded(verdict: Condition) -> Condition:
    """Return a verdict that the database can be asked for, whatever the documents.

    SQLite ends a text at a NUL, and its parser gives up on what is nested deep.
    """
    if verdict in (ALWAYS, NEVER, _UNKNOWN):
        return verdict
    if _depth(verdict.clause) > _MOST_NESTED:
        return _UNKNOWN
    return Condition(
        f"(CASE WHEN instr(body, '\\u0000') THEN NULL ELSE {verdict.clause} END)",
        verdict.values,
    )


def has_value(path: DocumentPath) -> Condition:
    """Return the verdict that there is something at a path, be it null."""
    return _by_type(path, {}, other=ALWAYS, missing=NEVER)


def equals_any(path: DocumentPath, wanted: Sequence[object]) -> Condition:
    """Return the verdict that one of some values is at a path, or in a list there.

    None means null, or nothing at all.
    """
    if len(wanted) > _MOST_VALUES:
        return _UNKNOWN
    values = _sort(wanted)
    found = "json_extract(body, ?)"
    cases = {
        "text": _among(found, values.texts, path),
        "integer": _among_integers(found, values, path),
        "real": _among_reals(found, values, path),
        "object": _UNKNOWN if values.nested else NEVER,
        "array": _in_list(path, values),
        **dict.fromkeys(values.words, ALWAYS),
    }
    missing = ALWAYS if "null" in values.words else NEVER
    found_there = _by_type(path, cases, other=NEVER, missing=missing)
    if len(values.texts) < len(wanted) or len(wanted) > _MOST_MENTIONED:
        return found_there
    return _mentioned(values.texts, found_there)


def is_ordered(path: DocumentPath, order: str, limit: str | float) -> Condition:
    """Return the verdict that what is at a path is greater or less than a limit.

    Args:
        path: where to look.
        order: `$gt`, `$gte`, `$lt` or `$lte`.
        limit: texts compare with texts, numbers with numbers.
    """
    sign = _ORDERS[order]
    if isinstance(limit, str):
        element = f"element.type = 'text' AND element.value {sign} ?"
        cases = {
            "text": Condition(f"(json_extract(body, ?) {sign} ?)", (path.text, limit)),
            "array": _exists(path, Condition(element, (limit,))),
        }
    else:
        cases = {
            "integer": Condition(
                f"(json_extract(body, ?) {sign} ?)", (path.text, limit)
            ),
            "real": _ordered_real(path, order, limit),
            "array": _UNKNOWN,
        }
        if abs(limit) >= _EXACT:
            cases |= {"integer": _UNKNOWN, "real": _UNKNOWN}
    return _by_type(path, cases, other=NEVER, missing=NEVER)


def has_length(path: DocumentPath, length: int) -> Condition:
    """Return the verdict that there is a list of a length at a path."""
    counted = Condition("(json_array_length(body, ?) = ?)", (path.text, length))
    return _by_type(path, {"array": counted}, other=NEVER, missing=NEVER)


def looked_at(path: DocumentPath, kinds: Iterable[str]) -> Condition:
    """Return the verdict that can't tell of some kinds of values, and denies others.

    Args:
        path: where to look.
        kinds: as SQLite names them: `text`, `array`, `object` …
    """
    cases = dict.fromkeys(kinds, _UNKNOWN)
    return _by_type(path, cases, other=NEVER, missing=NEVER)


@dataclass
class _Values:
    """Values to compare with, by what SQLite calls them."""

    texts: list[str] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    huge: bool = False
    nested: bool = False


def _sort(wanted: Sequence[object]) -> _Values:
    values = _Values()
    for one in wanted:
        if one is None or isinstance(one, bool):
            values.words.append({None: "null", True: "true", False: "false"}[one])
        elif isinstance(one, str):
            values.texts.append(one)
        elif isinstance(one, int | float):
            if abs(one) < _EXACT:
                values.numbers.append(one)
            else:
                values.huge = True
        else:
            values.nested = True
    return values


def _by_type(
    path: DocumentPath,
    cases: Mapping[str, Condition],
    *,
    other: Condition,
    missing: Condition,
) -> Condition:
    """Return the verdict for each type of what is at a path.

    A missing value may be one in a list on the way, which Mongo looks into.
    """
    nowhere, values = missing.clause, missing.values
    if path.outer:
        lists = " OR ".join(["json_type(body, ?) = 'array'"] * len(path.outer))
        nowhere = f"CASE WHEN {lists} THEN NULL ELSE {missing.clause} END"
        values = (*path.outer, *missing.values)
    whens = "".join(f" WHEN '{kind}' THEN {one.clause}" for kind, one in cases.items())
    kind = "json_type(body, ?)"
    there = f"CASE {kind}{whens} ELSE {other.clause} END" if cases else other.clause
    inside = tuple(value for one in cases.values() for value in one.values)
    return Condition(
        f"(CASE WHEN {kind} IS NULL THEN {nowhere} ELSE {there} END)",
        (path.text, *values, *((path.text, *inside) if cases else ()), *other.values),
    )


def _mentioned(texts: Sequence[str], verdict: Condition) -> Condition:
    """Deny at once where a document mentions none of some texts anywhere.

    A document is kept as `json.dumps` writes it, and so is each text in it.
    """
    absent = " AND ".join(["instr(body, ?) = 0"] * len(texts)) or "0"
    return Condition(
        f"(CASE WHEN {absent} THEN 0 ELSE {verdict.clause} END)",
        (*map(json.dumps, texts), *verdict.values),
    )


def _among(found: str, values: Sequence[str | float], path: DocumentPath) -> Condition:
    if not values:
        return NEVER
    marks = ", ".join("?" * len(values))
    return Condition(f"({found} IN ({marks}))", (path.text, *values))


def _among_integers(found: str, values: _Values, path: DocumentPath) -> Condition:
    if values.huge:
        return _UNKNOWN
    whole = [int(one) for one in values.numbers if one == int(one)]
    return _among(found, whole, path)


def _among_reals(found: str, values: _Values, path: DocumentPath) -> Condition:
    """Deny what is not even close; SQLite may read the last digit otherwise."""
    if values.huge:
        return _UNKNOWN
    if not values.numbers:
        return NEVER
    close = " OR ".join([f"{found} BETWEEN ? AND ?"] * len(values.numbers))
    bound = tuple(
        one for number in values.numbers for one in (path.text, *_around(number))
    )
    return Condition(f"(CASE WHEN {close} THEN NULL ELSE 0 END)", bound)


def _ordered_real(path: DocumentPath, order: str, limit: float) -> Condition:
    low, high = _around(limit)
    below, above = ("0", "1") if order in ("$gt", "$gte") else ("1", "0")
    return Condition(
        f"(CASE WHEN json_extract(body, ?) < ? THEN {below} "
        f"WHEN json_extract(body, ?) > ? THEN {above} ELSE NULL END)",
        (path.text, low, path.text, high),
    )


def _around(number: float) -> tuple[float, float]:
    near = abs(number) * _CLOSE + _TINY
    return number - near, number + near


def _in_list(path: DocumentPath, values: _Values) -> Condition:
    if values.numbers or values.huge or values.nested:
        return _UNKNOWN
    tests = []
    if values.texts:
        marks = ", ".join("?" * len(values.texts))
        tests.append(f"(element.type = 'text' AND element.value IN ({marks}))")
    if values.words:
        words = ", ".join(f"'{word}'" for word in values.words)
        tests.append(f"element.type IN ({words})")
    if not tests:
        return NEVER
    return _exists(path, Condition(" OR ".join(tests), tuple(values.texts)))


def _exists(path: DocumentPath, test: Condition) -> Condition:
    return Condition(
        "EXISTS (SELECT 1 FROM json_each(body, ?) AS element "  # noqa: S608 - made of constants; every value is bound
        f"WHERE {test.clause})",
        (path.text, *test.values),
    )


def _joined(word: str, verdicts: Sequence[Condition], empty: Condition) -> Condition:
    """Join in one row: brackets in brackets are what SQLite's parser runs out of."""
    if not verdicts:
        return empty
    clause = word.join(one.clause for one in verdicts)
    return Condition(
        f"({clause})", tuple(value for one in verdicts for value in one.values)
    )


def _depth(clause: str) -> int:
    """Return how deep brackets are nested; no text of a caller is in a clause."""
    depth = deepest = 0
    for sign in clause:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return deepest


def _text(steps: Iterable[str]) -> str:
    return "$" + "".join(f'."{step}"' for step in steps)

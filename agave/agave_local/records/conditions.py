"""Conditions on documents that the database itself can decide.

A service that narrows a list by its owner, its readers or a field says so here, so
that a page of a long list costs what the page costs, and not the whole list.
"""

import itertools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

Scalar = str | int | float | bool | None
# More of them cost more to plan and to merge than reading the kind through.
_MOST_CASES = 8
_MOST_MARKS = 1000


@dataclass(frozen=True)
class Condition:
    """A piece of a WHERE clause and the values of its question marks.

    Attributes:
        clause: SQL made by the functions of this module only.
        values: what its question marks stand for.
        cases: conditions of which at least one holds, exactly where this one does;
            each can be looked up by an index of its own. None where it has no cases.
    """

    clause: str
    values: tuple[str | int | float | None, ...] = ()
    cases: tuple["Condition", ...] = ()

    def __and__(self, other: "Condition") -> "Condition":
        """Return the condition that both hold."""
        both = _joined("AND", (self, other))
        cases = self.cases or (self,), other.cases or (other,)
        if 1 < len(cases[0]) * len(cases[1]) <= _MOST_CASES:
            pairs = itertools.product(*cases)
            return replace(both, cases=tuple(_joined("AND", pair) for pair in pairs))
        return both

    def __or__(self, other: "Condition") -> "Condition":
        """Return the condition that at least one holds."""
        cases = (*(self.cases or (self,)), *(other.cases or (other,)))
        if len(cases) > _MOST_CASES:
            cases = ()
        return replace(_joined("OR", (self, other)), cases=cases)


ALWAYS, NEVER = Condition("1"), Condition("0")


def equal(field: str, value: Scalar) -> Condition:
    """Return the condition that a field has a value; None matches a missing one.

    Args:
        field: a top-level field; `name`, `owner`, `status`, `parent`, `expires` and
            `username` are indexed.
        value: that it must have.

    Raises:
        ValueError: for a field that is no plain name.
    """
    return Condition(f"{column(field)} IS ?", (_plain(value),))


def less(field: str, value: float | str) -> Condition:
    """Return the condition that a field is there and less than a value."""
    return Condition(f"{column(field)} < ?", (value,))


def compared(field: str, sign: str, value: float | str) -> Condition:
    """Return the condition that a field is there and compares so with a value.

    Args:
        field: a top-level field, or a dotted path into one.
        sign: one of `=`, `<`, `<=`, `>`, `>=`.
        value: to compare with.

    Raises:
        ValueError: for another sign, or a field that is no plain name.
    """
    if sign not in ("=", "<", "<=", ">", ">="):
        raise ValueError(sign)
    return Condition(f"{column(field)} {sign} ?", (value,))


def like(field: str, pattern: str) -> Condition:
    """Return the condition that a text matches a pattern, whatever its letters' case.

    Args:
        field: a top-level field, or a dotted path into one.
        pattern: `*` stands for anything; nothing else is special.
    """
    escaped = re.sub(r"([\\%_])", r"\\\1", pattern)
    wildcards = re.sub(r"\*+", "%", escaped)
    return Condition(f"{column(field)} LIKE ? ESCAPE '\\'", (wildcards,))


def same(field: str, text: str) -> Condition:
    """Return the condition that a text is another but for its letters' case."""
    return Condition(f"{column(field)} = ? COLLATE NOCASE", (text,))


def holds(field: str, value: str) -> Condition:
    """Return the condition that a list of texts has a text among its items."""
    return Condition(
        "EXISTS (SELECT 1 FROM json_each(documents.body, '$.' || ?) AS item "
        "WHERE item.value IS ?)",
        (checked(field), value),
    )


def keyed(field: str, names: Iterable[str]) -> Condition:
    """Return the condition that an object has one of some names among its keys."""
    listed = tuple(names)
    marks = ", ".join("?" * len(listed))
    return Condition(
        "EXISTS (SELECT 1 FROM json_each(documents.body, '$.' || ?) AS item "  # noqa: S608 - the marks are made here
        f"WHERE item.key IN ({marks}))",
        (checked(field), *listed),
    )


def negated(condition: Condition) -> Condition:
    """Return the condition that another does not hold; a missing field is no match."""
    return Condition(f"(({condition.clause}) IS NOT 1)", condition.values)


def among(field: str, values: Iterable[Scalar]) -> Condition:
    """Return the condition that a field has one of some values."""
    listed = tuple(_plain(value) for value in values)
    if not listed:
        return NEVER
    if len(listed) > _MOST_MARKS:
        # A statement has a limited number of question marks.
        return Condition(
            f"{column(field)} IN (SELECT value FROM json_each(?))",  # noqa: S608 - the column is of a checked name
            (json.dumps(listed),),
        )
    marks = ", ".join("?" * len(listed))
    return Condition(f"{column(field)} IN ({marks})", listed)


def identified(identifiers: Iterable[str]) -> Condition:
    """Return the condition that a document has one of some ids."""
    listed = tuple(identifiers)
    marks = ", ".join("?" * len(listed))
    return Condition(f"documents.id IN ({marks})", listed) if listed else NEVER


def beginning(prefix: str) -> Condition:
    """Return the condition that a document's id begins so, and goes on.

    Args:
        prefix: that ends in an ASCII character.
    """
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return Condition("(documents.id > ? AND documents.id < ?)", (prefix, after))


def parent_of(kind: str, condition: Condition) -> Condition:
    """Return the condition that a document of another kind names this one `parent`.

    Args:
        kind: of the other document, such as a permission.
        condition: that the other document must satisfy.
    """
    return Condition(
        "documents.id IN (SELECT json_extract(body, '$.parent') FROM documents "  # noqa: S608 - clauses are made here only
        f"WHERE kind = ? AND {condition.clause})",
        (kind, *condition.values),
    )


def accompanied(kind: str, ending: str) -> Condition:
    """Return the condition that there is another kind's `<this one's id>/<ending>`.

    Each document is looked up by itself, so a page ends with its last document; what
    `parent_of` names is collected first, all of it.

    Args:
        kind: of the other document, such as a label.
        ending: of its id.
    """
    return Condition(
        "EXISTS (SELECT 1 FROM documents AS other "
        "WHERE other.kind = ? AND other.id = documents.id || ?)",
        (kind, f"/{ending}"),
    )


def _joined(word: str, parts: tuple[Condition, ...]) -> Condition:
    clause = f" {word} ".join(part.clause for part in parts)
    return Condition(
        f"({clause})", tuple(value for part in parts for value in part.values)
    )


def column(field: str) -> str:
    """Return the SQL of a top-level field, or of a dotted path into one.

    Raises:
        ValueError: for a field that is no plain name.
    """
    return f"json_extract(body, '$.{checked(field)}')"


def checked(field: str) -> str:
    """Return a field, or a dotted path into one, that SQL may name.

    Raises:
        ValueError: for one that is no plain name.
    """
    if not all(part.isidentifier() for part in field.split(".")):
        raise ValueError(field)
    return field


def _plain(value: Scalar) -> str | int | float | None:
    return int(value) if isinstance(value, bool) else value

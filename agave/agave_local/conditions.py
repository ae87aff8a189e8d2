"""Conditions on documents that the database itself can decide.

A service that narrows a list by its owner, its readers or a field says so here, so
that a page of a long list costs what the page costs, and not the whole list.
"""

from collections.abc import Iterable
from dataclasses import dataclass

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Condition:
    """A piece of a WHERE clause and the values of its question marks.

    Attributes:
        clause: SQL made by the functions of this module only.
        values: what its question marks stand for.
    """

    clause: str
    values: tuple[str | int | float | None, ...] = ()

    def __and__(self, other: "Condition") -> "Condition":
        """Return the condition that both hold."""
        return _joined("AND", (self, other))

    def __or__(self, other: "Condition") -> "Condition":
        """Return the condition that at least one holds."""
        return _joined("OR", (self, other))


ALWAYS, NEVER = Condition("1"), Condition("0")


def equal(field: str, value: Scalar) -> Condition:
    """Return the condition that a field has a value; None matches a missing one.

    Args:
        field: a top-level field; `name`, `owner`, `status`, `parent` and `expires`
            are indexed.
        value: that it must have.

    Raises:
        ValueError: for a field that is no plain name.
    """
    return Condition(f"{_column(field)} IS ?", (_plain(value),))


def less(field: str, value: float | str) -> Condition:
    """Return the condition that a field is there and less than a value."""
    return Condition(f"{_column(field)} < ?", (value,))


def among(field: str, values: Iterable[Scalar]) -> Condition:
    """Return the condition that a field has one of some values."""
    listed = tuple(_plain(value) for value in values)
    if not listed:
        return NEVER
    marks = ", ".join("?" * len(listed))
    return Condition(f"{_column(field)} IN ({marks})", listed)


def identified(identifiers: Iterable[str]) -> Condition:
    """Return the condition that a document has one of some ids."""
    listed = tuple(identifiers)
    marks = ", ".join("?" * len(listed))
    return Condition(f"documents.id IN ({marks})", listed) if listed else NEVER


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


def _joined(word: str, parts: tuple[Condition, ...]) -> Condition:
    clause = f" {word} ".join(part.clause for part in parts)
    return Condition(
        f"({clause})", tuple(value for part in parts for value in part.values)
    )


def _column(field: str) -> str:
    if not field.isidentifier():
        raise ValueError(field)
    return f"json_extract(body, '$.{field}')"


def _plain(value: Scalar) -> str | int | float | None:
    return int(value) if isinstance(value, bool) else value

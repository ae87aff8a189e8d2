"""What the database itself can list or sum up, without a document being read whole."""

from dataclasses import dataclass

from agave_local.records.conditions import checked, column


@dataclass(frozen=True)
class Table:
    """The columns of an answer of the database.

    Attributes:
        columns: SQL made by the functions of this module only.
        ending: how rows are grouped and ordered, made here too.
    """

    columns: str
    ending: str


def listed(*fields: str) -> Table:
    """Return a row for each document, in order of creation: its id, then the fields."""
    columns = ", ".join(("documents.id", *map(column, fields)))
    return Table(columns, "ORDER BY number")


def without(field: str) -> Table:
    """Return the body of each document as JSON, but for a field that may be large."""
    checked(field)
    return Table(f"json_remove(body, '$.{field}')", "ORDER BY number")


def summed(*sums: str, by: str) -> Table:
    """Return a row for each value of a field: the value, how many, then the sums.

    The value that came first is first.

    Args:
        sums: made by `total` and `total_of_spans`.
        by: the field.
    """
    columns = ", ".join((column(by), "count(*)", *sums))
    return Table(columns, f"GROUP BY {column(by)} ORDER BY min(number)")


def total(field: str) -> str:
    """Return the sum of a field; 0 where nothing has it."""
    return f"coalesce(sum({column(field)}), 0)"


def total_of_spans(start: str, end: str) -> str:
    """Return the sum of the whole seconds between two fields."""
    span = f"{column(end)} - {column(start)}"
    return f"coalesce(sum(CAST({span} AS INTEGER)), 0)"

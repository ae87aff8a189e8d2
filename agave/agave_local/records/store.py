"""The tenant's records: JSON documents in one SQLite database.

Each service keeps its records as documents of a kind of its own.
What a write of them is worth, `database.py` says.
"""

import functools
import itertools
import json
import operator
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from agave_local.records.conditions import ALWAYS, Condition, Scalar, equal, less
from agave_local.records.database import Database
from agave_local.records.tables import Table

Document = dict[str, Any]
# Documents that are asked of at once, when the database can't tell.
_BATCH = 200


class DuplicateDocument(Exception):
    """A document of that kind and id is there already."""


class Store:
    """Documents by kind and id, for any number of threads.

    Args:
        path: the database file; its folder must exist.
        database: opens it; another one in tests of a full disk.

    Raises:
        CannotOpen: the database is damaged, or of a later release.
    """

    def __init__(
        self, path: Path, database: Callable[[Path], Database] = Database
    ) -> None:
        self._database = database(path)

    def transaction(self, *, durable: bool = True) -> AbstractContextManager[None]:
        """Make all changes inside one atomic step; may be nested.

        Args:
            durable: wait for the disk, as whatever is answered to a caller has to;
                without, a power cut (but no end of the process) can take the step
                back, until the next durable one. A nested step is as the outer one.

        Raises:
            InsufficientStorage: where the disk is full; nothing is changed.
        """
        return self._database.transaction(durable=durable)

    def insert(self, kind: str, identifier: str, body: Document) -> None:
        """Add a new document.

        Raises:
            DuplicateDocument: where there is one of that kind and id.
        """
        try:
            self._database.write(
                "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?)",
                (kind, identifier, json.dumps(body)),
            )
        except sqlite3.IntegrityError as error:
            raise DuplicateDocument(kind) from error

    def put(self, kind: str, identifier: str, body: Document) -> None:
        """Add a document or replace it, keeping its place in the order."""
        self._database.write(
            "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?) "
            "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            (kind, identifier, json.dumps(body)),
        )

    def get(self, kind: str, identifier: str) -> Document | None:
        """Return a document, or None."""
        rows = self._database.read(
            "SELECT body FROM documents WHERE kind = ? AND id = ?", (kind, identifier)
        )
        return _read(rows[0][0]) if rows else None

    def update(
        self, kind: str, identifier: str, change: Callable[[Document], Document]
    ) -> Document | None:
        """Replace a document by what `change` makes of it, in one atomic step.

        Returns:
            The new document, or None where there was none.
        """
        with self.transaction():
            body = self.get(kind, identifier)
            if body is None:
                return None
            body = change(body)
            self._database.write(
                "UPDATE documents SET body = ? WHERE kind = ? AND id = ?",
                (json.dumps(body), kind, identifier),
            )
            return body

    def delete(self, kind: str, identifier: str) -> bool:
        """Remove a document; tell whether it was there."""
        return (
            self._database.write(
                "DELETE FROM documents WHERE kind = ? AND id = ?", (kind, identifier)
            )
            > 0
        )

    def delete_where(self, kind: str, **fields: Scalar) -> int:
        """Remove the documents that `find` would return; tell how many."""
        return self.discard(kind, _all_equal(fields))

    def delete_expired(self, kind: str, before: float) -> int:
        """Remove the documents whose `expires` is a number less than `before`."""
        return self.discard(kind, less("expires", before))

    def discard(self, kind: str, condition: Condition) -> int:
        """Remove the documents of a kind that satisfy a condition; tell how many."""
        return self._database.write(
            f"DELETE FROM documents WHERE kind = ? AND {condition.clause}",  # noqa: S608 - conditions are made of checked names
            (kind, *condition.values),
        )

    def find(self, kind: str, **fields: Scalar) -> list[Document]:
        """Return the documents of a kind in order of creation.

        Args:
            kind: of the documents.
            fields: top-level fields and the values they must have.
        """
        return self.select(kind, _all_equal(fields))

    def select(
        self,
        kind: str,
        condition: Condition = ALWAYS,
        *,
        newest: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Document]:
        """Return a page of the documents of a kind that satisfy a condition.

        Args:
            kind: of the documents.
            condition: that they satisfy.
            newest: the newest first; the oldest otherwise.
            limit: how many at most; all where None.
            offset: how many to leave out at the beginning.
        """
        order = "DESC" if newest else "ASC"
        query, values = _query(kind, condition)
        # Only the page's own bodies are read, and the plan is by an index that has
        # the order already, so a late page costs hardly more than the first does.
        rows = self._database.read(
            "SELECT body FROM documents WHERE number IN "  # noqa: S608 - conditions are made of checked names
            f"({query} ORDER BY number {order} LIMIT ? OFFSET ?) "
            f"ORDER BY number {order}",
            (*values, -1 if limit is None else limit, offset),
        )
        return [_read(row[0]) for row in rows]

    def sift(
        self,
        kind: str,
        condition: Condition,
        verdict: Condition,
        decide: Callable[[Document], bool],
        *,
        limit: int,
        offset: int = 0,
    ) -> list[Document]:
        """Return a page of the documents that a verdict speaks for, oldest first.

        Args:
            kind: of the documents.
            condition: that they satisfy.
            verdict: true, false or unknown of a document; see `verdicts.py`.
            decide: asked of a document where the verdict is unknown.
            limit: how many at most.
            offset: how many to leave out at the beginning.
        """
        query, values = _query(kind, condition)
        rows = self._database.read(
            "WITH judged AS MATERIALIZED "  # noqa: S608 - conditions are made of checked names
            f"(SELECT number, {verdict.clause} AS told FROM documents "
            f"WHERE number IN ({query})) "
            "SELECT number, told FROM judged WHERE told IS NOT 0 ORDER BY number",
            (*verdict.values, *values),
        )
        kept = itertools.islice(self._kept(rows, decide), offset, offset + limit)
        return list(self._numbered(list(kept)).values())

    def _kept(
        self, rows: list[tuple[int, int | None]], decide: Callable[[Document], bool]
    ) -> Iterator[int]:
        """Yield the numbers of the documents that are wanted; ask of the unknown."""
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            asked = self._numbered([number for number, told in batch if told is None])
            for number, told in batch:
                if told or (number in asked and decide(asked[number])):
                    yield number

    def _numbered(self, numbers: list[int]) -> dict[int, Document]:
        if not numbers:
            return {}
        rows = self._database.read(
            "SELECT number, body FROM documents WHERE number IN "
            "(SELECT value FROM json_each(?)) ORDER BY number",
            (json.dumps(numbers),),
        )
        return {number: _read(text) for number, text in rows}

    def count(self, kind: str, **fields: Scalar) -> int:
        """Count the documents that `find` would return."""
        return self.tally(kind, _all_equal(fields))

    def tally(self, kind: str, condition: Condition = ALWAYS) -> int:
        """Count the documents of a kind that satisfy a condition."""
        query, values = _query(kind, condition)
        rows = self._database.read(
            f"SELECT count(*) FROM ({query})",  # noqa: S608 - conditions are made of checked names
            values,
        )
        return int(rows[0][0])

    def rows(
        self, kind: str, table: Table, condition: Condition = ALWAYS
    ) -> list[tuple[Any, ...]]:
        """Return a table of the documents of a kind that satisfy a condition."""
        query, values = _query(kind, condition)
        return self._database.read(
            f"SELECT {table.columns} FROM documents WHERE number IN ({query}) "  # noqa: S608 - tables and conditions are made of checked names
            f"{table.ending}",
            values,
        )

    def ping(self) -> None:
        """Make sure that documents can be read and written.

        Raises:
            InsufficientStorage: where the disk is full.
        """
        self.put("ping", "ping", {})

    def clear(self) -> None:
        """Forget every document."""
        self._database.write("DELETE FROM documents", ())

    def close(self) -> None:
        """Close the connections that nobody uses now; the next call opens others."""
        self._database.close()


def _query(kind: str, condition: Condition) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL that finds the numbers of documents, and its values."""
    cases = condition.cases or (condition,)
    query = " UNION ".join(
        f"SELECT number FROM documents WHERE kind = ? AND {case.clause}"  # noqa: S608 - conditions are made of checked names
        for case in cases
    )
    return query, tuple(value for case in cases for value in (kind, *case.values))


def _read(text: str) -> Document:
    body: Document = json.loads(text)
    return body


def _all_equal(fields: dict[str, Scalar]) -> Condition:
    return functools.reduce(
        operator.and_, (equal(field, value) for field, value in fields.items()), ALWAYS
    )

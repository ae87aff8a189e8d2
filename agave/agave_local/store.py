"""The tenant's records: JSON documents in one SQLite database.

Each service keeps its records as documents of a kind of its own.
The write-ahead log makes every accepted change survive a `kill -9`.
"""

import functools
import json
import operator
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agave_local.conditions import ALWAYS, Condition, Scalar, equal, less
from agave_local.errors import InsufficientStorage

Document = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
);
""" + "".join(
    f"CREATE INDEX IF NOT EXISTS by_{field} "
    f"ON documents (kind, json_extract(body, '$.{field}'));"
    for field in ("name", "owner", "status", "parent", "expires")
)


class DuplicateDocument(Exception):
    """A document of that kind and id is there already."""


class Store:
    """Documents by kind and id; one connection per thread.

    Readers never wait. Writers of this process take turns at a lock, which is
    fair and wakes at once, where SQLite's own would sleep and try again.

    Args:
        path: the database file; its folder must exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._writing = threading.RLock()
        # Nobody but the operator reads it, whatever the folder's mode is.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._connection().executescript(_SCHEMA)

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
            connection.execute("PRAGMA journal_mode = WAL")
            # An answer must not promise what a power cut could still take back.
            connection.execute("PRAGMA synchronous = FULL")
            self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all changes inside one atomic step; may be nested.

        Raises:
            InsufficientStorage: where the disk is full; nothing is changed.
        """
        connection = self._connection()
        if connection.in_transaction:
            yield
            return
        with self._writing, _full_disk_told():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                # A full disk may have rolled it back already.
                if self._connection().in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def insert(self, kind: str, identifier: str, body: Document) -> None:
        """Add a new document.

        Raises:
            DuplicateDocument: where there is one of that kind and id.
        """
        try:
            self._write(
                "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?)",
                (kind, identifier, json.dumps(body)),
            )
        except sqlite3.IntegrityError as error:
            raise DuplicateDocument(kind) from error

    def put(self, kind: str, identifier: str, body: Document) -> None:
        """Add a document or replace it, keeping its place in the order."""
        self._write(
            "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?) "
            "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            (kind, identifier, json.dumps(body)),
        )

    def get(self, kind: str, identifier: str) -> Document | None:
        """Return a document, or None."""
        row = (
            self._connection()
            .execute(
                "SELECT body FROM documents WHERE kind = ? AND id = ?",
                (kind, identifier),
            )
            .fetchone()
        )
        return None if row is None else _read(row[0])

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
            self.put(kind, identifier, body)
            return body

    def delete(self, kind: str, identifier: str) -> bool:
        """Remove a document; tell whether it was there."""
        return (
            self._write(
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
        return self._write(
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
        rows = self._connection().execute(
            f"SELECT body FROM documents WHERE kind = ? AND {condition.clause} "  # noqa: S608 - conditions are made of checked names
            f"ORDER BY number {order} LIMIT ? OFFSET ?",
            (kind, *condition.values, -1 if limit is None else limit, offset),
        )
        return [_read(row[0]) for row in rows]

    def count(self, kind: str, **fields: Scalar) -> int:
        """Count the documents that `find` would return."""
        return self.tally(kind, _all_equal(fields))

    def tally(self, kind: str, condition: Condition = ALWAYS) -> int:
        """Count the documents of a kind that satisfy a condition."""
        row = (
            self._connection()
            .execute(
                f"SELECT count(*) FROM documents WHERE kind = ? AND {condition.clause}",  # noqa: S608 - conditions are made of checked names
                (kind, *condition.values),
            )
            .fetchone()
        )
        return int(row[0])

    def ping(self) -> None:
        """Make sure that documents can be read and written.

        Raises:
            InsufficientStorage: where the disk is full.
        """
        self.put("ping", "ping", {})

    def clear(self) -> None:
        """Forget every document."""
        self._write("DELETE FROM documents", ())

    def close(self) -> None:
        """Close this thread's connection; the next call opens another."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            del self._local.connection

    def _write(self, statement: str, values: tuple[Any, ...]) -> int:
        with self._writing, _full_disk_told():
            return self._connection().execute(statement, values).rowcount


@contextmanager
def _full_disk_told() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise InsufficientStorage(
                "The disk is full; nothing of this request was kept."
            ) from error
        raise


def _read(text: str) -> Document:
    body: Document = json.loads(text)
    return body


def _all_equal(fields: dict[str, Scalar]) -> Condition:
    return functools.reduce(
        operator.and_, (equal(field, value) for field, value in fields.items()), ALWAYS
    )

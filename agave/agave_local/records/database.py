"""The database itself: connections, and when a write is on the disk.

The write-ahead log makes every accepted write survive a `kill -9` and, as each
commit waits for the disk, a power cut.

write ─▶ queue ─▶ whoever gets the writer's lock commits all that wait ─▶ disk ─▶ answer
"""

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agave_local.errors import InsufficientStorage
from agave_local.records.migrations import check, damaged, is_damage, migrate

Values = tuple[Any, ...]

# What the write-ahead log shrinks to once a long reader, who made it grow, is done.
_LOG_BYTES = 16 * 2**20
_MOST_TOGETHER = 256


@dataclass(eq=False)
class _Write:
    """One statement that waits for its commit, or had it."""

    statement: str
    values: Values
    is_done: bool = False
    changed: int = 0
    error: BaseException | None = None


class Database:
    """One SQLite file, for any number of threads.

    Readers never wait, and share a few connections. Writers take turns at a lock,
    which wakes at once where SQLite's own would sleep and try again; single writes
    that wait for their turn are committed together, so they share one wait for the
    disk.

    Args:
        path: the database file; its folder must exist.

    Raises:
        CannotOpen: the database is damaged, or of a later release.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._writer: sqlite3.Connection | None = None
        self._inside = threading.local()
        self._writing = threading.Lock()
        self._waiting: deque[_Write] = deque()
        # Nobody but the operator reads it, whatever the folder's mode is.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with self._reading() as connection:
            check(connection, path)
            migrate(connection)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=30,
            isolation_level=None,
            # Only one thread at a time has it; see `_reading` and `_writing`.
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # An answer must not promise what a power cut could still take back.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        except sqlite3.DatabaseError as error:
            connection.close()
            if not is_damage(error):
                raise
            raise damaged(self._path) from error
        return connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; inside a transaction the one that sees its changes."""
        mine = self._in_transaction()
        if mine is not None:
            yield mine
            return
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._open()
        try:
            yield connection
        finally:
            self._idle.append(connection)

    def _in_transaction(self) -> sqlite3.Connection | None:
        mine: sqlite3.Connection | None = getattr(self._inside, "connection", None)
        return mine

    def _open_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            self._writer = self._open()
        return self._writer

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[None]:
        """Make all changes inside one atomic step; may be nested.

        Args:
            durable: wait for the disk; without, a power cut can take the step back.

        Raises:
            InsufficientStorage: where the disk is full; nothing is changed.
        """
        if self._in_transaction() is not None:
            yield
            return
        with self._writing, _full_disk_told():
            connection = self._open_writer()
            if not durable:
                connection.execute("PRAGMA synchronous = NORMAL")
            self._inside.connection = connection
            try:
                with _atomic(connection):
                    yield
            finally:
                self._inside.connection = None
                if not durable:
                    connection.execute("PRAGMA synchronous = FULL")

    def read(self, query: str, values: Values = ()) -> list[Any]:
        """Return the rows of a query."""
        with self._reading() as connection:
            return connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Close the connections that nobody uses now; the next call opens others."""
        while self._idle:
            self._idle.pop().close()
        if self._in_transaction() is None:
            with self._writing:
                if self._writer is not None:
                    self._writer.close()
                    self._writer = None

    def write(self, statement: str, values: Values = ()) -> int:
        """Make one change, which is on the disk on return; tell how many rows it met.

        Raises:
            InsufficientStorage: where the disk is full; nothing is changed.
            sqlite3.IntegrityError: there is such a row already.
        """
        mine = self._in_transaction()
        if mine is not None:
            with _full_disk_told():
                return mine.execute(statement, values).rowcount
        write = _Write(statement, values)
        self._waiting.append(write)
        with self._writing:
            # Whoever had the lock before may have committed it already.
            while not write.is_done:
                self._commit_waiting()
        if write.error is None:
            return write.changed
        with _full_disk_told():
            raise write.error

    def _commit_waiting(self) -> None:
        writes: list[_Write] = []
        while self._waiting and len(writes) < _MOST_TOGETHER:
            writes.append(self._waiting.popleft())
        try:
            connection = self._open_writer()
            if len(writes) == 1 or not _commit_together(connection, writes):
                for write in writes:
                    _execute(connection, write)
        except BaseException as error:
            # The others are waiting for this thread, which is being ended.
            for write in writes:
                write.error = write.error or error
            raise
        finally:
            for write in writes:
                write.is_done = True


def _commit_together(connection: sqlite3.Connection, writes: list[_Write]) -> bool:
    """Commit several writes in one step; false where nothing was kept.

    A write that is wrong in itself fails alone. Where the database refuses, as on a
    full disk, it is not known which of them it was, so the caller tries each alone.
    """
    try:
        with _atomic(connection):
            for write in writes:
                _execute(connection, write)
                if isinstance(write.error, sqlite3.OperationalError):
                    raise write.error
    except sqlite3.OperationalError:
        for write in writes:
            write.error = None
        return False
    return True


def _execute(connection: sqlite3.Connection, write: _Write) -> None:
    try:
        write.changed = connection.execute(write.statement, write.values).rowcount
    except Exception as error:  # noqa: BLE001 - raised again in the thread that asked for the write
        write.error = error


@contextmanager
def _atomic(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have rolled it back already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


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

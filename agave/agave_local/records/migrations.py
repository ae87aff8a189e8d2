"""Versions of the database's layout, and the way from each to the next.

`PRAGMA user_version` says which version a database has. Each migration is one atomic
step, so a tenant that is killed on the way goes on where it was.
"""

import sqlite3
from pathlib import Path

_INDEXED_FIRST = ("name", "owner", "status", "parent", "expires")
# To read a larger one through would be felt at every start; `backup` does it anyway.
_CHECKED_BYTES = 32 * 2**20
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY = 0xFF


def _index(field: str) -> str:
    return (
        f"CREATE INDEX IF NOT EXISTS by_{field} "
        f"ON documents (kind, json_extract(body, '$.{field}'))"
    )


# A migration is never changed again once a release had it; add another one.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    # 1: the first layout, which had no version; where it is there, nothing is made.
    (
        """
        CREATE TABLE IF NOT EXISTS documents (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            id TEXT NOT NULL,
            body TEXT NOT NULL,
            UNIQUE (kind, id)
        )
        """,
        *map(_index, _INDEXED_FIRST),
    ),
    # 2: a page of a whole kind in order, and whose permissions these are.
    (
        "CREATE INDEX IF NOT EXISTS by_kind ON documents (kind)",
        _index("username"),
    ),
)
CURRENT = len(MIGRATIONS)


class CannotOpen(Exception):
    """The database cannot be used; the message says why, and the way out."""


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that is damaged; a large one is only looked at.

    Raises:
        CannotOpen: it is.
    """
    try:
        if path.stat().st_size <= _CHECKED_BYTES:
            found = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
        else:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            found = ["ok"]
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        raise damaged(path) from error
    if found != ["ok"]:
        raise damaged(path)


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Tell whether an error means that the file itself is broken."""
    return error.sqlite_errorcode & _PRIMARY in _DAMAGE


def damaged(path: Path) -> CannotOpen:
    """Return the refusal of a database that is broken."""
    return CannotOpen(
        f"The database {path} is damaged; "
        "bring a backup back with `agave-local restore FILE --force`."
    )


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of a database's layout; 0 for a new or a very old one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(
    connection: sqlite3.Connection,
    migrations: tuple[tuple[str, ...], ...] = MIGRATIONS,
) -> None:
    """Bring a database to the present layout.

    Args:
        connection: that commits by itself.
        migrations: in order; the first leads to version 1.

    Raises:
        CannotOpen: where a later release of the tenant has made the database.
    """
    version, current = version_of(connection), len(migrations)
    if version > current:
        raise CannotOpen(
            f"A newer agave-local made this database (layout {version}; "
            f"this one knows {current}); use that one, or restore a backup of yours."
        )
    for number in range(version + 1, current + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have been here while this one waited.
            if version_of(connection) < number:
                for statement in migrations[number - 1]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

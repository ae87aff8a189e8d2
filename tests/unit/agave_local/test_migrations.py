"""The versions of the database's layout."""

import sqlite3
from pathlib import Path

import pytest

from agave_local.records.database import Database
from agave_local.records.migrations import (
    CURRENT,
    CannotOpen,
    check,
    migrate,
    version_of,
)
from agave_local.records.store import Store

FIRST = """
CREATE TABLE documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX by_name ON documents (kind, json_extract(body, '$.name'));
CREATE INDEX by_owner ON documents (kind, json_extract(body, '$.owner'));
CREATE INDEX by_status ON documents (kind, json_extract(body, '$.status'));
CREATE INDEX by_parent ON documents (kind, json_extract(body, '$.parent'));
INSERT INTO documents (kind, id, body) VALUES
    ('profile', 'anna', '{"username": "anna"}'),
    ('profile', 'ben', '{"username": "ben"}');
"""
EXPIRES = (
    "CREATE INDEX by_expires ON documents (kind, json_extract(body, '$.expires'));"
)


def _indexes(database: Database) -> set[str]:
    rows = database.read("SELECT name FROM sqlite_schema WHERE name LIKE 'by_%'")
    return {row[0] for row in rows}


@pytest.mark.parametrize("layout", [FIRST, FIRST + EXPIRES])
def test_the_first_layout_is_brought_up_to_date(tmp_path: Path, layout: str) -> None:
    """A database of the first release is taken over with all that is in it."""
    new = Database(tmp_path / "new")
    with sqlite3.connect(tmp_path / "db") as old:
        old.executescript(layout)
    old.close()

    store = Store(tmp_path / "db")

    assert store.find("profile", username="anna") == [{"username": "anna"}]
    assert store.count("profile") == 2
    store.close()
    database = Database(tmp_path / "db")
    assert _indexes(new) == _indexes(database)
    assert database.read("PRAGMA user_version") == [(CURRENT,)]
    database.close()
    new.close()


def test_a_newer_layout_is_refused(tmp_path: Path) -> None:
    """A database that a later release made is left as it is."""
    connection = sqlite3.connect(tmp_path / "db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(CannotOpen, match="A newer agave-local made this database"):
        Store(tmp_path / "db")

    connection = sqlite3.connect(tmp_path / "db")
    assert version_of(connection) == 99
    connection.close()


def test_a_migration_is_all_or_nothing(tmp_path: Path) -> None:
    """What fails on the way leaves the version before it, and is tried again."""
    connection = sqlite3.connect(tmp_path / "db", isolation_level=None)
    good = ("CREATE TABLE a (x)",)
    bad = ("CREATE TABLE b (x)", "CREATE TABLE a (x)")

    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrate(connection, (good, bad))

    tables = "SELECT name FROM sqlite_schema"
    assert version_of(connection) == 1
    assert connection.execute(tables).fetchall() == [("a",)]
    migrate(connection, (good, ("CREATE TABLE b (x)",)))
    assert version_of(connection) == 2
    assert connection.execute(tables).fetchall() == [("a",), ("b",)]
    connection.close()


def test_another_process_was_faster(tmp_path: Path) -> None:
    """A migration that another process made meanwhile is not made again."""

    class Overtaken(sqlite3.Connection):
        is_overtaken = False

        def execute(self, sql: str, _: object = ()) -> sqlite3.Cursor:
            if sql.startswith("BEGIN") and not self.is_overtaken:
                self.is_overtaken = True
                other = sqlite3.connect(tmp_path / "db", isolation_level=None)
                migrate(other, (("CREATE TABLE a (x)",),))
                other.close()
            return super().execute(sql)

    connection = sqlite3.connect(
        tmp_path / "db", isolation_level=None, factory=Overtaken
    )

    migrate(connection, (("CREATE TABLE a (x)",),))

    assert version_of(connection) == 1
    connection.close()


@pytest.mark.parametrize("damage", [b"x" * 4096, None])
def test_a_damaged_database_is_refused(tmp_path: Path, damage: bytes | None) -> None:
    """A file that is no database, or a broken one, names the way back to a good one."""
    path = tmp_path / "db"
    if damage is None:
        store = Store(path)
        for number in range(100):
            store.put("kind", str(number), {"x": "x" * 200})
        store.close()
        data = bytearray(path.read_bytes())
        data[4096 * 3 : 4096 * 12] = b"\xa5" * (4096 * 9)
        path.write_bytes(data)
    else:
        path.write_bytes(damage)

    with pytest.raises(CannotOpen, match=r"is damaged; .*agave-local restore FILE"):
        Store(path)


def test_a_large_database_is_looked_at_only(tmp_path: Path) -> None:
    """Beyond a size the start does not read everything; a broken head is still seen."""
    path = tmp_path / "db"
    Store(path).close()
    connection = sqlite3.connect(path)
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(2**30)

    check(connection, large)
    connection.close()

    broken = sqlite3.connect(large)
    with large.open("r+b") as file:
        file.write(b"y" * 100)
    with pytest.raises(CannotOpen):
        check(broken, large)
    broken.close()


def test_other_faults_are_told_as_they_are(tmp_path: Path) -> None:
    """A fault that does not mean damage is not called damage."""
    connection = sqlite3.connect(tmp_path / "db")
    holder = sqlite3.connect(tmp_path / "db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    connection.execute("PRAGMA busy_timeout = 0")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        check(connection, tmp_path / "db")
    connection.close()
    holder.close()

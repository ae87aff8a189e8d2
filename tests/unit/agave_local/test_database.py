"""The database: what is committed with what, and what remains on the disk."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from agave_local.errors import InsufficientStorage
from agave_local.records.database import Database

INSERT = "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?)"


class Counting(Database):
    """A database that counts its commits, and may have few pages."""

    pages = 0

    def __init__(self, path: Path) -> None:
        self.commits = 0
        super().__init__(path)

    def _open(self) -> sqlite3.Connection:
        connection = super()._open()
        connection.execute(f"PRAGMA max_page_count = {self.pages}")
        connection.set_trace_callback(self._note)
        return connection

    def _note(self, statement: str) -> None:
        if statement == "COMMIT":
            self.commits += 1


class Small(Counting):
    """A database whose disk holds a few pages only."""

    pages = 30


@pytest.fixture(name="database")
def _database(tmp_path: Path) -> Iterator[Counting]:
    database = Counting(tmp_path / "db")
    yield database
    database.close()


@contextmanager
def _held(database: Database) -> Iterator[None]:
    """Hold the writer's lock by an empty transaction of another thread."""
    begun, ended = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction():
            begun.set()
            ended.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait(10)
    yield
    ended.set()
    thread.join()


def _write_at_once(
    database: Database, writes: dict[str, tuple[object, ...]]
) -> dict[str, BaseException | int]:
    """Have each write wait in a thread of its own, then let all of them go on."""
    outcomes: dict[str, BaseException | int] = {}

    def write(name: str, values: tuple[object, ...]) -> None:
        try:
            outcomes[name] = database.write(INSERT, values)
        except Exception as error:  # noqa: BLE001 - which the test looks at
            outcomes[name] = error

    threads = [threading.Thread(target=write, args=each) for each in writes.items()]
    with ExitStack() as stack:
        stack.enter_context(_held(database))
        for thread in threads:
            thread.start()
        _wait_for(lambda: len(database._waiting) == len(writes))
    for thread in threads:
        thread.join()
    return outcomes


def _wait_for(is_so: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if is_so():
            return
        pause.wait(0.005)
    raise AssertionError


def _ids(database: Database) -> list[str]:
    return [row[0] for row in database.read("SELECT id FROM documents ORDER BY id")]


def test_writes_that_wait_share_a_commit(database: Counting) -> None:
    """Writes of many threads that wait for their turn become one commit."""
    before = database.commits
    names = [f"{number:02}" for number in range(20)]

    outcomes = _write_at_once(database, {name: ("k", name, "{}") for name in names})

    assert outcomes == dict.fromkeys(names, 1)
    assert names == _ids(database)
    assert database.commits - before == 2  # the holder's own, and the one for all


def test_more_than_fit_in_a_commit(tmp_path: Path) -> None:
    """Where very many wait, each is still committed before it returns."""
    database = Database(tmp_path / "db")
    names = [f"{number:03}" for number in range(300)]

    outcomes = _write_at_once(database, {name: ("k", name, "{}") for name in names})

    assert outcomes == dict.fromkeys(names, 1)
    assert names == _ids(database)
    database.close()


def test_a_wrong_write_fails_alone(database: Counting) -> None:
    """Of writes that are committed together only the wrong ones fail."""
    database.write(INSERT, ("k", "there", "{}"))

    outcomes = _write_at_once(
        database,
        {
            "good": ("k", "good", "{}"),
            "second": ("k", "there", "{}"),
            "no text": ("k", "\ud800", "{}"),
            "no JSON": ("k", "broken", "{"),
            "better": ("k", "better", "{}"),
        },
    )

    assert outcomes["good"] == outcomes["better"] == 1
    assert isinstance(outcomes["second"], sqlite3.IntegrityError)
    assert isinstance(outcomes["no text"], UnicodeEncodeError)
    assert isinstance(outcomes["no JSON"], sqlite3.OperationalError)
    assert _ids(database) == ["better", "good", "there"]


def test_a_write_that_fills_the_disk_fails_alone(tmp_path: Path) -> None:
    """What would fit is kept, though it waited with what does not fit."""
    database = Small(tmp_path / "db")

    outcomes = _write_at_once(
        database,
        {
            "small": ("k", "small", "{}"),
            "large": ("k", "large", f'{{"x": "{"x" * 500_000}"}}'),
            "tiny": ("k", "tiny", "{}"),
        },
    )

    assert outcomes["small"] == outcomes["tiny"] == 1
    assert isinstance(outcomes["large"], InsufficientStorage)
    assert _ids(database) == ["small", "tiny"]
    database.close()


def test_a_fault_of_the_whole_file_is_told_to_all(tmp_path: Path) -> None:
    """Where nothing can be written any more, nobody is told that it was."""

    class Lost(Database):
        is_lost = False

        def _open_writer(self) -> sqlite3.Connection:
            if self.is_lost:
                raise sqlite3.DatabaseError("lost")
            return super()._open_writer()

    database = Lost(tmp_path / "db")

    def lose() -> None:
        database.is_lost = True

    with ExitStack() as stack:
        stack.callback(database.close)
        database.write(INSERT, ("k", "before", "{}"))
        holder = stack.enter_context(ExitStack())
        holder.enter_context(_held(database))
        lose()
        outcomes: list[BaseException] = []

        def write(name: str) -> None:
            with pytest.raises(sqlite3.DatabaseError, match="lost") as caught:
                database.write(INSERT, ("k", name, "{}"))
            outcomes.append(caught.value)

        threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        _wait_for(lambda: len(database._waiting) == 3)
        holder.close()
        for thread in threads:
            thread.join()

    assert len(outcomes) == 3
    assert _ids(database) == ["before"]


def test_readers_do_not_see_what_is_not_committed(database: Counting) -> None:
    """Inside a transaction its own changes are seen, outside only after its end."""
    seen: list[list[str]] = []
    reader = threading.Thread(target=lambda: seen.append(_ids(database)))
    with database.transaction():
        database.write(INSERT, ("k", "new", "{}"))
        reader.start()
        reader.join()
        assert _ids(database) == ["new"]
        database.close()  # of a connection in use is nothing

    assert seen == [[]]
    assert _ids(database) == ["new"]


def test_a_step_that_need_not_wait_for_the_disk(database: Counting) -> None:
    """Only such a step does without; it is atomic too, and the next one waits again."""
    levels: list[int] = []

    def note() -> None:
        levels.append(database.read("PRAGMA synchronous")[0][0])

    def fail() -> None:
        with database.transaction(durable=False):
            database.write(INSERT, ("k", "lost", "{}"))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with database.transaction(durable=False):
        database.write(INSERT, ("k", "kept", "{}"))
        note()
    with database.transaction():
        note()

    assert levels == [1, 2]
    assert _ids(database) == ["kept"]


def test_many_readers_share_few_connections(database: Counting) -> None:
    """Threads that read one after the other need one connection among them."""
    for _ in range(20):
        thread = threading.Thread(target=_ids, args=(database,))
        thread.start()
        thread.join()

    assert len(database._idle) == 1


def test_the_log_is_bounded(tmp_path: Path) -> None:
    """The log that grew behind a long reader shrinks again once the reader is done."""
    database = Database(tmp_path / "db")
    log = tmp_path / "db-wal"
    reader = sqlite3.connect(tmp_path / "db", isolation_level=None)
    database.write(INSERT, ("k", "first", "{}"))
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM documents").fetchall()
    body = f'{{"x": "{"x" * 4_000_000}"}}'
    for number in range(8):
        database.write(INSERT, ("k", str(number), body))
    grown = log.stat().st_size

    reader.execute("COMMIT")
    reader.close()
    for number in range(3):
        database.write(INSERT, ("k", f"after-{number}", "{}"))

    assert grown > 30_000_000
    assert log.stat().st_size <= 16 * 2**20
    database.close()
    assert not log.exists()

"""The store of documents."""

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.errors import InsufficientStorage
from agave_local.store import Document, DuplicateDocument, Store

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(body=st.dictionaries(st.text(), _JSON))
def test_any_document_comes_back(
    tmp_path_factory: pytest.TempPathFactory, body: Document
) -> None:
    """What is put in comes out the same."""
    store = Store(tmp_path_factory.mktemp("store") / "db")

    store.put("kind", "id", body)

    assert body == store.get("kind", "id")
    store.close()


def test_insert_refuses_a_second_one(store: Store) -> None:
    """A kind has one document of an id; other kinds have their own."""
    store.insert("kind", "id", {"a": 1})
    store.insert("other", "id", {})

    with pytest.raises(DuplicateDocument):
        store.insert("kind", "id", {"a": 2})

    assert store.get("kind", "id") == {"a": 1}


def test_find_by_fields(store: Store) -> None:
    """Documents are found by fields, in order of creation, whatever is changed."""
    for number in range(4):
        body = {"n": number, "even": number % 2 == 0, "name": f"n{number}", "no": None}
        store.insert("kind", str(number), body)
    store.put("kind", "0", {"n": 0, "even": True, "name": "changed"})

    def numbers(**equal: str | int | bool | None) -> list[int]:
        return [document["n"] for document in store.find("kind", **equal)]

    assert numbers() == [0, 1, 2, 3]
    assert numbers(even=True) == [0, 2]
    assert numbers(even=True, name="n2") == [2]
    assert numbers(no=None) == [0, 1, 2, 3]
    assert store.count("kind", even=False) == 2
    assert store.find("other") == []


def test_field_names_are_checked(store: Store) -> None:
    """A field name can never become a part of the SQL."""
    with pytest.raises(ValueError, match="x'"):
        store.find("kind", **{"x') OR 1=1 --": 1})


def test_update(store: Store) -> None:
    """A change is made where there is a document, and told."""
    store.insert("kind", "id", {"n": 1})

    assert store.update("kind", "id", lambda old: {"n": old["n"] + 1}) == {"n": 2}
    assert store.update("kind", "none", lambda old: old) is None


def test_delete(store: Store) -> None:
    """Documents are removed one by one, by fields, or by age."""
    for number in range(4):
        store.insert("kind", str(number), {"even": number % 2, "expires": number})
    store.insert("kind", "for ever", {"even": 0, "expires": None})

    assert store.delete("kind", "0")
    assert not store.delete("kind", "0")
    assert store.delete_expired("kind", 2) == 1
    assert store.delete_where("kind", even=1) == 1
    assert [one["expires"] for one in store.find("kind")] == [2, None]
    store.clear()
    assert store.count("kind") == 0


def test_transaction_is_all_or_nothing(store: Store) -> None:
    """A failure inside takes back every change, also those of inner steps."""

    def fail() -> None:
        with store.transaction():
            store.put("kind", "a", {})
            with store.transaction():
                store.put("kind", "b", {})
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert store.count("kind") == 0


def test_updates_of_many_threads(store: Store) -> None:
    """No update of concurrent threads is lost."""
    store.insert("kind", "id", {"n": 0})

    def count() -> None:
        for _ in range(50):
            store.update("kind", "id", lambda old: {"n": old["n"] + 1})
        store.close()

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.get("kind", "id") == {"n": 400}


def test_close_and_go_on(store: Store) -> None:
    """A thread that closed its connection gets another; closing twice is nothing."""
    store.put("kind", "id", {})
    store.close()
    store.close()

    assert store.get("kind", "id") == {}
    store.ping()


def test_only_the_operator_reads_the_file(tmp_path: Path) -> None:
    """The database is closed to other users of the machine."""
    store = Store(tmp_path / "db")
    store.close()

    assert (tmp_path / "db").stat().st_mode & 0o777 == 0o600


class SmallStore(Store):
    """A store whose disk holds a few pages only."""

    def _connection(self) -> sqlite3.Connection:
        connection = super()._connection()
        connection.execute("PRAGMA max_page_count = 20")
        return connection


def test_full_disk(tmp_path: Path) -> None:
    """A full disk is a refusal that says so, and nothing is half done."""
    store = SmallStore(tmp_path / "db")

    def fill() -> None:
        with store.transaction():
            for number in range(50):
                store.put("kind", str(number), {"text": "x" * 10_000})

    with pytest.raises(InsufficientStorage, match="The disk is full"):
        fill()
    with pytest.raises(InsufficientStorage):
        store.put("kind", "big", {"text": "x" * 200_000})

    assert store.count("kind") == 0
    store.put("kind", "small", {})
    store.close()


def test_other_faults_of_the_database(tmp_path: Path) -> None:
    """A fault that is not ours to explain is not dressed up as a full disk."""
    store = Store(tmp_path / "db")
    other = sqlite3.connect(tmp_path / "db")
    other.execute("DROP TABLE documents")
    other.close()

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        store.put("kind", "id", {})
    store.close()

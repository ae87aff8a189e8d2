"""The store of documents."""

import functools
import operator
import re
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.errors import InsufficientStorage
from agave_local.records.conditions import (
    ALWAYS,
    NEVER,
    Condition,
    among,
    equal,
    identified,
    less,
    parent_of,
)
from agave_local.records.database import Database, Values
from agave_local.records.store import Document, DuplicateDocument, Store

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


class SmallDatabase(Database):
    """A database whose disk holds a few pages only."""

    def _open(self) -> sqlite3.Connection:
        connection = super()._open()
        connection.execute("PRAGMA max_page_count = 24")
        return connection


def test_full_disk(tmp_path: Path) -> None:
    """A full disk is a refusal that says so, and nothing is half done."""
    store = Store(tmp_path / "db", SmallDatabase)

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


@pytest.fixture(name="people")
def _people(store: Store) -> Store:
    """Forty documents of two kinds, some of them shared by documents of a third."""
    with store.transaction():
        for number in range(40):
            body = {
                "n": number,
                "name": f"n{number % 4}",
                "owner": "anna" if number % 2 else "ben",
                "status": "OLD" if number < 10 else "NEW",
                "parent": f"p{number % 3}",
                "expires": number,
            }
            store.insert("thing", f"t{number}", body)
            store.insert("other", f"t{number}", body)
            if number % 10 == 0:
                grant = {"parent": f"t{number}", "username": "carl"}
                store.insert("grant", f"g{number}", grant)
    return store


SHARED = parent_of("grant", equal("username", "carl"))
CONDITIONS: dict[str, tuple[Condition, Callable[[dict[str, Any]], bool]]] = {
    "always": (ALWAYS, lambda _: True),
    "never": (NEVER, lambda _: False),
    "owner": (equal("owner", "anna"), lambda d: d["owner"] == "anna"),
    "status": (among("status", ["OLD"]), lambda d: d["status"] == "OLD"),
    "none of them": (among("status", []), lambda _: False),
    "identified": (identified(["t3", "t1"]), lambda d: d["n"] in (1, 3)),
    "nobody": (identified([]), lambda _: False),
    "expires": (less("expires", 5), lambda d: d["n"] < 5),
    "shared": (SHARED, lambda d: d["n"] % 10 == 0),
    "mine or shared": (
        equal("owner", "anna") | SHARED,
        lambda d: d["owner"] == "anna" or d["n"] % 10 == 0,
    ),
    "one of three": (
        equal("n", 1) | equal("n", 2) | equal("n", 30),
        lambda d: d["n"] in (1, 2, 30),
    ),
    "visible and new": (
        (equal("owner", "anna") | SHARED) & equal("status", "NEW"),
        lambda d: (d["owner"] == "anna" or d["n"] % 10 == 0) and d["n"] >= 10,
    ),
    "two choices": (
        (equal("owner", "anna") | SHARED) & (equal("parent", "p1") | less("n", 9)),
        lambda d: (
            (d["owner"] == "anna" or d["n"] % 10 == 0)
            and (d["parent"] == "p1" or d["n"] < 9)
        ),
    ),
    "many choices": (
        functools.reduce(operator.or_, (equal("n", number) for number in range(12))),
        lambda d: d["n"] < 12,
    ),
    "too many pairs": (
        functools.reduce(operator.or_, (equal("n", number) for number in range(5)))
        & functools.reduce(operator.or_, (equal("n", number) for number in range(3))),
        lambda d: d["n"] < 3,
    ),
}


@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("newest", [False, True])
def test_select_and_tally(people: Store, name: str, *, newest: bool) -> None:
    """Pages of what satisfies a condition come in order, and are counted."""
    condition, holds = CONDITIONS[name]
    expected = [d["n"] for d in people.find("other") if holds(d)]
    if newest:
        expected.reverse()

    def select(**page: int) -> list[int]:
        found = people.select("thing", condition, newest=newest, **page)
        return [document["n"] for document in found]

    assert expected == select()
    assert expected[:3] == select(limit=3)
    assert expected[2:5] == select(limit=3, offset=2)
    assert select(offset=99) == []
    assert len(expected) == people.tally("thing", condition)


@pytest.mark.parametrize("name", CONDITIONS)
def test_discard(people: Store, name: str) -> None:
    """What satisfies a condition is removed, and nothing else."""
    condition, holds = CONDITIONS[name]
    doomed = [d["n"] for d in people.find("thing") if holds(d)]

    assert len(doomed) == people.discard("thing", condition)

    assert people.tally("thing", condition) == 0
    assert len(people.find("thing")) == 40 - len(doomed)
    assert people.count("other") == 40


@pytest.mark.parametrize("newest", [False, True])
@pytest.mark.parametrize(
    ("condition", "indexes"),
    [
        (ALWAYS, {"by_kind"}),
        *(
            (equal(field, "x"), {f"by_{field}"})
            for field in ("name", "owner", "status", "parent", "expires", "username")
        ),
        (equal("owner", "anna") & equal("n", 3), {"by_owner"}),
        (equal("owner", "anna") | equal("name", "n1"), {"by_owner", "by_name"}),
        (SHARED, {"by_kind", "by_username"}),
        (equal("owner", "anna") | SHARED, {"by_owner", "by_kind", "by_username"}),
    ],
)
def test_plan(
    people: Store,
    tmp_path: Path,
    condition: Condition,
    indexes: set[str],
    *,
    newest: bool,
) -> None:
    """A page is found by indexes that have its order already; nothing is sorted."""
    steps: list[str] = []
    people.close()

    class Watched(Database):
        def read(self, query: str, values: Values = ()) -> list[Any]:
            plan = super().read(f"EXPLAIN QUERY PLAN {query}", values)
            steps.extend(row[3] for row in plan)
            return []

    store = Store(tmp_path / "tenant.sqlite", Watched)
    store.select("thing", condition, newest=newest, limit=10, offset=5)

    assert not [step for step in steps if "TEMP B-TREE" in step or "SCAN" in step]
    used = set(re.findall(r"INDEX (by_\w+)", " ".join(steps)))
    assert indexes == used
    store.close()

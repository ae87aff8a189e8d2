"""What the database lists and sums up without reading documents whole."""

from pathlib import Path

import pytest

from agave_local.records.conditions import equal
from agave_local.records.store import Store
from agave_local.records.tables import listed, summed, total, total_of_spans

THINGS = (
    {"parent": "b", "cpu": 1, "started": 1.5, "finished": 4.4},
    {"parent": "a", "cpu": 2, "started": 1.0},
    {"parent": "b", "started": 0.0, "finished": 1.9},
)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store.sqlite")
    for number, thing in enumerate(THINGS):
        store.insert("thing", f"t{number}", thing)
    store.insert("other", "t9", {"parent": "b", "cpu": 100})
    return store


def test_listed(store: Store) -> None:
    """A list has the ids and some fields of the documents, in order of creation."""
    rows = store.rows("thing", listed("parent", "cpu"))

    assert rows == [("t0", "b", 1), ("t1", "a", 2), ("t2", "b", None)]
    store.close()


def test_listed_where(store: Store) -> None:
    """A list holds only what satisfies a condition."""
    assert store.rows("thing", listed(), equal("parent", "b")) == [("t0",), ("t2",)]
    store.close()


def test_summed(store: Store) -> None:
    """Sums go by a field, its first value first; what is missing counts as 0."""
    table = summed(total("cpu"), total_of_spans("started", "finished"), by="parent")

    assert store.rows("thing", table) == [("b", 2, 1, 3), ("a", 1, 2, 0)]
    assert store.rows("thing", table, equal("parent", "c")) == []
    store.close()


def test_only_plain_names() -> None:
    """A field that is no plain name never comes near the database."""
    with pytest.raises(ValueError, match="a b"):
        total("a b")

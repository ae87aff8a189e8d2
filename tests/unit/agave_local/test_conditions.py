"""Conditions that lists of any length, and keys of objects, are looked up by."""

from pathlib import Path

import pytest

from agave_local.records.conditions import among, keyed
from agave_local.records.store import Store


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store.sqlite")
    for number, names in enumerate((["ada"], ["bob", "o'neil.x"], [])):
        body = {"id": str(number), "parent": f"p{number}"}
        store.insert("kind", str(number), {**body, "of": dict.fromkeys(names, 1)})
    return store


@pytest.mark.parametrize("more", [0, 2_000, 50_000])
def test_among_any_number(store: Store, more: int) -> None:
    """A list may be longer than a statement may have question marks."""
    values = ["p0", "p2", *(f"x{number}" for number in range(more))]

    found = store.select("kind", among("parent", values))

    assert [each["id"] for each in found] == ["0", "2"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["ada"], ["0"]), (["o'neil.x", "ada"], ["0", "1"]), (["eve"], []), ([], [])],
)
def test_keys_of_an_object(store: Store, names: list[str], expected: list[str]) -> None:
    """Documents are found by the keys of one of their objects."""
    found = store.select("kind", keyed("of", names))

    assert [each["id"] for each in found] == expected

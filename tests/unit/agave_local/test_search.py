"""The terms of a search, and the labels by which lists are narrowed."""

from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from agave_local.errors import BadRequest
from agave_local.reading.search import Field, Kind, read_search
from agave_local.records.conditions import (
    compared,
    equal,
    holds,
    like,
    negated,
    same,
)
from agave_local.records.labels import Labels
from agave_local.records.store import Document, Store

FIELDS = {
    "name": Field("name"),
    "host": Field("storage.host"),
    "storage.port": Field("storage.port", Kind.NUMBER),
    "word": Field("word", Kind.WORD),
    "mail": Field("mail", Kind.NAME),
    "open": Field("open", Kind.SWITCH),
    "made": Field("made", Kind.TIME),
}
RECORDS: tuple[Document, ...] = (
    {
        "id": "1",
        "name": "one",
        "storage": {"host": "a_b", "port": 22},
        "word": "UP",
        "mail": "One@Example.org",
        "open": True,
        "made": "2026-01-31T23:59:59.999Z",
    },
    {
        "id": "2",
        "name": "two%",
        "storage": {"host": "axb", "port": 8022},
        "word": "DOWN",
        "mail": "two@example.org",
        "open": False,
        "made": "2026-02-01T00:00:00.000Z",
    },
    {"id": "3", "name": "O'Three", "made": "2026-02-02T00:00:00.000Z"},
)


@pytest.fixture(name="records")
def _records(store: Store) -> Store:
    for record in RECORDS:
        store.insert("thing", record["id"], record)
    return store


def _request(query: Any) -> Request:
    return Request(EnvironBuilder(query_string=query).get_environ())


def _found(store: Store, query: Any) -> str:
    condition = read_search(_request(query), FIELDS, others=("tag",))
    return "".join(one["id"] for one in store.select("thing", condition))


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, "123"),
        ({"name": "one"}, "1"),
        ({"name": "ONE"}, ""),
        ({"name.eq": "one"}, "1"),
        ({"name.neq": "one"}, "23"),
        ({"name.in": "one, two%"}, "12"),
        ({"name.nin": "one,two%"}, "3"),
        ({"name.like": "*T*"}, "23"),
        ({"name.like": "*%"}, "2"),
        ({"name.like": "o?e"}, ""),
        ({"name.nlike": "o*"}, "2"),
        ({"name": "O'Three"}, "3"),
        ({"name.gte": "one", "name.lt": "two"}, "1"),
        ({"host": "a_b"}, "1"),
        ({"host.like": "a_*"}, "1"),
        ({"host.neq": "a_b"}, "23"),
        ({"storage.port": "22"}, "1"),
        ({"storage.port.gt": "22"}, "2"),
        ({"storage.port.lte": "22.0"}, "1"),
        ({"storage.port.between": "1, 9000"}, "12"),
        ({"storage.port.in": "22,8022"}, "12"),
        ({"word": "up"}, "1"),
        ({"word.NEQ": "up"}, "23"),
        ({"mail": "one@example.ORG"}, "1"),
        ({"open": "True"}, "1"),
        ({"open": "0"}, "2"),
        ({"made.on": "2026-01-31"}, "1"),
        ({"made.on": "2026-02-01T12:00:00"}, "2"),
        ({"made.lt": "2026-02-01"}, "1"),
        ({"made.gt": "2026-02-01T02:00:00+02:00"}, "3"),
        ({"made.gt": "2026-02-01 00:00:00"}, "3"),
        ({"made.gte": "2026-02-01T02:00:00 02:00"}, "23"),
        ({"made.between": "2026-01-01,2026-02-01"}, "12"),
        ({"tag": "any", "limit": "1", "pretty": "true", "filter": "id"}, "123"),
    ],
)
def test_search(records: Store, query: dict[str, str], ids: str) -> None:
    """Each operator finds what it says, and nothing else is special in a value."""
    assert ids == _found(records, query)


def test_terms_of_one_field_all_hold(records: Store) -> None:
    """A field that is given twice must satisfy both."""
    assert _found(records, "name.like=*o*&name.like=*t*") == "23"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"nothing": "x"}, "A search by 'nothing' is not possible"),
        ({"nothing.like": "x"}, "A search by 'nothing.like' is not possible"),
        ({"na\nme": "x"}, "A search by 'na\\nme' is not possible"),
        ({"name.regex": "x"}, "'regex' is not one of eq, neq"),
        ({"name.": "x"}, "'' is not one of"),
        ({"name.like": "x" * 201}, "name.like has at most 200"),
        ({"name.in": "," * 1000}, "name.in has at most 1000"),
        ({"name.on": "2026-01-01"}, "name.on: only a time"),
        ({"storage.port": "many"}, "storage.port is a number."),
        ({"storage.port": "inf"}, "storage.port is a number."),
        ({"storage.port.between": "1"}, "storage.port.between is two values"),
        ({"open": "perhaps"}, "open is true or false."),
        ({"made.lt": "yesterday"}, "made.lt is a time such as"),
        ({"made.lt": "0001-01-01T00:00:00+23:00"}, "made.lt is a time such as"),
        ({"made.on": "9999-12-31"}, "made.on is a time such as"),
        ("&".join(["name=x"] * 51), "A search has at most 50 terms."),
    ],
)
def test_bad_search(query: Any, message: str) -> None:
    """What cannot be searched by is refused, and never left out in silence."""
    with pytest.raises(BadRequest) as refused:
        read_search(_request(query), FIELDS)

    assert refused.value.message.startswith(message)


@pytest.mark.parametrize("field", ["a')", "a b", "a.", "", "a'", 'a"]'])
def test_conditions_take_checked_names_only(field: str) -> None:
    """No field can bring SQL with it."""
    makers: Any = (equal, like, same, holds)

    for make in makers:
        with pytest.raises(ValueError, match=r".*"):
            make(field, "x")


def test_signs_are_checked() -> None:
    """No sign can bring SQL with it."""
    with pytest.raises(ValueError, match="DROP"):
        compared("a", "; DROP", 1)


def test_list_items(store: Store) -> None:
    """A list of texts is searched by its items."""
    store.insert("thing", "1", {"id": "1", "tags": ["a", "b"]})
    store.insert("thing", "2", {"id": "2", "tags": []})
    store.insert("thing", "3", {"id": "3"})

    def found(condition: Any) -> list[str]:
        return [one["id"] for one in store.select("thing", condition)]

    assert found(holds("tags", "a")) == ["1"]
    assert found(negated(holds("tags", "a"))) == ["2", "3"]


def _labels(store: Store) -> Labels:
    return Labels(store, "thing", "tag", lambda thing: thing["tags"])


def _labelled(store: Store, labels: Labels, *names: str) -> list[str]:
    return [one["id"] for one in store.select("thing", labels.any_of(*names))]


def test_labels_of_older_data(store: Store) -> None:
    """What an earlier version left without labels gets them when it is opened."""
    store.insert("thing", "1", {"id": "1", "tags": ["a", "b", "a"]})
    store.insert("thing", "2", {"id": "2", "tags": ["b"]})

    labels = _labels(store)

    assert _labelled(store, labels, "a") == ["1"]
    assert _labelled(store, labels, "a", "b") == ["1", "2"]
    assert _labelled(store, labels) == []


def test_labels_follow_their_record(store: Store) -> None:
    """A label that is no longer there finds nothing any more."""
    labels = _labels(store)
    for tags in (["a", "b"], ["b", "c/d"]):
        thing = {"id": "1", "tags": tags}
        store.put("thing", "1", thing)
        labels.note(thing)

    assert _labelled(store, labels, "a") == []
    assert _labelled(store, labels, "c/d") == ["1"]
    labels.forget("1")
    assert _labelled(store, labels, "b", "c/d") == []
    assert store.count("thing.tag") == 0

"""What the database says of a query is what Python says."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agave_local.errors import BadRequest
from agave_local.records.conditions import ALWAYS
from agave_local.records.store import Store
from agave_local.services.meta.query import Query

_FIELDS = st.sampled_from(["a", "b", "0", "x y", "ä", "", 'q"', "$x", "a-b"])
_NUMBERS = (
    st.integers(-3, 3)
    | st.sampled_from([0.5, 1.0, -0.0, 1e300, 2**53, 2**53 + 1, 2**64, -(2**63), 0.1])
    | st.floats(allow_nan=False, allow_infinity=False)
)
_TEXTS = st.sampled_from(["", "a", "b", "A", "ä", "😀", "a\0b", "\\u0000", "1", "null"])
_SCALARS = st.none() | st.booleans() | _NUMBERS | _TEXTS
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_FIELDS, inner, max_size=3)
    ),
    max_leaves=8,
)
_PATHS = st.lists(_FIELDS, min_size=0, max_size=3).map(
    lambda steps: ".".join(["value", *steps])
) | st.sampled_from(["name", "owner", "uuid", "nothing"])
_LEAVES = st.one_of(
    _SCALARS,
    _VALUES.filter(lambda value: "$" not in json.dumps(value)),
    st.fixed_dictionaries(
        {},
        optional={
            "$ne": _SCALARS,
            "$in": st.lists(_SCALARS, max_size=3),
            "$nin": st.lists(_SCALARS, max_size=3),
            "$all": st.lists(_SCALARS, max_size=2),
            "$exists": st.booleans(),
            "$size": st.integers(0, 3),
            "$gt": _NUMBERS | _TEXTS,
            "$gte": _NUMBERS | _TEXTS,
            "$lt": _NUMBERS | _TEXTS,
            "$lte": _NUMBERS | _TEXTS,
            "$regex": st.sampled_from(["a", "^b", "."]),
            "$type": st.sampled_from(["string", "number", "int", "array", "null"]),
            "$elemMatch": st.sampled_from([{"a": 1}, {"$gt": 0}, {"b": {"$ne": 1}}]),
            "$not": st.sampled_from([{"$gt": 0}, {"$size": 1}, {"$regex": "a"}]),
        },
    ).filter(bool),
)
_CONDITIONS = st.recursive(
    st.dictionaries(_PATHS, _LEAVES, max_size=2),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            key: st.lists(inner, min_size=1, max_size=3)
            for key in ("$or", "$and", "$nor")
        },
    ),
    max_leaves=4,
)
_RECORDS = st.lists(
    st.fixed_dictionaries(
        {"value": _VALUES, "name": _TEXTS, "owner": st.sampled_from(["anna", "bert"])}
    ),
    max_size=5,
)


@pytest.fixture(name="store", scope="module")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("store") / "x.sqlite")
    yield store
    store.close()


def _fill(store: Store, records: list[Any]) -> None:
    with store.transaction():
        store.clear()
        for number, record in enumerate(records):
            store.insert("thing", f"u{number}", {**record, "uuid": f"u{number}"})


def _found(store: Store, query: Query, limit: int = 99, offset: int = 0) -> list[Any]:
    return store.sift(
        "thing",
        query.hint,
        query.verdict,
        query.matches,
        limit=limit,
        offset=offset,
    )


@given(_RECORDS, _CONDITIONS, st.integers(0, 2))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_the_database_says_what_python_says(
    store: Store, records: list[Any], condition: Any, offset: int
) -> None:
    """A narrowed search finds exactly what each document says of the query itself."""
    _fill(store, records)
    query = Query(condition)

    expected = [one for one in store.select("thing") if query.matches(one)]

    assert expected == _found(store, query)
    assert expected[offset : offset + 2] == _found(store, query, 2, offset)


def _never(_record: Any) -> bool:
    raise AssertionError("the database can tell")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"name": "b"}, [1]),
        ({"name": {"$ne": "b"}}, [0, 2]),
        ({"name": {"$in": ["a", "c"]}}, [0, 2]),
        ({"uuid": "u1"}, [1]),
        ({"value.n": 1}, [0]),
        ({"value.n": {"$gte": 2, "$lt": 10}}, [1]),
        ({"value.n": {"$gt": 1.5}}, [1, 2]),
        ({"value.text": {"$gt": "m"}}, [2]),
        ({"value.tags": "red"}, [0, 1]),
        ({"value.tags": {"$gt": "red"}}, [1]),
        ({"value.tags": {"$nin": ["red"]}}, [2]),
        ({"value.tags": {"$all": ["red", "white"]}}, [1]),
        ({"value.tags": {"$size": 2}}, [1]),
        ({"value.on": True}, [0]),
        ({"value.on": None}, [1, 2]),
        ({"value.on": {"$exists": False}}, [1]),
        ({"value.deep.er": "x"}, [0]),
        ({"$or": [{"value.n": 1}, {"name": "c"}]}, [0, 2]),
        ({"$nor": [{"value.n": 1}, {"name": "c"}]}, [1]),
    ],
)
def test_what_is_decided_without_python(
    store: Store, condition: Any, expected: list[int]
) -> None:
    """Usual queries are decided by the database alone."""
    records: list[Any] = [
        {"name": "a", "value": {"n": 1, "tags": ["red"], "on": True, "text": "a"}},
        {"name": "b", "value": {"n": 2, "tags": ["white", "red"]}},
        {"name": "c", "value": {"n": 10, "on": None, "text": "z"}},
    ]
    records[0]["value"]["deep"] = {"er": "x"}
    _fill(store, records)
    query = Query(condition)

    found = store.sift("thing", query.hint, query.verdict, _never, limit=9, offset=0)

    assert [f"u{number}" for number in expected] == [one["uuid"] for one in found]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"$or": [{f"value.f{number}": number} for number in range(300)]}, 1),
        ({"value.n": {"$in": list(range(3000))}}, 1),
        ({"value.n": {"$gt": 2**70}}, 0),
        ({"value." + ".".join("x" * 100): 1}, 0),
        ({"value." + "x" * 300: 1}, 0),
    ],
)
def test_large_queries(store: Store, condition: Any, expected: int) -> None:
    """What would be too much for the database is asked of the documents."""
    _fill(store, [{"value": {"n": 7, "f299": 299}}])

    assert expected == len(_found(store, Query(condition)))


@pytest.mark.parametrize("depth", range(1, 20))
@pytest.mark.parametrize("key", ["$or", "$and", "$nor"])
def test_nested_queries(store: Store, key: str, depth: int) -> None:
    """However deep a query is nested, it has an answer."""
    condition: Any = {"value.a.b": {"$in": [None, True, "x"], "$not": {"$lt": "a"}}}
    for _ in range(depth):
        condition = {key: [{"value.n": {"$gt": 3}}, condition]}
    _fill(store, [{"value": {"n": 7, "a": {"b": "x"}}}, {"value": 1}])
    query = Query(condition)

    found = _found(store, query)

    assert [one for one in store.select("thing") if query.matches(one)] == found


@pytest.mark.parametrize("depth", range(1, 20))
def test_nested_negations(store: Store, depth: int) -> None:
    """However often a test is denied, it has an answer."""
    test: Any = {"$gt": 3}
    for _ in range(depth):
        test = {"$not": test}
    _fill(store, [{"value": {"n": 7}}])

    assert (depth % 2 == 0) == bool(_found(store, Query({"value.n": test})))


def test_many_documents_that_have_to_be_looked_at(store: Store) -> None:
    """Pages are right where thousands of documents have to be asked."""
    records = [
        {"value": [{"n": number % 3}], "name": str(number)} for number in range(999)
    ]
    _fill(store, records)

    page = _found(store, Query({"value.n": 1}), 3, 200)

    assert [one["name"] for one in page] == ["601", "604", "607"]


def test_a_refusal_in_the_middle(store: Store) -> None:
    """A pattern that costs too much ends the search, and the next one works."""
    _fill(store, [{"value": "ab" * 5_000} for _ in range(500)])
    query = Query({"value": {"$regex": "(a?b?){50}c"}})

    with pytest.raises(BadRequest, match="takes too long"):
        _found(store, query)
    assert len(store.select("thing", ALWAYS, limit=2)) == 2

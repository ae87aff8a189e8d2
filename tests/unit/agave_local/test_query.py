"""The Mongo-like query of metadata."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.errors import BadRequest
from agave_local.services.meta.query import read_query

RECORD: dict[str, Any] = {
    "name": "note",
    "owner": "anna",
    "value": {
        "n": 5,
        "on": True,
        "none": None,
        "text": "Hello World",
        "tags": ["red", "green", 3],
        "list": [{"k": 1}, {"k": 2, "deep": [{"x": "y"}]}, 7],
    },
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, True),
        ({"name": "note"}, True),
        ({"name": "other"}, False),
        ({"name": "note", "owner": "bert"}, False),
        ({"value.n": 5}, True),
        ({"value.n": 5.0}, True),
        ({"value.n": "5"}, False),
        ({"value.on": True}, True),
        ({"value.on": 1}, False),
        ({"value.n": True}, False),
        ({"value.none": None}, True),
        ({"value.missing": None}, True),
        ({"value.n": None}, False),
        ({"value.tags": "green"}, True),
        ({"value.tags": ["red", "green", 3]}, True),
        ({"value.tags": ["green", "red", 3]}, False),
        ({"value.tags.1": "green"}, True),
        ({"value.tags.9": "green"}, False),
        ({"value.list.k": 2}, True),
        ({"value.list.deep.x": "y"}, True),
        ({"value.list.0.k": 1}, True),
        ({"value.list.0.k": 2}, False),
        ({"value.text.x": 1}, False),
        ({"value.list.0": {"k": 1}}, True),
        ({"name": {"$eq": "note"}}, True),
        ({"name": {"$ne": "note"}}, False),
        ({"value.tags": {"$ne": "red"}}, False),
        ({"value.missing": {"$ne": 1}}, True),
        ({"value.n": {"$in": [1, 5]}}, True),
        ({"value.n": {"$in": []}}, False),
        ({"value.n": {"$nin": [1, 5]}}, False),
        ({"value.missing": {"$nin": [1]}}, True),
        ({"value.n": {"$gt": 4, "$lt": 6}}, True),
        ({"value.n": {"$gt": 5}}, False),
        ({"value.n": {"$gte": 5, "$lte": 5}}, True),
        ({"value.n": {"$gt": "4"}}, False),
        ({"value.on": {"$gte": 0}}, False),
        ({"value.tags": {"$gt": 2}}, True),
        ({"name": {"$lt": "o"}}, True),
        ({"value.n": {"$exists": True}}, True),
        ({"value.missing": {"$exists": False}}, True),
        ({"value.none": {"$exists": 1}}, True),
        ({"value.text": {"$regex": "^hello", "$options": "i"}}, True),
        ({"value.text": {"$regex": "^hello"}}, False),
        ({"value.tags": {"$regex": "ee"}}, True),
        ({"value.n": {"$regex": "5"}}, False),
        ({"value.n": {"$not": {"$gt": 5}}}, True),
        ({"value.text": {"$not": {"$regex": "World"}}}, False),
        ({"value.tags": {"$all": ["red", 3]}}, True),
        ({"value.tags": {"$all": ["red", "blue"]}}, False),
        ({"value.tags": {"$all": []}}, False),
        ({"value.tags": {"$size": 3}}, True),
        ({"value.tags": {"$size": 2}}, False),
        ({"value.n": {"$size": 1}}, False),
        ({"value.list": {"$elemMatch": {"k": 2, "deep.x": "y"}}}, True),
        ({"value.list": {"$elemMatch": {"k": 1, "deep.x": "y"}}}, False),
        ({"value.list": {"$elemMatch": {"$or": [{"k": 9}, {"k": 1}]}}}, True),
        ({"value.tags": {"$elemMatch": {"$gt": 2, "$lt": 4}}}, True),
        ({"value.tags": {"$elemMatch": {"$gt": 3}}}, False),
        ({"value.n": {"$elemMatch": {"$gt": 3}}}, False),
        ({"value.n": {"$type": "int"}}, True),
        ({"value.n": {"$type": ["string", 1]}}, False),
        ({"value.n": {"$type": "number"}}, True),
        ({"value.n": {"$type": "long"}}, False),
        ({"value.on": {"$type": "bool"}}, True),
        ({"value.on": {"$type": "number"}}, False),
        ({"value.none": {"$type": 10}}, True),
        ({"value.tags": {"$type": "array"}}, True),
        ({"value": {"$type": "object"}}, True),
        ({"value.missing": {"$type": "null"}}, False),
        ({"$or": [{"name": "x"}, {"value.n": 5}]}, True),
        ({"$or": [{"name": "x"}]}, False),
        ({"$and": [{"name": "note"}, {"value.n": 5}]}, True),
        ({"$and": [{"name": "note"}, {"value.n": 6}]}, False),
        ({"$nor": [{"name": "x"}, {"value.n": 6}]}, True),
        ({"$nor": [{"name": "note"}]}, False),
    ],
)
def test_operators(query: Any, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """Each operator finds what Mongo's finds."""
    assert expected is read_query(json.dumps(query)).matches(RECORD)


@pytest.mark.parametrize("text", [None, "", "  ", "{}"])
def test_no_query_asks_for_everything(text: str | None) -> None:
    """Without a query everything matches."""
    assert read_query(text).matches(RECORD)


@pytest.mark.parametrize(
    "text",
    [
        "{'name': 'note'}",
        "{'name': \"note\"}",
        "{'value.text': {'$regex': 'o W'}, 'value.on': true}",
        "{'$or': [{'name': 'it\\'s'}, {'name': 'note'}]}",
        "{'$or': [{'name': 'say \"hi\"'}, {'name': 'note'}]}",
    ],
)
def test_single_quotes(text: str) -> None:
    """Single quotes are taken for double ones."""
    assert read_query(text).matches(RECORD)


@given(name=st.text(alphabet="ab'\"\\ {}:$\u00e4", max_size=8))
def test_single_quotes_mean_the_same(name: str) -> None:
    """A name in single quotes is the name, whatever is in it."""
    text = name.replace("\\", "\\\\").replace("'", "\\'")

    query = read_query(f"{{'name': '{text}'}}")

    assert query.matches({"name": name})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "q is a JSON object."),
        ("[]", "q is a JSON object."),
        ("'name'", "q is a JSON object."),
        ("{'a': __import__('os')}", "q is a JSON object."),
        ("[" * 9000, "q is a JSON object."),
        ("{}" + " " * 16_384, "q has at most 16384 characters."),
        ('{"$or": []}', "q: $or has a list of conditions."),
        ('{"$or": {"a": 1}}', "q: $or has a list of conditions."),
        ('{"$and": [1]}', "q: a condition is an object."),
        ('{"$where": "x"}', "q: the operator $where is not supported here."),
        ('{"a": {"$mod": [2, 1]}}', "q: the operator $mod is not supported here."),
        ('{"a": {"$gt": 1, "b": 1}}', "q: the operator b is not supported here."),
        ('{"a": {"$size": -1}}', "q: $size has a whole number, 0 or greater."),
        ('{"a": {"$size": true}}', "q: $size has a whole number, 0 or greater."),
        ('{"a": {"$all": 1}}', "q: $all has a list of values."),
        (
            '{"a": {"$in": [{"$where": "x"}]}}',
            "q: $in and $nin have a list of values, not of operators.",
        ),
        ('{"a": {"$elemMatch": 1}}', "q: $elemMatch has a condition."),
        (
            '{"a": {"$elemMatch": {"$where": 1}}}',
            "q: the operator $where is not supported here.",
        ),
        ('{"a": {"$not": 5}}', "q: $not has an object with operators."),
        ('{"a": {"$options": "i"}}', "q: $options needs a $regex beside it."),
        (
            '{"a": {"$type": "text"}}',
            (
                "q: $type is one of double, string, object, array, bool, null, int, "
                "long, number."
            ),
        ),
        ('{"a": NaN}', "q is a JSON object."),
        ('{"a": 1e999}', "q is a JSON object."),
        ('{"a": "\\ud800"}', "q is a JSON object."),
        ('{"a": {"$in": 1}}', "q: $in and $nin have a list of values."),
        ('{"a": {"$gt": true}}', "q: $gt has a number or a text."),
        ('{"a": {"$lt": [1]}}', "q: $lt has a number or a text."),
        ('{"a": {"$regex": 1}}', "q: $regex and $options are texts."),
        ('{"a": {"$regex": "a", "$options": 1}}', "q: $regex and $options are texts."),
        ('{"$or": [' * 22 + "{}" + "]}" * 22, "q is nested too deep."),
        ('{"a":' + '{"$not":' * 22 + '{"$gt": 1}' + "}" * 23, "q is nested too deep."),
    ],
)
def test_refused_queries(text: str, message: str) -> None:
    """A query that is none, or asks too much, is refused with the reason."""
    with pytest.raises(BadRequest, match=f"^{re.escape(message)}$"):
        read_query(text)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"name": "a"}', ("a",)),
        ('{"name": {"$eq": "a"}}', ("a",)),
        ('{"name": {"$in": ["a", "b"]}, "owner": "c"}', ("a", "b", "c")),
        ('{"uuid": "u", "value.n": 1}', ("u",)),
        ('{"name": {"$ne": "a"}}', ()),
        ('{"name": "a\\u0000"}', ()),
        ('{"name": 5}', ()),
        ('{"$or": [{"name": "a"}]}', ()),
    ],
)
def test_what_an_index_knows(text: str, values: tuple[str, ...]) -> None:
    """A query for a name, owner or UUID says so, so that only those are looked up."""
    assert values == read_query(text).hint.values

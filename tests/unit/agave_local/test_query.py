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

    assert name == query.name
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
        ('{"a": {"$size": 1}}', "q: the operator $size is not supported here."),
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
    ("text", "name"),
    [
        ('{"name": "a"}', "a"),
        ('{"name": {"$eq": "a"}}', "a"),
        ('{"name": {"$ne": "a"}}', None),
        ('{"name": 5}', None),
        ('{"$or": [{"name": "a"}]}', None),
    ],
)
def test_the_one_name_is_known(text: str, name: str | None) -> None:
    """A query for one name says so, so that only that name is looked up."""
    assert name == read_query(text).name

"""Schemas of metadata over HTTP, in both transports."""

import json
from typing import Any

import pytest

from agave_local.testing import Caller, LocalAgave

DATA, SCHEMAS = "/meta/v2/data", "/meta/v2/schemas"
RUN = {
    "title": "run",
    "type": "object",
    "properties": {
        "threads": {"type": "integer", "minimum": 1},
        "host": {"type": "string", "pattern": "^[a-z]+$"},
        "times": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/t"}},
    },
    "patternProperties": {"^x-": {"type": "string"}},
    "additionalProperties": False,
    "required": ["threads"],
    "$defs": {"t": {"type": "number"}},
}


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    return agave.client("anna")


@pytest.fixture(name="bert")
def _bert(agave: LocalAgave) -> Caller:
    return agave.client("bert")


def _add(caller: Caller, schema: Any = None) -> str:
    answer = caller.post(SCHEMAS, json=RUN if schema is None else schema)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["result"]["uuid"])


def _record(caller: Caller, schema_id: str | None, value: Any) -> Any:
    body = {"name": "a", "value": value, "schemaId": schema_id}
    return caller.post(DATA, json=body)


def test_add_get_update_delete(anna: Caller) -> None:
    """A schema is kept, read, found, replaced and forgotten by its owner."""
    uuid = _add(anna)
    assert uuid.endswith("-242ac113-0001-013")

    got = anna.get(f"{SCHEMAS}/{uuid}").json()["result"]
    assert (got["schema"], got["owner"]) == (RUN, "anna")
    assert got["_links"]["self"]["href"].endswith(f"{SCHEMAS}/{uuid}")

    changed = anna.post(f"{SCHEMAS}/{uuid}", data='{"type": "string"}')
    assert changed.json()["result"]["schema"] == {"type": "string"}
    assert changed.json()["result"]["created"] == got["created"]
    found = anna.get(SCHEMAS, params={"uuid": uuid}).json()["result"]
    assert [one["uuid"] for one in found] == [uuid]
    by_query = anna.get(SCHEMAS, params={"q": '{"schema.type": "string"}'})
    assert len(by_query.json()["result"]) == 1
    none = anna.get(SCHEMAS, params={"q": '{"schema.type": "object"}'})
    assert none.json()["result"] == []

    assert anna.delete(f"{SCHEMAS}/{uuid}").ok
    assert anna.get(f"{SCHEMAS}/{uuid}").status_code == 404


def test_permissions(anna: Caller, bert: Caller) -> None:
    """A schema is shared as a document is."""
    uuid = _add(anna)
    pems = f"{SCHEMAS}/{uuid}/pems"
    assert bert.get(f"{SCHEMAS}/{uuid}").status_code == 404
    assert bert.post(f"{SCHEMAS}/{uuid}", json=RUN).status_code == 404
    assert bert.get(SCHEMAS).json()["result"] == []

    given = anna.post(pems, json={"username": "bert", "permission": "READ"})

    assert given.status_code == 201
    assert given.json()["result"]["permission"] == {"read": True, "write": False}
    assert bert.get(f"{SCHEMAS}/{uuid}").ok
    assert len(bert.get(SCHEMAS).json()["result"]) == 1
    refused = bert.delete(f"{SCHEMAS}/{uuid}")
    assert refused.json()["message"] == "You may read this schema, but not change it."
    assert anna.post(f"{pems}/bert", json={"permission": "ALL"}).status_code == 201
    assert bert.post(f"{SCHEMAS}/{uuid}", json={"type": "object"}).ok
    listed = anna.get(pems).json()["result"]
    assert [one["username"] for one in listed] == ["anna", "bert"]
    assert anna.get(f"{pems}/bert").json()["result"]["permission"]["write"]
    assert anna.delete(f"{pems}/bert").ok
    assert anna.get(f"{pems}/bert").status_code == 404
    assert anna.delete(pems).ok
    assert bert.get(f"{SCHEMAS}/{uuid}").status_code == 404


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"threads": 2, "host": "node", "times": [1, 2.5], "x-a": "b"}, None),
        ({"threads": 0}, "(at threads)"),
        ({"host": "a"}, "'threads' is a required property"),
        ({"threads": 1, "host": "Node 1"}, "does not match '^[a-z]+$' (at host)"),
        ({"threads": 1, "times": [1, 1.0]}, "two elements are the same (at times)"),
        ({"threads": 1, "times": ["a"]}, "'a' is not of type 'number' (at times.0)"),
        ({"threads": 1, "other": 1}, "'other' is not expected"),
        ({"threads": 1, "x-a": 1}, "1 is not of type 'string' (at x-a)"),
        ("text", "'text' is not of type 'object'"),
    ],
)
def test_follow_a_schema(anna: Caller, value: Any, reason: str | None) -> None:
    """A document that names a schema has to follow it."""
    answer = _record(anna, _add(anna), value)

    if reason is None:
        assert answer.status_code == 201
    else:
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("value does not follow its schema: ")
        assert reason in answer.json()["message"]


def test_follow_it_when_changed(anna: Caller, bert: Caller) -> None:
    """A change follows the schema too, until the document leaves it."""
    uuid = _add(anna)
    record = _record(anna, uuid, {"threads": 1}).json()["result"]
    assert record["schemaId"] == uuid
    here = f"{DATA}/{record['uuid']}"
    bert_may = {"username": "bert", "permission": "ALL"}
    assert anna.post(f"{here}/pems", json=bert_may).status_code == 201

    assert anna.post(here, json={"name": "a", "value": 5}).status_code == 400
    # Who may write need not be able to read the schema.
    assert bert.post(here, json={"name": "a", "value": 5}).status_code == 400
    assert bert.post(here, json={"name": "a", "value": {"threads": 2}}).ok
    assert anna.post(here, json={"name": "a", "value": 5, "schemaId": None}).ok
    assert bert.post(here, json={"name": "a", "value": 5, "schemaId": uuid}).json()[
        "message"
    ] == (f"There is no schema {uuid}.")
    found = anna.get(DATA, params={"q": '{"schemaId": null}'}).json()["result"]
    assert [one["uuid"] for one in found] == [record["uuid"]]


def test_outlive_a_schema(anna: Caller) -> None:
    """A document stays, and can be changed, when its schema is deleted."""
    uuid = _add(anna)
    record = _record(anna, uuid, {"threads": 1}).json()["result"]
    anna.delete(f"{SCHEMAS}/{uuid}")

    changed = anna.post(f"{DATA}/{record['uuid']}", json={"name": "a", "value": 5})

    assert changed.json()["result"]["schemaId"] == uuid


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({}, "at least one keyword"),
        ({"type": "text"}, "The schema is not right: "),
        ({"$schema": "http://example.org/mine"}, "`$schema` names is not known"),
        ({"$schema": ["x"]}, "`$schema` names is not known"),
        ({"pattern": "("}, "A pattern of the schema can't be used"),
        ({"anyOf": [{"patternProperties": {"(?<=a)": {}}}]}, "look-behind"),
        ({"title": "x" * 300_000}, "at most 256 KiB"),
        (json.loads('{"not":' * 70 + "{}" + "}" * 70), "nested too deep"),
    ],
)
def test_refuse_a_schema(anna: Caller, schema: Any, reason: str) -> None:
    """What is no schema, or asks too much, is refused with the reason."""
    answer = anna.post(SCHEMAS, json=schema)

    assert answer.status_code == 400
    assert reason in answer.json()["message"]


@pytest.mark.parametrize("draft", ["3", "4", "6", "7"])
def test_older_drafts(anna: Caller, draft: str) -> None:
    """A schema is understood as the draft that it names."""
    uuid = _add(
        anna,
        {"$schema": f"http://json-schema.org/draft-0{draft}/schema#", "type": "array"},
    )

    assert _record(anna, uuid, []).status_code == 201
    assert _record(anna, uuid, {}).status_code == 400


_DOUBLING = {
    f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)
} | {"d40": {"type": "object"}}


@pytest.mark.parametrize(
    ("schema", "value", "reason"),
    [
        ({"$ref": "#"}, 1, "names itself without an end"),
        ({"$ref": "http://127.0.0.1:1/s.json"}, 1, "names another document"),
        ({"$ref": "file:///etc/passwd"}, 1, "names another document"),
        ({"$ref": "#/$defs/none"}, 1, "names another document"),
        ({"$ref": "#/$defs/d0", "$defs": _DOUBLING}, {}, "takes too long"),
        ({"items": {"type": "string"}}, ["x"] * 60_000, "takes too long"),
        ({"pattern": "(a|aa)+(a*)*$b"}, "a" * 20_000, "value does not follow"),
        ({"type": "array"}, json.loads("[" * 70 + "]" * 70), "nested too deep"),
    ],
)
def test_hostile_schema(anna: Caller, schema: Any, value: Any, reason: str) -> None:
    """A schema neither runs for ever nor reaches for anything outside it."""
    answer = _record(anna, _add(anna, schema), value)

    assert answer.status_code == 400
    assert reason in answer.json()["message"]

"""Metadata over HTTP, in both transports."""

import json
from typing import Any

import pytest

from agave_local.testing import Caller, LocalAgave

DATA = "/meta/v2/data"
JOB = "1234567890-242ac113-0001-007"


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    return agave.client("anna")


@pytest.fixture(name="bert")
def _bert(agave: LocalAgave) -> Caller:
    return agave.client("bert")


def _add(caller: Caller, name: str = "note", value: Any = 1) -> str:
    answer = caller.post(DATA, json={"name": name, "value": value})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["result"]["uuid"])


def _give(caller: Caller, uuid: str, username: str, permission: str) -> Any:
    body = {"username": username, "permission": permission}
    return caller.post(f"{DATA}/{uuid}/pems", json=body)


def _names(caller: Caller, **query: Any) -> list[str]:
    answer = caller.get(DATA, params=query)
    assert answer.status_code == 200, answer.text
    return [record["name"] for record in answer.json()["result"]]


def test_add_get_update_delete(anna: Caller) -> None:
    """A document is kept, read, replaced and forgotten by its owner."""
    value = {"a": [1, {"b": None}], "text": "ä€😀"}
    uuid = _add(anna, "first", value)
    assert uuid.endswith("-242ac113-0001-012")

    got = anna.get(f"{DATA}/{uuid}").json()["result"]
    assert ("first", value, "anna", []) == tuple(
        got[field] for field in ("name", "value", "owner", "associationIds")
    )
    assert got["_links"]["self"]["href"].endswith(f"{DATA}/{uuid}")

    body = {"name": "second", "value": 2, "associationIds": JOB}
    changed = anna.post(f"{DATA}/{uuid}", json=body).json()["result"]
    assert tuple(changed[field] for field in ("name", "value", "associationIds")) == (
        "second",
        2,
        [JOB],
    )
    [link] = changed["_links"]["associationIds"]
    assert (link["rel"], link["title"]) == (JOB, "job")
    assert link["href"].endswith(f"/jobs/v2/{JOB}")
    assert got["created"] == changed["created"]
    assert changed == anna.get(f"{DATA}/{uuid}").json()["result"]

    assert anna.delete(f"{DATA}/{uuid}").ok
    assert anna.get(f"{DATA}/{uuid}").status_code == 404


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"value": 1}, "name is a text"),
        ({"name": 1, "value": 1}, "name is a text"),
        ({"name": " ", "value": 1}, "name is a text"),
        ({"name": "x" * 257, "value": 1}, "name is a text"),
        ({"name": "a"}, "value is any JSON"),
        ({"name": "a", "value": None}, "value is any JSON"),
        ({"name": "a", "value": 1, "associationIds": [1]}, "associationIds is a list"),
        ({"name": "a", "value": 1, "associationIds": "abc"}, "associationIds is a"),
        ({"name": "a", "value": 1, "associationIds": ["../x"]}, "associationIds is a"),
        ({"name": "a", "value": 1, "schemaId": 5}, "schemaId is the UUID"),
        ({"name": "a", "value": 1, "schemaId": "1-013"}, "There is no schema 1-013."),
        ({"name": "a", "value": 1, "associationIds": {}}, None),
    ],
)
def test_add_bad_content(anna: Caller, body: Any, message: str | None) -> None:
    """A document without a name or value is refused, and the field is named."""
    answer = anna.post(DATA, json=body)

    if message is None:
        assert answer.status_code == 201
    else:
        assert answer.status_code == 400
        assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The body is not JSON."),
        (b"{", "The body is not JSON."),
        (b"[1]", "The body is a JSON object."),
        (b"\xff\xfe", "The body is not JSON."),
        (b"[" * 100_000, "The body is not JSON."),
        (b'{"name": "\\ud800", "value": 1}', "The body is not JSON."),
        (b'{"name": "a", "value": NaN}', "The body is not JSON."),
        (b'{"name": "a", "value": 1e999}', "The body is not JSON."),
    ],
)
def test_add_what_is_no_object(anna: Caller, data: bytes, message: str) -> None:
    """A body that is no JSON object is refused."""
    answer = anna.post(DATA, data=data, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert message == answer.json()["message"]


def test_add_too_much(anna: Caller) -> None:
    """More than 16 MiB are refused."""
    answer = anna.post(DATA, data=b" " * (16 * 2**20 + 1))

    assert answer.status_code == 413


def test_add_as_a_form_and_as_a_file(anna: Caller) -> None:
    """A document may come as a form, as JSON that says form, or as an upload."""
    form = anna.post(DATA, data={"name": "form", "value": "1"})
    text = anna.post(
        DATA,
        data='{"name": "text", "value": 1}',
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    upload = anna.post(
        DATA, files={"fileToUpload": ("a.json", '{"name": "upload", "value": 1}')}
    )
    parts = anna.post(DATA, files={"name": (None, "parts"), "value": (None, "1")})

    assert [one.status_code for one in (form, text, upload, parts)] == [201] * 4
    assert _names(anna) == ["form", "text", "upload", "parts"]


def test_others_do_not_know_of_it(anna: Caller, bert: Caller) -> None:
    """Without a permission every operation finds nothing."""
    uuid = _add(anna)
    body = {"name": "a", "value": 1}

    answers = [
        bert.get(f"{DATA}/{uuid}"),
        bert.post(f"{DATA}/{uuid}", json=body),
        bert.delete(f"{DATA}/{uuid}"),
        bert.get(f"{DATA}/{uuid}/pems"),
        bert.get(f"{DATA}/{uuid}/pems/anna"),
        _give(bert, uuid, "bert", "ALL"),
        bert.delete(f"{DATA}/{uuid}/pems"),
        bert.delete(f"{DATA}/{uuid}/pems/anna"),
    ]

    assert {404} == {answer.status_code for answer in answers}
    assert {f"There is no metadata {uuid}."} == {
        answer.json()["message"] for answer in answers
    }
    assert _names(bert) == []
    assert _names(bert, q='{"name": "note"}') == []


def test_read_permission(anna: Caller, bert: Caller) -> None:
    """READ lets somebody find and read, and nothing else."""
    uuid = _add(anna)

    given = _give(anna, uuid, "bert", "READ")

    assert given.status_code == 201
    assert given.json()["result"]["permission"] == {"read": True, "write": False}
    assert bert.get(f"{DATA}/{uuid}").ok
    assert _names(bert) == ["note"]
    assert _names(bert, q='{"name": "note"}') == ["note"]
    refused = bert.delete(f"{DATA}/{uuid}")
    assert refused.status_code == 403
    assert refused.json()["message"] == "You may read this metadata, but not change it."
    assert _give(bert, uuid, "carl", "READ").status_code == 403


def test_write_permission(anna: Caller, bert: Caller) -> None:
    """READ_WRITE lets somebody change and delete."""
    uuid = _add(anna)
    _give(anna, uuid, "bert", "READ_WRITE")

    changed = bert.post(f"{DATA}/{uuid}", json={"name": "b", "value": 2})

    assert changed.json()["result"]["owner"] == "anna"
    assert bert.delete(f"{DATA}/{uuid}").ok


def test_write_alone_does_not_read(anna: Caller, bert: Caller) -> None:
    """WRITE without READ changes, but shows nothing."""
    uuid = _add(anna)
    _give(anna, uuid, "bert", "WRITE")

    assert bert.get(f"{DATA}/{uuid}").status_code == 404
    assert _names(bert) == []
    assert _names(bert, q='{"name": "note"}') == []
    assert bert.post(f"{DATA}/{uuid}", json={"name": "b", "value": 2}).ok


def test_everybody_may_read(anna: Caller, bert: Caller) -> None:
    """A permission of `world` is everybody's."""
    uuid = _add(anna)
    _give(anna, uuid, "world", "READ")

    assert bert.get(f"{DATA}/{uuid}").ok
    assert _names(bert) == ["note"]


def test_pems_are_listed_and_taken(anna: Caller, bert: Caller) -> None:
    """Permissions are listed, read one by one, and taken away."""
    uuid = _add(anna)
    pems = f"{DATA}/{uuid}/pems"
    _give(anna, uuid, "bert", "READ")
    anna.post(f"{pems}/carl", json={"permission": "ALL"})

    listed = anna.get(pems).json()["result"]
    assert [
        (one["username"], one["permission"]["read"], one["permission"]["write"])
        for one in listed
    ] == [
        ("anna", True, True),
        ("bert", True, False),
        ("carl", True, True),
    ]
    assert anna.get(f"{pems}/bert").json()["result"]["permission"]["read"]

    assert anna.delete(f"{pems}/bert").ok
    assert bert.get(f"{DATA}/{uuid}").status_code == 404
    assert anna.get(f"{pems}/bert").status_code == 404
    _give(anna, uuid, "bert", "READ")
    _give(anna, uuid, "bert", "none")
    assert bert.get(f"{DATA}/{uuid}").status_code == 404
    assert anna.delete(pems).ok
    assert [one["username"] for one in anna.get(pems).json()["result"]] == ["anna"]


@pytest.mark.parametrize(
    ("username", "permission", "message"),
    [
        ("bert", "SOME", "permission is one of NONE, READ, WRITE, READ_WRITE"),
        ("bert", None, "permission is one of NONE, READ, WRITE, READ_WRITE"),
        ("anna", "READ", "The owner has every permission already."),
        ("../x", "READ", "A user name has 1 to 32"),
        (None, "READ", "username is a text"),
    ],
)
def test_bad_permission(
    anna: Caller, username: Any, permission: Any, message: str
) -> None:
    """A permission that cannot be given is refused with the reason."""
    answer = _give(anna, _add(anna), username, permission)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


def test_permissions_end_with_the_document(anna: Caller, bert: Caller) -> None:
    """A deleted document leaves no permission behind."""
    uuid = _add(anna)
    _give(anna, uuid, "bert", "READ")

    anna.delete(f"{DATA}/{uuid}")

    assert _names(bert) == []


def test_administrators_see_everything(agave: LocalAgave, anna: Caller) -> None:
    """An administrator reads all, unless asked not to."""
    uuid = _add(anna, "theirs")
    admin = agave.client("admin")
    _add(admin, "own")

    assert _names(admin) == ["theirs", "own"]
    assert _names(admin, privileged="False") == ["own"]
    assert _names(admin, privileged="false", q='{"name": "theirs"}') == []
    assert admin.get(f"{DATA}/{uuid}").ok


def test_pages(anna: Caller) -> None:
    """A list has 250 entries unless asked otherwise, oldest first."""
    for number in range(4):
        _add(anna, f"n{number}")

    assert _names(anna) == ["n0", "n1", "n2", "n3"]
    assert _names(anna, limit=2, offset=1) == ["n1", "n2"]
    assert _names(anna, offset=9) == []
    assert _names(anna, limit=0) == []
    refused = anna.get(DATA, params={"limit": "-1"})
    assert refused.status_code == 400
    assert refused.json()["message"] == "limit is a whole number, 0 or greater."


def test_query(anna: Caller) -> None:
    """`q` asks for documents by their fields and by what is in their value."""
    for number, tag in enumerate(("red", "green", "blue")):
        _add(anna, f"n{number}", {"n": number, "tags": [tag, "all"]})

    assert _names(anna, q='{"name": "n1"}') == ["n1"]
    assert _names(anna, q="{'value.tags': 'green'}") == ["n1"]
    assert _names(anna, q='{"value.n": {"$gte": 1}}') == ["n1", "n2"]
    assert _names(
        anna, q=json.dumps({"value.tags": {"$regex": "^(RED|blue)$", "$options": "i"}})
    ) == ["n0", "n2"]
    assert _names(anna, q='{"owner": "anna"}') == ["n0", "n1", "n2"]
    assert _names(
        anna, q='{"$or": [{"name": "n0"}, {"value.n": 9}], "value.n": {"$lt": 1}}'
    ) == ["n0"]


def test_bad_query(anna: Caller) -> None:
    """A query that is none is refused with the reason."""
    answer = anna.get(DATA, params={"q": "{name: 1}"})

    assert answer.status_code == 400
    assert answer.json()["message"] == "q is a JSON object."


def test_hostile_regex_is_harmless(anna: Caller) -> None:
    """A pattern that would keep other engines busy for years is answered at once."""
    _add(anna, "a" * 200)

    answer = anna.get(
        DATA, params={"q": '{"name": {"$regex": "(a|aa)+(a*)*$b"}}'}, timeout=5
    )

    assert answer.ok
    assert answer.json()["result"] == []


def test_find_what_is_associated(anna: Caller) -> None:
    """Documents are found by what they are associated with."""
    other = JOB.replace("007", "999")
    for name, associated in (("a", [JOB, JOB, other]), ("b", [other]), ("c", [])):
        body = {"name": name, "value": 1, "associationIds": associated}
        assert anna.post(DATA, json=body).status_code == 201

    assert _names(anna, q=json.dumps({"associationIds": JOB})) == ["a"]
    assert _names(anna, q=json.dumps({"associationIds": {"$in": [other]}})) == [
        "a",
        "b",
    ]
    assert _names(anna, q=json.dumps({"associationIds": {"$size": 2}})) == ["a"]
    links = anna.get(f"{DATA}?limit=1").json()["result"][0]["_links"]
    assert [link["title"] for link in links["associationIds"]] == ["job", "resource"]


def test_keys_of_any_kind(anna: Caller) -> None:
    """A value's keys are kept as they are, also those that Mongo would not take."""
    value = {"$set": {"a.b": 1}, "": [None, {"$where": "1"}], "a b'\"": True}

    uuid = _add(anna, "odd", value)

    assert value == anna.get(f"{DATA}/{uuid}").json()["result"]["value"]
    assert _names(anna, q="""{"value.a b'\\"": true}""") == ["odd"]
    assert _names(anna, q='{"value.": {"$exists": true}}') == ["odd"]


def test_events_of_a_document(agave: LocalAgave, anna: Caller) -> None:
    """Every change is told, with the document as it is then."""
    seen: list[Any] = []
    agave.tenant.events.subscribe(seen.append)

    uuid = _add(anna)
    anna.post(f"{DATA}/{uuid}", json={"name": "b", "value": 2})
    _give(anna, uuid, "bert", "READ")
    _give(anna, uuid, "bert", "NONE")
    anna.delete(f"{DATA}/{uuid}/pems")
    anna.delete(f"{DATA}/{uuid}")

    assert {(uuid, "anna")} == {(event.uuid, event.owner) for event in seen}
    assert [(event.name, event.body["name"]) for event in seen] == [
        ("CREATED", "note"),
        ("UPDATED", "b"),
        ("PERMISSION_GRANT", "b"),
        ("PERMISSION_REVOKE", "b"),
        ("PERMISSION_REVOKE", "b"),
        ("DELETED", "b"),
    ]


def test_wanted_fields(anna: Caller) -> None:
    """`filter` chooses fields, also those inside the value."""
    _add(anna, "a", {"n": 1, "m": 2})

    listed = anna.get(DATA, params={"filter": "name,value.n"}).json()["result"]

    assert listed == [{"name": "a", "value": {"n": 1}}]

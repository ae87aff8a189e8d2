"""Apps over HTTP, in both transports."""

import json
from typing import Any

import pytest

from agave_local.testing import Caller, LocalAgave

ALL = "/apps/v2"
APP = {
    "name": "test-app",
    "version": "0.1.0",
    "label": "Test",
    "executionSystem": "test.execution",
    "executionType": "cli",
    "deploymentSystem": "test.execution",
    "deploymentPath": "apps/test",
    "templatePath": "wrapper.sh",
    "testPath": "test.sh",
    "parallelism": "serial",
    "tags": ["one", "two"],
    "inputs": [{"id": "file", "value": {"required": True}}],
    "parameters": [{"id": "text", "value": {"type": "STRING"}}, {"id": "bare"}],
}
ID = "test-app-0.1.0"
HERE = f"{ALL}/{ID}"


@pytest.fixture(name="ipt")
def _ipt(agave: LocalAgave) -> Caller:
    ipt = agave.client("ipt")
    storage = {"host": "localhost", "protocol": "LOCAL"}
    system = {
        "id": "test.execution",
        "name": "Execution",
        "type": "EXECUTION",
        "executionType": "CLI",
        "scheduler": "FORK",
        "storage": storage,
        "login": {"host": "localhost", "protocol": "LOCAL"},
        "queues": [{"name": "default"}],
    }
    assert ipt.post("/systems/v2", json=system).ok
    bare = {"id": "test.bare", "name": "Bare", "type": "STORAGE", "storage": storage}
    assert ipt.post("/systems/v2", json=bare).ok
    answer = ipt.post(ALL, json=APP)
    assert answer.status_code == 201, answer.text
    return ipt


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    return agave.client("anna")


def _ids(caller: Caller, path: str = ALL, **query: str) -> list[str]:
    return [one["id"] for one in caller.get(path, params=query).json()["result"]]


def _manage(caller: Caller, action: str, **more: str) -> Any:
    return caller.put(HERE, json={"action": action, **more})


def test_add_and_get(agave: LocalAgave, ipt: Caller) -> None:
    """A registered app is described in full, with what the tenant adds."""
    app = ipt.get(HERE).json()["result"]

    assert tuple(
        app[field]
        for field in (
            "id",
            "owner",
            "revision",
            "isPublic",
            "available",
            "executionType",
            "parallelism",
        )
    ) == (ID, "ipt", 1, False, True, "CLI", "SERIAL")
    assert app["uuid"].endswith("-005")
    assert f"{agave.base_url}{HERE}" == app["_links"]["self"]["href"]
    (file,), (text, bare) = app["inputs"], app["parameters"]
    assert file["semantics"] == {"minCardinality": 0, "maxCardinality": 1}
    assert (text["value"]["type"], bare["value"]["type"]) == ("string", "string")
    assert "pems" not in app


def test_update(ipt: Caller) -> None:
    """An app is described anew, by its address or by adding it again."""
    changed = ipt.post(HERE, json={**APP, "label": "New", "owner": "anna"})

    assert tuple(
        changed.json()["result"][field] for field in ("label", "owner", "revision")
    ) == ("New", "ipt", 2)
    assert ipt.post(ALL, json=APP).json()["result"]["revision"] == 3
    renamed = ipt.post(HERE, json={**APP, "version": "2"})
    assert renamed.status_code == 400
    assert f"The name and version of {ID} cannot change." == renamed.json()["message"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "a b"}, "name has 1 to 64"),
        ({"name": None}, "name has 1 to 64"),
        ({"version": "one"}, "version has numbers"),
        ({"executionSystem": ""}, "executionSystem is a text and must be given."),
        ({"label": 5}, "label is a text."),
        ({"executionType": "GUI"}, "executionType is one of HPC"),
        ({"parallelism": None}, "parallelism is one of SERIAL"),
        ({"templatePath": "../../x"}, "templatePath is a plain path"),
        ({"defaultNodeCount": 0}, "defaultNodeCount is a whole number"),
        ({"tags": "one"}, "tags is a list of texts."),
        ({"checkpointable": "no"}, "checkpointable is true or false."),
        ({"inputs": {}}, "inputs is a list."),
        ({"inputs": ["a"]}, "inputs[0] is an object."),
        ({"inputs": [{"id": "1 2"}]}, "inputs[0].id has 1 to 64"),
        ({"inputs": [{"id": "a", "value": 1}]}, "inputs[0].value is an object."),
        (
            {"inputs": [{"id": "a", "semantics": {"minCardinality": "1"}}]},
            "inputs[0].semantics.minCardinality is a whole number.",
        ),
        (
            {"inputs": [{"id": "a", "semantics": {"minCardinality": 2}}]},
            "inputs[0].semantics.minCardinality is greater",
        ),
        (
            {"parameters": [{"id": "a", "value": {"type": "date"}}]},
            "parameters[0].value.type is one of string",
        ),
        (
            {"parameters": [{"id": "a", "value": {"type": "enumeration"}}]},
            "parameters[0].value.enum_values lists",
        ),
        ({"parameters": [{"id": "file"}]}, "Two inputs or parameters have the id file"),
        ({"executionSystem": "test.bare"}, "executionSystem: test.bare only stores"),
    ],
)
def test_bad_description(ipt: Caller, change: Any, message: str) -> None:
    """A description that cannot be is refused by its field."""
    answer = ipt.post(ALL, json={**APP, **change})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


@pytest.mark.usefixtures("ipt")
def test_unknown_systems(anna: Caller) -> None:
    """An app runs only on systems that its owner may use."""
    answer = anna.post(ALL, json=APP)

    assert answer.status_code == 404
    assert answer.json()["message"] == "There is no system test.execution."


@pytest.mark.usefixtures("ipt")
def test_private_apps_are_unknown_to_others(anna: Caller) -> None:
    """Without a permission nobody knows of a private app."""
    pem = {"username": "anna", "permission": "ALL"}

    answers = [
        anna.get(HERE),
        anna.post(HERE, json=APP),
        anna.put(HERE, json={"action": "disable"}),
        anna.delete(HERE),
        anna.get(f"{HERE}/pems"),
        anna.post(f"{HERE}/pems", json=pem),
        anna.delete(f"{HERE}/pems"),
    ]

    assert {404} == {answer.status_code for answer in answers}
    assert _ids(anna) == []


def test_permissions(agave: LocalAgave, ipt: Caller, anna: Caller) -> None:
    """A permission is given, listed and taken away."""
    identity = agave.tenant.profiles.identity("anna")

    given = ipt.post(f"{HERE}/pems/anna", json={"permission": "READ_EXECUTE"})

    assert given.status_code == 201
    assert (given.json()["result"]["permission"]) == {
        "read": True,
        "write": False,
        "execute": True,
    }
    assert _ids(anna) == [ID]
    assert agave.tenant.apps.require(identity, ID, "EXECUTE")
    refused = anna.post(HERE, json=APP)
    assert refused.status_code == 403
    assert f"You have no WRITE permission on {ID}." == refused.json()["message"]
    assert [one["username"] for one in ipt.get(f"{HERE}/pems").json()["result"]] == [
        "ipt",
        "anna",
    ]
    assert anna.get(f"{HERE}/pems/anna").ok
    assert ipt.get(f"{HERE}/pems/bert").status_code == 404
    assert ipt.delete(f"{HERE}/pems/anna").ok
    assert _ids(anna) == []


def test_everybody_may_run(agave: LocalAgave, ipt: Caller, anna: Caller) -> None:
    """A permission of `public` is everybody's, until all are taken away."""
    body = {"username": "public", "permission": "READ_EXECUTE"}
    ipt.post(f"{HERE}/pems", json=body)

    identity = agave.tenant.profiles.identity("anna")
    assert agave.tenant.apps.require(identity, ID, "EXECUTE")
    assert _ids(anna) == [ID]
    assert ipt.delete(f"{HERE}/pems").ok
    assert _ids(anna) == []


def test_bad_permission(ipt: Caller) -> None:
    """The owner's permissions are fixed, and unknown ones refused."""
    assert ipt.post(f"{HERE}/pems/ipt", json={"permission": "ALL"}).status_code == 400
    assert ipt.post(f"{HERE}/pems/a", json={"permission": "FLY"}).status_code == 400


def test_disable(agave: LocalAgave, ipt: Caller) -> None:
    """A disabled app cannot be run until it is enabled."""
    identity = agave.tenant.profiles.identity("ipt")

    assert not _manage(ipt, "disable").json()["result"]["available"]

    with pytest.raises(Exception, match=f"The app {ID} is disabled"):
        agave.tenant.apps.require(identity, ID, "EXECUTE")
    assert _manage(ipt, "ENABLE").json()["result"]["available"]


def test_publish(agave: LocalAgave, ipt: Caller, anna: Caller) -> None:
    """A published app is a copy that everybody may run."""
    first, second = (_manage(ipt, "publish").json()["result"] for _ in range(2))

    assert (f"{ID}u1", f"{ID}u2") == (first["id"], second["id"])
    assert first["isPublic"]
    assert [f"{ID}u1", f"{ID}u2"] == _ids(anna)
    identity = agave.tenant.profiles.identity("anna")
    assert agave.tenant.apps.require(identity, f"{ID}u1", "EXECUTE")
    assert anna.delete(f"{ALL}/{ID}u1").status_code == 403


def test_only_trusted_accounts_publish(ipt: Caller, anna: Caller) -> None:
    """An ordinary user cannot publish, even with every permission."""
    ipt.post(f"{HERE}/pems/anna", json={"permission": "ALL"})

    assert _manage(anna, "publish").status_code == 403


def test_clone(ipt: Caller, anna: Caller) -> None:
    """A reader may make a private copy under another version."""
    ipt.post(f"{HERE}/pems/anna", json={"permission": "READ"})

    copy = _manage(anna, "clone", version="0.2.0").json()["result"]

    assert (
        copy["id"],
        copy["owner"],
        copy["revision"],
    ) == ("test-app-0.2.0", "anna", 1)
    assert _manage(anna, "clone", version="0.2.0").status_code == 400


def test_bad_action(ipt: Caller) -> None:
    """An action that there is not is refused."""
    assert _manage(ipt, "explode").status_code == 400


def test_lists(ipt: Caller) -> None:
    """Apps are found by name, tag and system, and by being public or not."""
    ipt.post(ALL, json={**APP, "name": "other", "tags": []})
    _manage(ipt, "publish")
    other, public = "other-0.1.0", f"{ID}u1"

    assert [ID, public] == _ids(ipt, f"{ALL}/name/test-app")
    assert [ID, public] == _ids(ipt, f"{ALL}/tag/one")
    assert [ID, other, public] == _ids(ipt, f"{ALL}/system/test.execution")
    assert _ids(ipt, f"{ALL}/system/none") == []
    assert [public] == _ids(ipt, publicOnly="True")
    assert [ID, other] == _ids(ipt, privateOnly="true")


def test_delete(ipt: Caller) -> None:
    """A deleted app is gone."""
    assert ipt.delete(HERE).ok

    assert ipt.get(HERE).status_code == 404


def test_what_is_published_stays(ipt: Caller, anna: Caller) -> None:
    """Who wrote a published app changes it only where they might publish it."""
    ipt.put("/systems/v2/test.execution", json={"action": "PUBLISH"})
    mine = {**APP, "name": "mine"}
    assert anna.post(ALL, json=mine).status_code == 201
    anna.post(f"{ALL}/mine-0.1.0/pems/ipt", json={"permission": "ALL"})
    assert ipt.put(f"{ALL}/mine-0.1.0", json={"action": "publish"}).ok
    published = f"{ALL}/mine-0.1.0u1"
    assert anna.get(published).json()["result"]["owner"] == "anna"

    refused = anna.post(published, json={**mine, "templatePath": "other.sh"})

    assert refused.status_code == 403
    assert "publishes" in refused.json()["message"]
    assert anna.get(published).json()["result"]["templatePath"] == "wrapper.sh"
    assert anna.post(f"{ALL}/mine-0.1.0", json={**mine, "label": "New"}).ok


def test_nothing_looks_published_that_is_not(ipt: Caller, anna: Caller) -> None:
    """Only the tenant itself makes ids that end like those of published apps."""
    for version in ("0.1.0u1", "0.1u22"):
        refused = anna.post(ALL, json={**APP, "version": version})
        assert refused.status_code == 400
        assert "published" in refused.json()["message"]
    copy = ipt.put(HERE, json={"action": "clone", "name": "x", "version": "1.0u1"})
    assert copy.status_code == 400


def test_refuse_a_rule_that_no_job_could_be_checked_by(ipt: Caller) -> None:
    """An app says at once where its validator is one that is never used."""
    for validator in ("(", "(?<=a)b", "(a)\\1"):
        item = {"id": "x", "value": {"validator": validator}}
        refused = ipt.post(ALL, json={**APP, "parameters": [item]})
        assert refused.status_code == 400, validator
        assert "parameters[0].value.validator" in refused.json()["message"]


def test_refuse_what_is_nested_deep(ipt: Caller, anna: Caller) -> None:
    """A body is refused that could be kept, but never be read within a list again."""
    deep = "[" * 900 + "]" * 900
    flat = json.dumps([[1]] * 500)
    typed = {"Content-Type": "application/json"}
    for caller, path, field in ((ipt, ALL, "x"), (anna, "/meta/v2/data", "value")):
        body = json.dumps({**APP, field: "@"})

        refused = caller.post(path, data=body.replace('"@"', deep), headers=typed)

        assert refused.status_code == 400
        assert "nested deeper than" in refused.json()["message"]
        taken = caller.post(path, data=body.replace('"@"', flat), headers=typed)
        assert taken.status_code == 201

"""Lists, forms, copies, histories and events of apps, in both transports."""

import time
from html.parser import HTMLParser
from typing import Any

import pytest

from agave_local.testing import Caller, LocalAgave

ALL = "/apps/v2"
SYSTEM = {
    "id": "the.execution",
    "name": "Execution",
    "type": "EXECUTION",
    "executionType": "CLI",
    "scheduler": "FORK",
    "storage": {"host": "localhost", "protocol": "LOCAL"},
    "login": {"host": "localhost", "protocol": "LOCAL"},
    "queues": [{"name": "default"}],
}
HOSTILE = '"><script>alert(1)</script>'
APP = {
    "name": "app",
    "version": "1.0",
    "label": HOSTILE,
    "executionSystem": "the.execution",
    "executionType": "CLI",
    "deploymentPath": "apps/app",
    "templatePath": "wrapper.sh",
    "testPath": "test.sh",
    "parallelism": "SERIAL",
    "tags": ["one", HOSTILE],
    "ontology": ["http://sswapmeet.example.org/mime/x"],
    "defaultNodeCount": "2",
    "defaultMaxRunTime": "01:00:00",
    "inputs": [
        {"id": "file", "value": {"required": True, "order": 1}},
        {"id": "first", "value": {"default": HOSTILE}, "details": {"label": "The 1st"}},
        {"id": "hidden", "value": {"visible": False, "default": "x"}},
    ],
    "parameters": [
        {"id": "count", "value": {"type": "number", "default": 3}},
        {"id": "quick", "value": {"type": "flag", "default": True}},
        {
            "id": "colour",
            "value": {
                "type": "enumeration",
                "enum_values": [{"r": "Red"}, {"g": HOSTILE}, "blue"],
                "default": "g",
            },
            "details": {"description": HOSTILE},
        },
    ],
}
ID = "app-1.0"
HERE = f"{ALL}/{ID}"


class _Form(HTMLParser):
    """Collects the controls of a form and the text in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.controls: dict[str, dict[str, str | None]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fields = dict(attrs)
        self.tags.append(tag)
        if fields.get("name"):
            self.controls[str(fields["name"])] = fields


@pytest.fixture(name="ipt")
def _ipt(agave: LocalAgave) -> Caller:
    ipt = agave.client("ipt")
    assert ipt.post("/systems/v2", json=SYSTEM).ok
    answer = ipt.post(ALL, json=APP)
    assert answer.status_code == 201, answer.text
    return ipt


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    return agave.client("anna")


def _ids(caller: Caller, path: str = ALL, **query: str) -> list[str]:
    answer = caller.get(path, params=query)
    assert answer.ok, answer.text
    return [one["id"] for one in answer.json()["result"]]


def _manage(caller: Caller, action: str, **more: Any) -> Any:
    return caller.put(HERE, json={"action": action, **more})


def test_by_ontology_term(ipt: Caller, anna: Caller) -> None:
    """Apps are found by the terms of their ontologies, if one may read them."""
    term = "mime-x"
    ipt.post(ALL, json={**APP, "name": "other", "ontology": [term]})

    assert _ids(ipt, f"{ALL}/ontology/{term}") == ["other-1.0"]
    assert _ids(ipt, ontology=term) == ["other-1.0"]
    assert _ids(anna, f"{ALL}/ontology/{term}") == []
    ipt.post(ALL, json={**APP, "name": "other", "ontology": []})
    assert _ids(ipt, f"{ALL}/ontology/{term}") == []


def test_form(agave: LocalAgave, ipt: Caller) -> None:
    """The form of an app has a control for each value that may be given."""
    form = _Form(ipt.get(f"{HERE}/form").json()["result"])

    assert form.tags[0] == "form"
    assert "script" not in form.tags
    names = list(form.controls)
    assert names[:4] == ["appId", "name", "inputs.first", "inputs.file"]
    assert "inputs.hidden" not in names
    assert form.controls["appId"]["value"] == ID
    assert form.controls["inputs.first"]["value"] == HOSTILE
    assert "required" in form.controls["inputs.file"]
    assert form.controls["parameters.count"]["type"] == "number"
    assert "checked" in form.controls["parameters.quick"]
    assert form.controls["nodeCount"]["value"] == "2"
    text = ipt.get(f"{HERE}/form").json()["result"]
    assert f'action="{agave.base_url}/jobs/v2"' in text
    assert '<option value="g" selected>' in text


def test_form_by_agavepy(ipt: Caller) -> None:
    """Agavepy cannot put an app into the address; it may name it in the query."""
    unnamed = f"{ALL}/%7BuniqueName%7D/form"

    assert ipt.get(unnamed).status_code == 404
    named = ipt.get(unnamed, params={"uniqueName": ID})
    assert named.json()["result"] == ipt.get(f"{HERE}/form").json()["result"]


def test_form_of_a_strangers_app(ipt: Caller, anna: Caller) -> None:
    """Who may not read an app sees neither its form nor its history."""
    assert anna.get(f"{HERE}/form").status_code == 404
    assert anna.get(f"{HERE}/history").status_code == 404
    ipt.post(f"{HERE}/pems/anna", json={"permission": "EXECUTE"})
    assert anna.get(f"{HERE}/form").status_code == 403


def test_history(ipt: Caller) -> None:
    """The history says what happened to an app, and who did it."""
    ipt.post(HERE, json=APP)
    ipt.post(f"{HERE}/pems/anna", json={"permission": "READ"})
    ipt.delete(f"{HERE}/pems")
    _manage(ipt, "disable")
    _manage(ipt, "enable")

    history = ipt.get(f"{HERE}/history").json()["result"]

    assert [event["status"] for event in history] == [
        "CREATED",
        "UPDATED",
        "PERMISSION_GRANT",
        "PERMISSION_REVOKE",
        "DISABLED",
        "ENABLED",
    ]
    assert {event["createdBy"] for event in history} == {"ipt"}
    assert len(ipt.get(f"{HERE}/history?limit=2&offset=5").json()["result"]) == 1
    link = ipt.get(HERE).json()["result"]["_links"]["history"]["href"]
    assert ipt.get(link).ok
    ipt.delete(HERE)
    ipt.post(ALL, json=APP)
    assert len(ipt.get(f"{HERE}/history").json()["result"]) == 1


def test_erase(ipt: Caller, anna: Caller) -> None:
    """An erased app is gone; only those who may write it erase it."""
    ipt.post(f"{HERE}/pems/anna", json={"permission": "READ_EXECUTE"})

    assert _manage(anna, "erase").status_code == 403
    assert _manage(ipt, "erase").json()["result"]["id"] == ID
    assert ipt.get(HERE).status_code == 404


def test_clone_elsewhere(agave: LocalAgave, ipt: Caller, anna: Caller) -> None:
    """A copy may run elsewhere, where its owner may use the system."""
    ipt.post(f"{HERE}/pems/anna", json={"permission": "READ"})
    far = {
        **SYSTEM,
        "id": "annas.execution",
        "storage": {"host": "far.example.org", "protocol": "SFTP"},
        "login": {"host": "far.example.org", "protocol": "SSH"},
    }
    assert anna.post("/systems/v2", json=far).status_code == 201
    more = {"name": "annas", "deploymentPath": "annas/app"}

    copy = _manage(
        anna,
        "clone",
        executionSystem="annas.execution",
        storageSystem="annas.execution",
        **more,
    ).json()["result"]

    assert (copy["id"], copy["executionSystem"], copy["deploymentSystem"]) == (
        "annas-1.0",
        "annas.execution",
        "annas.execution",
    )
    assert copy["deploymentPath"] == "annas/app"
    refused = _manage(anna, "clone", executionSystem="the.execution", version="2.0")
    assert refused.status_code == 404
    assert _manage(anna, "clone", deploymentPath="../x", version="3").status_code == 400
    assert agave.tenant.apps.get(ID)["executionSystem"] == "the.execution"


def test_publishers(ipt: Caller, anna: Caller) -> None:
    """A publisher on a public system publishes the apps that run there."""
    ipt.post(f"{HERE}/pems/anna", json={"permission": "ALL"})
    ipt.post("/systems/v2/the.execution/roles/anna", json={"role": "PUBLISHER"})
    assert _manage(anna, "publish").status_code == 403

    ipt.put("/systems/v2/the.execution", json={"action": "PUBLISH"})

    published = _manage(anna, "publish").json()["result"]
    assert (published["id"], published["owner"], published["isPublic"]) == (
        f"{ID}u1",
        "ipt",
        True,
    )
    ipt.post("/systems/v2/the.execution/roles/anna", json={"role": "USER"})
    assert _manage(anna, "publish").status_code == 403


def test_search(ipt: Caller, anna: Caller) -> None:
    """Apps are found by their fields, among those that one may read."""
    ipt.post(ALL, json={**APP, "name": "other", "version": "2.0", "tags": ["two"]})
    _manage(ipt, "publish")

    assert _ids(ipt, **{"name.like": "APP*"}) == [ID, f"{ID}u1"]
    assert _ids(ipt, **{"version.gt": "1.5"}) == ["other-2.0"]
    assert _ids(ipt, public="true") == [f"{ID}u1"]
    assert _ids(ipt, **{"revision.between": "1,1"}, tag="two") == ["other-2.0"]
    assert _ids(ipt, **{"lastModified.on": "1999-12-31"}) == []
    assert _ids(ipt, f"{ALL}/tag/one", privateOnly="true") == [ID]
    assert _ids(anna, **{"id.like": "*"}) == [f"{ID}u1"]
    assert _ids(anna, owner="ipt", name="other") == []
    for name in ("pems", "pems.like", "inputs", "name.regex"):
        assert ipt.get(ALL, params={name: "a"}).status_code == 400


def test_picked_fields(ipt: Caller) -> None:
    """A filter chooses from all fields, and reaches into lists."""
    (app,) = ipt.get(f"{ALL}?filter=uuid,inputs.id").json()["result"]

    assert app.keys() == {"uuid", "inputs"}
    assert app["inputs"] == [{"id": "file"}, {"id": "first"}, {"id": "hidden"}]
    assert ipt.get(f"{ALL}?filter=*").json()["result"] == [
        ipt.get(HERE).json()["result"]
    ]


def test_tags_are_whole_words(ipt: Caller) -> None:
    """A tag is found by all of its letters, whatever they are."""
    assert _ids(ipt, tag=HOSTILE) == [ID]
    for other in ("on", "%", "*", "", "one/", "/one", "one' OR '1"):
        assert _ids(ipt, tag=other) == [], other


def test_readers_come_and_go(ipt: Caller, anna: Caller) -> None:
    """A list follows the permissions, and the end of an app, at once."""
    ipt.post(f"{HERE}/pems/anna", json={"permission": "EXECUTE"})
    assert _ids(anna) == []
    ipt.post(f"{HERE}/pems/anna", json={"permission": "READ_WRITE"})
    assert _ids(anna) == [ID]
    anna.post(HERE, json=APP)
    assert _ids(anna) == [ID]
    ipt.delete(HERE)
    assert _ids(anna) == []
    ipt.post(ALL, json=APP)
    assert _ids(anna) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": [{"id": "a"}] * 201}, "inputs has at most 200"),
        ({"tags": ["x"] * 101}, "tags has at most 100"),
        ({"tags": ["x" * 201]}, "tags has at most 100"),
        ({"label": "x" * 20_001}, "label has at most"),
        ({"defaultNodeCount": "many"}, "defaultNodeCount is a whole"),
        ({"defaultMaxRunTime": "1 h"}, "defaultMaxRunTime is a time"),
        ({"defaultMemoryPerNode": "much"}, "defaultMemoryPerNode is an amount"),
        ({"available": "no"}, "available is true or false."),
        ({"executionType": ["CLI"]}, "executionType is one of"),
        ({"inputs": [{"id": "a", "value": {"required": 1}}]}, "inputs[0].value.requi"),
        ({"inputs": [{"id": "a", "value": {"order": "1"}}]}, "inputs[0].value.order"),
        ({"inputs": [{"id": "a", "value": {"validator": "("}}]}, "inputs[0].value.val"),
        ({"inputs": [{"id": "a", "details": {"label": 1}}]}, "inputs[0].details.label"),
        (
            {"inputs": [{"id": "a", "semantics": {"ontology": "x"}}]},
            "inputs[0].semantics.ontology is a list",
        ),
        (
            {"inputs": [{"id": "a", "value": {"visible": False, "required": True}}]},
            "inputs[0].value.default must be given",
        ),
        (
            {
                "parameters": [
                    {"id": "a", "value": {"type": "enumeration", "enum_values": [1]}}
                ]
            },
            "parameters[0].value.enum_values has texts",
        ),
    ],
)
def test_hostile_description(ipt: Caller, change: Any, message: str) -> None:
    """What no app can be is refused by its field."""
    answer = ipt.post(ALL, json={**APP, **change})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


def test_registered_as_disabled(ipt: Caller) -> None:
    """An app may be described as one that nobody runs yet."""
    answer = ipt.post(ALL, json={**APP, "version": "2.0", "available": False})

    assert not answer.json()["result"]["available"]
    assert answer.json()["result"]["defaultNodeCount"] == 2
    again = ipt.post(ALL, json={**APP, "version": "2.0"})
    assert not again.json()["result"]["available"]


def test_events(agave: LocalAgave, ipt: Caller) -> None:
    """Whoever wants to know is told what happens to an app."""
    told: list[Any] = []
    agave.tenant.events.subscribe(told.append)

    ipt.post(HERE, json=APP)
    _manage(ipt, "publish")
    ipt.delete(HERE)

    assert [
        (event.values["APP_ID"], event.name)
        for event in told
        if event.uuid.endswith("-005")
    ] == [(ID, "UPDATED"), (f"{ID}u1", "CREATED"), (ID, "DELETED")]


def test_long_list(agave: LocalAgave) -> None:
    """A page of ten thousand apps costs what a page costs, wherever it is."""
    system = agave.client("ipt").post("/systems/v2", json=SYSTEM)
    assert system.ok
    apps, store = agave.tenant.apps, agave.tenant.store
    ipt, anna = (agave.tenant.profiles.identity("ipt"), agave.client("anna"))
    apps.add(ipt, APP)
    record = apps.get(ID)
    readers = [{"owner": "anna", "parent": f"app-{i}"} for i in range(5000)]
    with store.transaction():
        for i in range(10_000):
            owner = "anna" if i >= 5000 else "ipt"
            store.put("app", f"app-{i}", {**record, "id": f"app-{i}", "owner": owner})
        for i, reader in enumerate(readers):
            store.put("app.reader", f"app-{i}/anna", reader)

    spent = []
    for offset in (0, 9900) * 3:
        started = time.perf_counter()
        found = _ids(anna, limit="50", offset=str(offset))
        spent.append(time.perf_counter() - started)
        assert found == [f"app-{i}" for i in range(offset, offset + 50)]

    # Far above what it takes, so that a busy machine does not fail it.
    assert min(spent[1::2]) < 0.5, spent

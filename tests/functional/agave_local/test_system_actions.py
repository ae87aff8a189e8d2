"""Copies, lists, use and events of systems, in both transports."""

from typing import Any

import pytest

from agave_local.testing import Caller, LocalAgave

ALL = "/systems/v2"
LOCAL = {"host": "localhost", "protocol": "LOCAL"}
STORAGE = {"id": "one.storage", "name": "One", "type": "STORAGE", "storage": LOCAL}
REMOTE: dict[str, Any] = {
    "id": "far.storage",
    "name": "Far",
    "type": "STORAGE",
    "site": "far.example.org",
    "storage": {
        "host": "far.example.org",
        "protocol": "SFTP",
        "auth": {"type": "PASSWORD", "username": "u", "password": "hidden"},
    },
}
EXECUTION: dict[str, Any] = {
    **REMOTE,
    "id": "far.execution",
    "type": "EXECUTION",
    "executionType": "HPC",
    "scheduler": "SLURM",
    "login": {"host": "far.example.org", "protocol": "SSH"},
    "queues": [{"name": "normal"}],
}


@pytest.fixture(name="ipt")
def _ipt(agave: LocalAgave) -> Caller:
    ipt = agave.client("ipt")
    assert ipt.post(ALL, json=STORAGE).status_code == 201
    return ipt


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    return agave.client("anna")


def _manage(caller: Caller, system: str, action: str, **more: Any) -> Any:
    return caller.put(f"{ALL}/{system}", json={"action": action, **more})


def _ids(caller: Caller, **query: str) -> list[str]:
    answer = caller.get(ALL, params=query)
    assert answer.ok, answer.text
    return [one["id"] for one in answer.json()["result"]]


def test_clone(agave: LocalAgave, anna: Caller) -> None:
    """A user of a system makes a private copy, without its secrets."""
    bert = agave.client("bert")
    anna.post(ALL, json=REMOTE)
    anna.post(f"{ALL}/far.storage/roles/bert", json={"role": "USER"})

    copy = _manage(bert, "far.storage", "clone", id="berts.storage")

    assert copy.ok
    system = copy.json()["result"]
    assert (system["id"], system["owner"], system["revision"]) == (
        "berts.storage",
        "bert",
        1,
    )
    assert anna.get(f"{ALL}/berts.storage").status_code == 404
    assert agave.tenant.systems.vault.open("berts.storage", "storage") == {}
    uuids = {
        one.get(f"{ALL}/{name}").json()["result"]["uuid"]
        for one, name in (
            (anna, "far.storage"),
            (bert, "berts.storage"),
        )
    }
    assert len(uuids) == 2


def test_bad_clone(agave: LocalAgave, ipt: Caller, anna: Caller) -> None:
    """A copy needs an id that is free, a role, and the right to have such a system."""
    anna.post(ALL, json=REMOTE)
    refused = {}
    for role in ("GUEST", "USER"):
        ipt.post(f"{ALL}/one.storage/roles/anna", json={"role": role})
        refused[role] = _manage(anna, "one.storage", "CLONE", id="annas.storage")
    assert {403} == {answer.status_code for answer in refused.values()}
    assert "(protocol LOCAL)" in refused["USER"].json()["message"]
    assert _manage(ipt, "one.storage", "CLONE", id="far.storage").status_code == 400
    assert _manage(ipt, "one.storage", "CLONE", id="../x").status_code == 400
    assert _manage(ipt, "one.storage", "CLONE").status_code == 400
    stranger = agave.client("bert")
    assert _manage(stranger, "far.storage", "CLONE", id="berts").status_code == 404


def test_search(ipt: Caller, anna: Caller) -> None:
    """Systems are found by their fields, whatever lies in them."""
    anna.post(ALL, json=REMOTE)
    anna.post(ALL, json=EXECUTION)
    ipt.post(f"{ALL}/one.storage/roles/anna", json={"role": "GUEST"})

    assert _ids(anna) == ["one.storage", "far.storage", "far.execution"]
    assert _ids(anna, **{"id.like": "far.*"}) == ["far.storage", "far.execution"]
    assert _ids(anna, **{"id.nlike": "far.*"}) == ["one.storage"]
    assert _ids(anna, **{"storage.protocol": "sftp"}) == [
        "far.storage",
        "far.execution",
    ]
    assert _ids(anna, **{"login.host.neq": "elsewhere"}) == [
        "one.storage",
        "far.storage",
        "far.execution",
    ]
    assert _ids(anna, owner="ipt") == ["one.storage"]
    assert _ids(anna, **{"type.in": "execution,tape"}) == ["far.execution"]
    assert _ids(anna, public="true") == []
    assert _ids(anna, default="false", limit="1", offset="1") == ["far.storage"]
    for name in ("roles", "storage.auth.type.like", "owner.regex", "x'"):
        assert anna.get(ALL, params={name: "a"}).status_code == 400


def test_defaults_in_lists(ipt: Caller, anna: Caller) -> None:
    """`default` narrows a list to one's defaults, or to all others."""
    anna.post(ALL, json=REMOTE)
    anna.post(ALL, json=EXECUTION)
    _manage(anna, "far.execution", "SETDEFAULT")
    _manage(ipt, "one.storage", "PUBLISH")
    _manage(ipt, "one.storage", "SETGLOBALDEFAULT")

    assert _ids(anna, default="true") == ["one.storage", "far.execution"]
    assert _ids(anna, default="False") == ["far.storage"]
    _manage(anna, "far.storage", "SETDEFAULT")
    assert _ids(anna, default="true") == ["far.storage", "far.execution"]
    anna.delete(f"{ALL}/far.storage")
    assert _ids(anna, default="true") == ["one.storage", "far.execution"]


def test_unpublishing_one_leaves_the_others_default(ipt: Caller) -> None:
    """Who closes a system takes nobody's default but that system."""
    ipt.post(ALL, json={**STORAGE, "id": "two.storage"})
    for system in ("one.storage", "two.storage"):
        _manage(ipt, system, "PUBLISH")
    _manage(ipt, "one.storage", "SETGLOBALDEFAULT")

    _manage(ipt, "two.storage", "UNPUBLISH")

    assert _ids(ipt, default="true") == ["one.storage"]


def test_picked_fields(ipt: Caller) -> None:
    """A filter chooses from all fields, in lists as well."""
    query = "filter=id,storage.protocol,available"

    listed = ipt.get(f"{ALL}?{query}").json()["result"]
    shown = ipt.get(f"{ALL}/one.storage?{query}&naked=true").json()

    assert [shown] == listed
    assert shown == {
        "id": "one.storage",
        "available": True,
        "storage": {"protocol": "LOCAL"},
    }
    [whole] = ipt.get(f"{ALL}?filter=*").json()["result"]
    assert whole == ipt.get(f"{ALL}/one.storage").json()["result"]


def test_a_disabled_system_is_of_no_use(ipt: Caller) -> None:
    """Not even its owner reads or writes the files of a disabled system."""
    listing = "/files/v2/listings/system/one.storage/"
    media = "/files/v2/media/system/one.storage/"
    body = {"action": "mkdir", "path": "folder"}
    assert ipt.get(listing).ok

    _manage(ipt, "one.storage", "DISABLE")

    for answer in (ipt.get(listing), ipt.put(media, json=body)):
        assert answer.status_code == 403
        assert "one.storage is disabled" in answer.json()["message"]
    _manage(ipt, "one.storage", "ENABLE")
    assert ipt.put(media, json=body).ok


@pytest.mark.parametrize("status", ["DOWN", "MAINTENANCE"])
def test_a_system_that_is_not_up(ipt: Caller, status: str) -> None:
    """A system whose description says that it is down is left alone."""
    ipt.post(ALL, json={**STORAGE, "status": status})

    answer = ipt.get("/files/v2/listings/system/one.storage/")

    assert answer.status_code == 409
    assert answer.json()["message"].startswith(f"one.storage is {status}")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"queues": [{"name": "a"}] * 101}, "queues has at most 100"),
        ({"queues": [{"name": "a", "maxMemoryPerNode": "much"}]}, "queues[0].maxMemor"),
        ({"queues": [{"name": "a", "maxMemoryPerNode": True}]}, "queues[0].maxMemory"),
        ({"queues": [{"name": "a", "maxRequestedTime": "1h"}]}, "queues[0].maxReques"),
        ({"queues": [{"name": "a", "maxNodes": 2**40}]}, "queues[0].maxNodes is"),
        ({"queues": [{"name": "a", "customDirectives": []}]}, "queues[0].customDir"),
        ({"workDir": "../../etc"}, "workDir is a plain path"),
        ({"scratchDir": "a\nb"}, "scratchDir is a plain path"),
        ({"startupScript": 5}, "startupScript is a text"),
        ({"environment": {}}, "environment is a text"),
        ({"name": "x" * 1025}, "name has at most 1024"),
        ({"type": ["STORAGE"]}, "type is one of"),
        ({"storage": {**REMOTE["storage"], "host": "a b"}}, "storage.host is the name"),
        ({"storage": {**REMOTE["storage"], "mirror": "no"}}, "storage.mirror is true"),
        ({"storage": {**REMOTE["storage"], "zone": 1}}, "storage.zone is a text"),
        (
            {"storage": {**REMOTE["storage"], "publicAppsDir": "/a/.."}},
            "storage.publicAppsDir is a plain path",
        ),
        (
            {"storage": {**REMOTE["storage"], "auth": {"type": "NONE"}}},
            "storage.auth.type is one of",
        ),
        (
            {"login": {**EXECUTION["login"], "proxy": {"host": "x", "port": -1}}},
            "login.proxy.port is a number",
        ),
        ({"login": {**EXECUTION["login"], "proxy": "x"}}, "login.proxy is an object."),
    ],
)
def test_hostile_description(anna: Caller, change: Any, message: str) -> None:
    """What no system can be is refused by its field."""
    answer = anna.post(ALL, json={**EXECUTION, **change})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


def test_only_known_fields_are_kept(anna: Caller) -> None:
    """What nobody asked for is neither kept nor shown."""
    login = {
        **EXECUTION["login"],
        "secret": "hidden",
        "proxy": {"host": "proxy.example.org", "port": 22, "password": "hidden"},
    }
    queue = {"name": "normal", "maxMemoryPerNode": "2GB", "maxNodes": 4, "x": "hidden"}
    body = {**EXECUTION, "login": login, "queues": [queue], "roles": {"bert": "OWNER"}}

    anna.post(ALL, json=body)

    shown = anna.get(f"{ALL}/far.execution")
    assert "hidden" not in shown.text
    system = shown.json()["result"]
    assert system["login"]["proxy"] == {"host": "proxy.example.org", "port": 22}
    assert system["queues"] == [
        {"name": "normal", "maxMemoryPerNode": "2GB", "maxNodes": 4, "default": False}
    ]
    assert len(anna.get(f"{ALL}/far.execution/roles").json()["result"]) == 1


def test_events(agave: LocalAgave, ipt: Caller) -> None:
    """Whoever wants to know is told what happens to a system."""
    told: list[Any] = []
    agave.tenant.events.subscribe(told.append)

    uuid = ipt.post(ALL, json=REMOTE).json()["result"]["uuid"]
    ipt.post(ALL, json=REMOTE)
    _manage(ipt, "far.storage", "DISABLE")
    ipt.delete(f"{ALL}/far.storage")

    mine = [event for event in told if event.uuid == uuid]
    assert [event.name for event in mine] == [
        "CREATED",
        "UPDATED",
        "UPDATED",
        "DELETED",
    ]
    assert {event.owner for event in mine} == {"ipt"}
    assert mine[0].values["SYSTEM_ID"] == "far.storage"
    assert "hidden" not in str(mine)


def test_publishers(agave: LocalAgave, ipt: Caller, anna: Caller) -> None:
    """Each role includes those before it, up to the owner."""
    here = f"{ALL}/one.storage"
    for role, may_read, may_change in (
        ("NONE", False, False),
        ("GUEST", True, False),
        ("USER", True, False),
        ("PUBLISHER", True, False),
        ("ADMIN", True, True),
    ):
        ipt.post(f"{here}/roles/anna", json={"role": role})
        assert may_read == anna.get(here).ok
        assert may_change == _manage(anna, "one.storage", "ENABLE").ok
        # Nobody but the tenant's own speaks for everybody.
        assert not _manage(anna, "one.storage", "PUBLISH").ok
    assert agave.tenant.store.count("system.reader", parent="one.storage") == 1


@pytest.mark.parametrize(
    "login",
    [
        {"host": "10.0.0.1", "protocol": "SSH"},
        {"host": "far.example.org", "protocol": "SSH", "port": 2222},
        {"host": "far.example.org", "protocol": "GSISSH"},
    ],
)
def test_published_system_stays_where_it_is(
    ipt: Caller, anna: Caller, login: dict[str, Any]
) -> None:
    """Whoever published a system has vouched for that machine, and for no other."""
    assert anna.post(ALL, json=EXECUTION).ok
    given = anna.post(f"{ALL}/far.execution/roles/ipt", json={"role": "ADMIN"})
    assert given.ok, given.text
    assert _manage(ipt, "far.execution", "PUBLISH").ok
    moved = {**EXECUTION, "login": login}

    refused = anna.post(f"{ALL}/far.execution", json=moved)
    renamed = anna.post(f"{ALL}/far.execution", json={**EXECUTION, "name": "New"})

    assert refused.status_code == 403, refused.text
    assert "published" in refused.json()["message"]
    assert renamed.ok, renamed.text
    assert ipt.post(f"{ALL}/far.execution", json=moved).ok

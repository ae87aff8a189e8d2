"""Systems over HTTP, in both transports."""

from typing import Any

import pytest

from agave_local.call import SERVICE_ROLE, Identity
from agave_local.errors import Forbidden
from agave_local.services.systems.roles import Role
from agave_local.testing import Caller, LocalAgave

ALL = "/systems/v2"
STORAGE = {
    "id": "test.storage",
    "name": "Test storage",
    "type": "STORAGE",
    "storage": {"host": "localhost", "protocol": "LOCAL", "auth": {"type": "LOCAL"}},
}
EXECUTION = {
    **STORAGE,
    "id": "test.execution",
    "type": "execution",
    "executionType": "cli",
    "scheduler": "fork",
    "login": {"host": "localhost", "protocol": "LOCAL", "port": 22},
    "queues": [{"name": "default", "default": True, "maxJobs": 10}],
    "workDir": "work",
}
REMOTE = {
    "id": "test.remote",
    "name": "Far away",
    "type": "STORAGE",
    "storage": {
        "host": "far.example.org",
        "protocol": "SFTP",
        "port": 22,
        "auth": {
            "type": "SSHKEYS",
            "username": "hidden-user",
            "password": "hidden-password",
            "privateKey": "hidden-private",
            "publicKey": "hidden-public",
            "server": {"endpoint": "auth.example.org"},
        },
    },
}


@pytest.fixture(name="ipt")
def _ipt(agave: LocalAgave) -> Caller:
    ipt = agave.client("ipt")
    for system in (STORAGE, EXECUTION):
        answer = ipt.post(ALL, json=system)
        assert answer.status_code == 201, answer.text
    return ipt


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    return agave.client("anna")


def _manage(caller: Caller, action: str, system: str = "test.storage") -> Any:
    return caller.put(f"{ALL}/{system}", json={"action": action})


def _ids(caller: Caller, **query: str) -> list[str]:
    return [one["id"] for one in caller.get(ALL, params=query).json()["result"]]


def test_add_and_get(agave: LocalAgave, ipt: Caller) -> None:
    """A registered system is described in full, with what the tenant adds."""
    system = ipt.get(f"{ALL}/test.execution").json()["result"]

    assert tuple(
        system[field] for field in ("type", "executionType", "scheduler", "status")
    ) == ("EXECUTION", "CLI", "FORK", "UP")
    assert tuple(
        system[field]
        for field in (
            "owner",
            "public",
            "available",
            "default",
            "globalDefault",
            "revision",
        )
    ) == ("ipt", False, True, False, False, 1)
    assert (system["storage"]["rootDir"], system["storage"]["homeDir"]) == ("/", "/")
    assert system["workDir"] == "work"
    assert system["uuid"].endswith("-006")
    here = f"{agave.base_url}{ALL}/test.execution"
    assert here == system["_links"]["self"]["href"]
    assert "roles" in system["_links"]


def test_host_key(anna: Caller) -> None:
    """The key that a machine is known by is kept and shown, without its comment."""
    login = {"host": "far.example.org", "protocol": "SSH"}
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0d"
    far = {**EXECUTION, "id": "test.far", "storage": REMOTE["storage"]}

    answer = anna.post(ALL, json={**far, "login": login | {"hostKey": f"{key} me@far"}})

    assert answer.status_code == 201, answer.text
    found = anna.get(f"{ALL}/test.far").json()["result"]
    assert found["login"]["hostKey"] == key


def test_secrets_are_never_shown(anna: Caller) -> None:
    """What a system signs in with goes in and never comes out."""
    added = anna.post(ALL, json=REMOTE)

    assert added.status_code == 201
    got = anna.get(f"{ALL}/test.remote")
    assert "hidden" not in added.text + got.text
    assert (got.json()["result"]["storage"]["auth"]) == {
        "type": "SSHKEYS",
        "server": {"endpoint": "auth.example.org"},
    }


def test_only_trusted_accounts_add_local_systems(anna: Caller) -> None:
    """An ordinary user cannot register the tenant's own machine."""
    for system in (STORAGE, EXECUTION):
        answer = anna.post(ALL, json=system)
        assert answer.status_code == 403
        assert "(protocol LOCAL)" in answer.json()["message"]


def test_update(ipt: Caller) -> None:
    """A system is described anew; who owns it and who may use it stays."""
    ipt.post(f"{ALL}/test.storage/roles", json={"username": "anna", "role": "USER"})
    before = ipt.get(f"{ALL}/test.storage").json()["result"]

    body = {**STORAGE, "name": "Another", "owner": "anna", "public": True}
    after = ipt.post(f"{ALL}/test.storage", json=body).json()["result"]

    assert ("Another", "ipt", False, 2, before["uuid"]) == tuple(
        after[field] for field in ("name", "owner", "public", "revision", "uuid")
    )
    roles = ipt.get(f"{ALL}/test.storage/roles").json()["result"]
    assert [role["username"] for role in roles] == ["ipt", "anna"]
    assert ipt.post(ALL, json=STORAGE).json()["result"]["revision"] == 3


def test_update_another_id(ipt: Caller) -> None:
    """The id of a system stays."""
    answer = ipt.post(f"{ALL}/test.storage", json={**STORAGE, "id": "other"})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "a"}, "id has 3 to 64"),
        ({"id": "../../etc"}, "id has 3 to 64"),
        ({"id": None}, "id is a text"),
        ({"name": ""}, "name is a text"),
        ({"description": 1}, "description is a text"),
        ({"type": "CLOUD"}, "type is one of EXECUTION, STORAGE."),
        ({"status": "SLEEPY"}, "status is one of"),
        ({"available": "yes"}, "available is true or false."),
        ({"storage": "disk"}, "storage is an object."),
        ({"storage": {"host": "h", "protocol": "TAPE"}}, "storage.protocol is one of"),
        ({"storage": {"protocol": "LOCAL"}}, "storage.host is a text"),
        (
            {"storage": {"host": "h", "protocol": "LOCAL", "rootDir": "/a/../.."}},
            "storage.rootDir is a plain path",
        ),
        (
            {"storage": {"host": "h", "protocol": "LOCAL", "homeDir": 1}},
            "storage.homeDir is a text",
        ),
        (
            {"storage": {"host": "h", "protocol": "LOCAL", "port": 70000}},
            "storage.port is a number",
        ),
        (
            {"storage": {"host": "h", "protocol": "LOCAL", "auth": "x"}},
            "storage.auth is an object.",
        ),
        ({"executionType": "GUI"}, "executionType is one of CLI, CONDOR, HPC."),
        ({"scheduler": "ME"}, "scheduler is one of"),
        ({"login": None}, "login is an object."),
        ({"login": {"host": "h", "protocol": "TELNET"}}, "login.protocol is one of"),
        *(
            (
                {"login": {"host": "h", "protocol": "SSH", "hostKey": key}},
                f"login.hostKey is {rule}",
            )
            for key, rule in (
                (1, "a text"),
                ("ssh-ed25519", "one public key of the machine"),
                ("ssh-dss AAAA", "one public key of the machine"),
                ("AAAA ssh-ed25519", "one public key of the machine"),
            )
        ),
        ({"queues": []}, "queues is a list"),
        ({"queues": ["default"]}, "queues[0] is an object."),
        ({"queues": [{"default": True}]}, "queues[0].name is a text"),
        ({"queues": [{"name": "a", "default": 1}]}, "queues[0].default is true"),
        ({"queues": [{"name": "a", "maxJobs": "1"}]}, "queues[0].maxJobs is a whole"),
        ({"queues": [{"name": "a"}, {"name": "a"}]}, "queues: two of them"),
        ({"maxSystemJobs": True}, "maxSystemJobs is a whole number."),
    ],
)
def test_bad_description(agave: LocalAgave, change: Any, message: str) -> None:
    """A description that cannot be is refused by its field."""
    answer = agave.client("ipt").post(ALL, json={**EXECUTION, **change})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


def test_private_systems_are_unknown_to_others(ipt: Caller, anna: Caller) -> None:
    """Without a role nobody knows of a private system."""
    here = f"{ALL}/test.storage"

    answers = [
        anna.get(here),
        anna.post(here, json=STORAGE),
        anna.post(ALL, json={**REMOTE, "id": "test.storage"}),
        anna.put(here, json={"action": "DISABLE"}),
        anna.delete(here),
        anna.get(f"{here}/roles"),
        anna.post(f"{here}/roles", json={"username": "anna", "role": "ADMIN"}),
        anna.delete(f"{here}/roles"),
    ]

    assert {404} == {answer.status_code for answer in answers}
    assert _ids(anna) == []
    assert _ids(ipt) == ["test.storage", "test.execution"]


def test_roles(ipt: Caller, anna: Caller) -> None:
    """A role is given, seen by its bearer, and taken away."""
    here = f"{ALL}/test.storage"

    given = ipt.post(f"{here}/roles/anna", json={"role": "guest"})

    assert given.status_code == 201
    assert (
        given.json()["result"]["username"],
        given.json()["result"]["role"],
    ) == ("anna", "GUEST")
    assert anna.get(here).ok
    assert [
        role["username"] for role in anna.get(f"{here}/roles").json()["result"]
    ] == ["anna"]
    assert anna.get(f"{here}/roles/anna").json()["result"]["role"] == "GUEST"
    assert anna.get(f"{here}/roles/ipt").status_code == 404
    refused = anna.post(f"{here}/roles", json={"username": "anna", "role": "ADMIN"})
    assert refused.status_code == 403
    assert (
        refused.json()["message"]
        == "You have the role GUEST on test.storage; this needs ADMIN or more."
    )
    assert ipt.delete(f"{here}/roles/anna").ok
    assert anna.get(here).status_code == 404


def test_admin_role(ipt: Caller, anna: Caller) -> None:
    """Who administers a system gives roles, but not the owner's."""
    here = f"{ALL}/test.storage"
    ipt.post(f"{here}/roles", json={"username": "anna", "role": "ADMIN"})

    assert anna.post(f"{here}/roles/bert", json={"role": "USER"}).ok
    assert [
        role["username"] for role in anna.get(f"{here}/roles").json()["result"]
    ] == ["ipt", "anna", "bert"]
    for body in ({"role": "OWNER"}, {"role": "KING"}, {}):
        assert anna.post(f"{here}/roles/bert", json=body).status_code == 400
    assert anna.post(f"{here}/roles/ipt", json={"role": "NONE"}).status_code == 400
    assert anna.delete(f"{here}/roles").ok
    assert anna.get(here).status_code == 404


def test_publish(agave: LocalAgave, ipt: Caller, anna: Caller) -> None:
    """A public system is everybody's to use, and nobody's to change."""
    assert _manage(ipt, "PUBLISH").json()["result"]["public"]

    assert _ids(anna, public="true") == ["test.storage"]
    assert (
        (anna.get(f"{ALL}/test.storage/roles/anna").json()["result"]["role"]) == "USER"
    )
    assert anna.delete(f"{ALL}/test.storage").status_code == 403
    assert _manage(anna, "UNPUBLISH").status_code == 403
    assert agave.tenant.systems.require(
        agave.tenant.profiles.identity("anna"), "test.storage", Role.USER
    )
    assert _manage(ipt, "unpublish").ok
    assert _ids(anna) == []


def test_only_trusted_accounts_publish(anna: Caller) -> None:
    """An ordinary user keeps the own systems to the people they name."""
    anna.post(ALL, json=REMOTE)

    answer = _manage(anna, "PUBLISH", "test.remote")

    assert answer.status_code == 403


def test_disable(agave: LocalAgave, ipt: Caller) -> None:
    """A disabled system is of no use until it is enabled."""
    ipt.post(f"{ALL}/test.storage/roles/anna", json={"role": "USER"})
    anna = agave.tenant.profiles
    agave.add_user("anna")
    identity = anna.identity("anna")

    assert not _manage(ipt, "DISABLE").json()["result"]["available"]

    with pytest.raises(Exception, match=r"test\.storage is disabled"):
        agave.tenant.systems.require(identity, "test.storage", Role.USER)
    assert _manage(ipt, "ENABLE").json()["result"]["available"]
    assert agave.tenant.systems.require(identity, "test.storage", Role.USER)


def test_defaults(agave: LocalAgave, ipt: Caller, anna: Caller) -> None:
    """A default is one's own, or everybody's."""
    identity = agave.tenant.profiles.identity("anna")
    with pytest.raises(Exception, match="You have no default storage system"):
        agave.tenant.systems.default(identity)
    assert _manage(ipt, "SETGLOBALDEFAULT").status_code == 400
    _manage(ipt, "PUBLISH")

    assert _manage(ipt, "SETGLOBALDEFAULT").json()["result"]["globalDefault"]
    assert _ids(anna, default="true") == ["test.storage"]
    assert agave.tenant.systems.default(identity)["id"] == "test.storage"
    assert _manage(anna, "UNSETGLOBALDEFAULT").status_code == 403

    anna.post(ALL, json=REMOTE)
    assert _manage(anna, "SETDEFAULT", "test.remote").json()["result"]["default"]
    assert agave.tenant.systems.default(identity)["id"] == "test.remote"
    assert _manage(anna, "UNSETDEFAULT", "test.remote").ok
    assert _manage(anna, "UNSETDEFAULT", "test.remote").ok
    assert agave.tenant.systems.default(identity)["id"] == "test.storage"

    _manage(ipt, "UNPUBLISH")
    assert _ids(anna, default="true") == []


def test_list_by_type(ipt: Caller) -> None:
    """A list is narrowed by type and paged."""
    assert _ids(ipt, type="execution") == ["test.execution"]
    assert _ids(ipt, type="STORAGE") == ["test.storage"]
    assert _ids(ipt, offset="1") == ["test.execution"]


def test_delete(ipt: Caller) -> None:
    """A deleted system is gone."""
    assert ipt.delete(f"{ALL}/test.storage").ok

    assert ipt.get(f"{ALL}/test.storage").status_code == 404


def test_the_id_of_a_deleted_system(agave: LocalAgave, ipt: Caller) -> None:
    """The files of a deleted system stay, and are nobody else's."""
    ipt.delete(f"{ALL}/test.storage").raise_for_status()
    other = Identity("other", frozenset({SERVICE_ROLE}))

    with pytest.raises(Forbidden, match="choose another id"):
        agave.tenant.systems.add(other, STORAGE)
    assert ipt.post(ALL, json=STORAGE).status_code == 201


@pytest.mark.usefixtures("ipt")
def test_administrators_run_all_systems(agave: LocalAgave) -> None:
    """An administrator of the tenant administers every system."""
    admin = agave.client("admin")

    assert _ids(admin) == ["test.storage", "test.execution"]
    assert _manage(admin, "DISABLE").ok


def test_bad_action(ipt: Caller) -> None:
    """An action that there is not is refused."""
    assert _manage(ipt, "EXPLODE").status_code == 400

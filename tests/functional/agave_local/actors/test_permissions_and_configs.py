"""Permissions of actors; configs."""

import ast
from typing import Any

import pytest

NO_ACTOR = "Not authorized -- you do not have access to this actor."
NO_CONFIG = "You do not have sufficient access to this actor config."


def _configs(abaco: Any, client: Any, actor_id: str) -> Any:
    seen = abaco.ask(client, actor_id, {"environment": True}).json()
    return ast.literal_eval(seen["_actor_configs"])


def test_permissions(abaco: Any, actor_id: str, result: Any) -> None:
    """A permission is shown, added and taken away by NONE."""
    ipt = abaco.client("ipt")
    address = f"/actors/v2/{actor_id}/permissions"

    before = ipt.get(address)
    added = ipt.post(address, json={"user": "ada", "level": "READ"})
    taken = ipt.post(address, json={"user": "ada", "level": "NONE"})

    assert before.json()["message"] == "Permissions retrieved successfully."
    assert result(before) == {"ipt": "UPDATE"}
    assert added.json()["message"] == "Permission added successfully."
    assert result(added) == {"ipt": "UPDATE", "ada": "READ"}
    assert result(taken) == {"ipt": "UPDATE", "ada": "NONE"}


def test_permission_refusals(abaco: Any, actor_id: str, refusal: Any) -> None:
    """A level that is none and a missing user are refused."""
    ipt = abaco.client("ipt")
    address = f"/actors/v2/{actor_id}/permissions"

    assert refusal(ipt.post(address, json={"user": "x", "level": "FOO"})) == (
        400,
        (
            "Invalid permission level: FOO.             The valid values are "
            "('NONE', 'READ', 'EXECUTE', 'UPDATE')"
        ),
    )
    assert refusal(ipt.post(address, json={"level": "READ"})) == (
        400,
        "Invalid permissions description: {'user': 'User owning the permission.'}",
    )


@pytest.mark.parametrize(
    ("level", "read", "execute", "update"),
    [
        ("NONE", False, False, False),
        ("READ", True, False, False),
        ("EXECUTE", True, True, False),
        ("UPDATE", True, True, True),
    ],
)
def test_levels(
    abaco: Any, actor_id: str, level: str, *, read: bool, execute: bool, update: bool
) -> None:
    """Each level allows what it says, and what the lower ones do."""
    ipt, ada = abaco.client("ipt"), abaco.client("ada")
    address = f"/actors/v2/{actor_id}"
    ipt.post(f"{address}/permissions", json={"user": "ada", "level": level})

    answers = (
        ada.get(address),
        ada.post(f"{address}/messages", json={"a": 1}),
        ada.delete(f"{address}/messages"),
    )

    allowed = tuple(answer.status_code == 200 for answer in answers)
    assert allowed == (read, execute, update)


def test_world(abaco: Any, actor_id: str) -> None:
    """The world's name opens an actor to everybody, as Abaco has it."""
    ipt = abaco.client("ipt")
    ipt.post(
        f"/actors/v2/{actor_id}/permissions",
        json={"user": "ABACO_WORLD", "level": "EXECUTE"},
    )

    answer = abaco.client("ada").post(f"/actors/v2/{actor_id}/messages", json={"a": 1})

    assert answer.status_code == 200


def test_administrator(abaco: Any, actor_id: str, result: Any) -> None:
    """An administrator needs no permission."""
    assert result(abaco.client("admin").get(f"/actors/v2/{actor_id}"))


def test_config(abaco: Any, actor_id: str, result: Any, refusal: Any) -> None:
    """A config is made, shown, listed, replaced and deleted."""
    ipt = abaco.client("ipt")
    ipt.post("/actors/v2/aliases", json={"alias": "al.1", "actorId": actor_id})
    config = {
        "name": "cfg",
        "value": '{"a":1}',
        "isSecret": False,
        "actors": f"{actor_id},al.1",
    }

    made = ipt.post("/actors/v2/configs", json=config)

    assert made.json()["message"] == "Actor config created successfully."
    assert result(made) == config
    shown = ipt.get("/actors/v2/configs/cfg")
    assert shown.json()["message"] == "Config retrieved successfully."
    assert result(shown) == config
    listed = ipt.get("/actors/v2/configs")
    assert listed.json()["message"] == "Actor Configs retrieved successfully."
    assert result(listed) == [config]
    strangers = abaco.client("ada").get("/actors/v2/configs")
    assert result(strangers) == [{k: v for k, v in config.items() if k != "value"}]
    ipt.post(
        "/actors/v2/configs/cfg/permissions", json={"user": "ada", "level": "READ"}
    )
    assert result(abaco.client("ada").get("/actors/v2/configs")) == [config]
    changed = ipt.put("/actors/v2/configs/cfg", json=config | {"value": "new"})
    assert changed.json()["message"] == "Actor config updated successfully."
    assert result(changed)["value"] == "new"
    gone = ipt.delete("/actors/v2/configs/cfg")
    assert gone.json()["message"] == "Actor config cfg deleted successfully."
    assert refusal(ipt.get("/actors/v2/configs/cfg")) == (
        404,
        "No config found: cfg.",
    )


def test_secret_config(abaco: Any, actor_id: str, result: Any) -> None:
    """A secret is nowhere but in the executions of its actors."""
    ipt = abaco.client("ipt")
    other = abaco.register(ipt)
    config = {"name": "sec", "value": "s3cr3t", "isSecret": True, "actors": actor_id}

    made = result(ipt.post("/actors/v2/configs", json=config))

    assert made["value"].startswith("gAAAA")
    assert _configs(abaco, ipt, actor_id) == {"sec": "s3cr3t"}
    assert _configs(abaco, ipt, other) == {}
    data = abaco.agave.tenant.settings.data
    key = data / "secrets" / "abaco.key"
    assert key.stat().st_mode & 0o777 == 0o600
    kept = (path for path in data.glob("tenant.sqlite*"))
    assert not any(b"s3cr3t" in path.read_bytes() for path in kept)


def test_configs_follow_changes(abaco: Any, actor_id: str) -> None:
    """The next execution sees a changed config, and one by a new alias."""
    ipt = abaco.client("ipt")
    other = abaco.register(ipt)
    ipt.post("/actors/v2/aliases", json={"alias": "al.1", "actorId": other})
    config = {"name": "cfg", "value": "1", "isSecret": False, "actors": "al.1"}
    ipt.post("/actors/v2/configs", json=config)
    before = _configs(abaco, ipt, actor_id)

    ipt.put("/actors/v2/aliases/al.1", json={"actorId": actor_id})
    moved = _configs(abaco, ipt, actor_id)
    ipt.put("/actors/v2/configs/cfg", json=config | {"value": "2"})
    changed = _configs(abaco, ipt, actor_id)
    ipt.delete("/actors/v2/configs/cfg")

    assert (before, moved, changed) == ({}, {"cfg": "1"}, {"cfg": "2"})
    assert _configs(abaco, ipt, actor_id) == {}


def test_config_refusals(abaco: Any, actor_id: str, refusal: Any) -> None:
    """A config that is taken, incomplete or for nobody is refused."""
    ipt = abaco.client("ipt")
    config = {"name": "cfg", "value": "x", "isSecret": False, "actors": actor_id}
    ipt.post("/actors/v2/configs", json=config)

    def add(**changed: Any) -> tuple[int, str]:
        body = {k: v for k, v in (config | changed).items() if v is not None}
        told: tuple[int, str] = refusal(ipt.post("/actors/v2/configs", json=body))
        return told

    assert add() == (
        400,
        "Config cfg already exists; please choose another name for your config",
    )
    assert add(name="c2", actors="zzz") == (
        404,
        "No actor or alias found with id: zzz.",
    )
    assert add(name="c2", value=None) == (
        400,
        (
            "Invalid config description. Missing required field: {'value': 'The value "
            "of the config; JSON Serializable. Set as the ENV VAR value.'}"
        ),
    )
    assert add(name="a/b") == (
        400,
        "Invalid config description. A name has 1 to 200 characters, no '/'.",
    )
    renamed = ipt.put("/actors/v2/configs/cfg", json=config | {"name": "c2"})
    assert refusal(renamed) == (
        400,
        "Invalid config description. The name of a config cannot be changed.",
    )


def test_config_permissions(
    abaco: Any, actor_id: str, result: Any, refusal: Any
) -> None:
    """A config is its maker's, and nobody feeds a stranger's actor."""
    ipt, ada = abaco.client("ipt"), abaco.client("ada")
    config = {"name": "cfg", "value": "x", "isSecret": False, "actors": actor_id}
    ipt.post("/actors/v2/configs", json=config)
    address = "/actors/v2/configs/cfg"

    feeding = ada.post("/actors/v2/configs", json=config | {"name": "mine"})
    assert refusal(feeding) == (400, NO_ACTOR)
    for answer in (
        ada.get(address),
        ada.put(address, json=config),
        ada.delete(address),
        ada.get(f"{address}/permissions"),
        ada.post(f"{address}/permissions", json={"user": "ada", "level": "UPDATE"}),
    ):
        assert refusal(answer) == (400, NO_CONFIG)
    assert result(ipt.get(f"{address}/permissions")) == {"ipt": "UPDATE"}
    granted = ipt.post(f"{address}/permissions", json={"user": "ada", "level": "READ"})
    assert result(granted) == {"ipt": "UPDATE", "ada": "READ"}
    assert result(ada.get(address)) == config
    assert refusal(ada.delete(address)) == (400, NO_CONFIG)

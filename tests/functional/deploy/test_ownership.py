"""Deploying beside somebody who registered under our names, and lent us the rights."""

from collections.abc import Callable
from typing import Any

import pytest

from agave_deploy.bundle.models import Manifest
from agave_deploy.errors import TenantOccupied
from agave_deploy.upkeep.deployment import Deployment
from agave_local.testing import Caller, LocalAgave

Deploy = Callable[..., Deployment]
UPDATE = {"user": "ipt", "level": "UPDATE"}


def ignore(_line: str) -> None:
    """Take a step's line and do nothing with it."""


def _made(answer: Any) -> Any:
    assert answer.ok, answer.text
    return answer.json()["result"]


def _make_actor(stranger: Caller, name: str) -> str:
    """Register an actor that `ipt` may do everything with; return its id."""
    actor = {"name": name, "image": "ipt/webterm", "stateless": True}
    made: str = _made(stranger.post("/actors/v2", json=actor))["id"]
    _made(stranger.post(f"/actors/v2/{made}/permissions", json=UPDATE))
    return made


@pytest.fixture
def stranger(agave: LocalAgave) -> Caller:
    """Return somebody else; one whom the tenant lets register our images."""
    return agave.client("admin")


def _assert_refused(agave: LocalAgave, deploy: Deploy, *named: str) -> None:
    """Neither apply nor plan goes on, both say why, and the tenant gets nothing."""

    def apply() -> object:
        return deploy().apply(ignore)

    for refused in (apply, deploy().plan):
        with pytest.raises(TenantOccupied) as caught:
            refused()
        for part in (*named, "admin", "administrator of the tenant can delete it"):
            assert part in str(caught.value)
    ipt = agave.client("ipt")
    configs = _made(ipt.get("/actors/v2/configs"))
    assert [each["name"] for each in configs if each["isSecret"]] == []
    assert [a for a in _made(ipt.get("/actors/v2")) if a["owner"] == "ipt"] == []


def test_actor_of_our_name(agave: LocalAgave, deploy: Deploy, stranger: Caller) -> None:
    """A stranger's actor of our name is not adopted, whatever rights it lends."""
    actor = _make_actor(stranger, "ipt-dev-webterm")

    _assert_refused(agave, deploy, "ipt-dev-webterm", actor)

    assert stranger.delete(f"/actors/v2/{actor}").ok
    deploy().apply(ignore)
    assert str(deploy().plan()) == "nothing to do"


def test_alias_of_our_name(agave: LocalAgave, deploy: Deploy, stranger: Caller) -> None:
    """A stranger's alias of our name is not pointed elsewhere, though we may."""
    actor = _make_actor(stranger, "harmless")
    alias = {"alias": "dev-webterm", "actorId": actor}
    _made(stranger.post("/actors/v2/aliases", json=alias))
    _made(stranger.post("/actors/v2/aliases/dev-webterm/permissions", json=UPDATE))

    _assert_refused(agave, deploy, "alias dev-webterm")

    found = _made(stranger.get("/actors/v2/aliases/dev-webterm"))
    assert found["actorId"] == actor


@pytest.mark.parametrize("lent", [True, False])
def test_config_of_our_name(
    agave: LocalAgave, deploy: Deploy, stranger: Caller, *, lent: bool
) -> None:
    """A config that somebody else may change is not used for our functions."""
    actor = _make_actor(stranger, "harmless")
    config = {"name": "dev-settings", "value": "{}", "isSecret": False}
    _made(stranger.post("/actors/v2/configs", json=config | {"actors": actor}))
    if lent:
        path = "/actors/v2/configs/dev-settings/permissions"
        _made(stranger.post(path, json=UPDATE))
        _assert_refused(agave, deploy, "config dev-settings", "changed by admin")
    else:
        _assert_refused(agave, deploy, "config dev-settings", "by somebody else")


def test_system_of_our_name(
    agave: LocalAgave, deploy: Deploy, manifest: Manifest, stranger: Caller
) -> None:
    """A stranger's system of our name gets no files of ours."""
    system = next(each for each in manifest.systems if each.id == "ipt.storage")
    _made(stranger.post("/systems/v2", json=dict(system.document)))
    role = {"role": "ADMIN"}
    _made(stranger.post("/systems/v2/ipt.storage/roles/ipt", json=role))

    _assert_refused(agave, deploy, "system ipt.storage")


def test_app_of_our_name(
    agave: LocalAgave, deploy: Deploy, manifest: Manifest, stranger: Caller
) -> None:
    """A stranger's app of our name is not offered to our members."""
    app = manifest.apps[0]
    machine = next(each for each in manifest.systems if each.runs_jobs)
    storage = next(each for each in manifest.systems if each.id == "ipt.storage")
    for system, name in ((machine, "own.machine"), (storage, "own.storage")):
        _made(stranger.post("/systems/v2", json={**system.document, "id": name}))
    places = {"executionSystem": "own.machine", "deploymentSystem": "own.storage"}
    _made(stranger.post("/apps/v2", json={**app.document, **places}))
    pem = {"permission": "ALL"}
    _made(stranger.post(f"/apps/v2/{app.id}/pems/ipt", json=pem))

    _assert_refused(agave, deploy, f"app {app.id}")


def test_own_alias_of_foreign_actor(
    agave: LocalAgave, deploy: Deploy, stranger: Caller
) -> None:
    """Our alias that means a stranger's actor gets an actor of ours."""
    foreign = _make_actor(stranger, "harmless")
    ipt = agave.client("ipt")
    alias = {"alias": "dev-webterm", "actorId": foreign}
    _made(ipt.post("/actors/v2/aliases", json=alias))

    deploy().apply(ignore)

    found = _made(ipt.get("/actors/v2/dev-webterm"))
    assert (found["owner"], found["name"]) == ("ipt", "ipt-dev-webterm")
    assert str(deploy().plan()) == "nothing to do"

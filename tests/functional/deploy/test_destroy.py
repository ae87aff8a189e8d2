"""An instance is taken off its tenant: what goes, what stays."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.errors import ManifestError, TenantUnreachable
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.vault import Vault
from agave_deploy.upkeep.deployment import Deployment
from agave_local.testing import LocalAgave, in_process_agave

Deploy = Callable[..., Deployment]
LISTINGS = ("/systems/v2", "/apps/v2", "/actors/v2", "/actors/v2/aliases")


@pytest.fixture
def agave(tmp_path: Path) -> Iterator[LocalAgave]:
    """Yield a tenant in this process."""
    with in_process_agave(tmp_path / "data") as agave:
        for name in ("ipt", "ada", "grace"):
            agave.add_user(name)
        yield agave


def ignore(_line: str) -> None:
    """Take a step's line and do nothing with it."""


def read(agave: LocalAgave, path: str) -> list[dict[str, Any]]:
    """Return what the service account sees."""
    found: list[dict[str, Any]] = agave.client("ipt").get(path).json()["result"]
    return found


def make_home(agave: LocalAgave) -> None:
    """Make what people leave on a tenant: a home, a terminal's record, a request."""
    ipt = agave.client("ipt")
    path = "/files/v2/media/system/ipt.storage"
    assert ipt.put(path, json={"action": "mkdir", "path": "ada"}).ok
    for name, value in {
        "ada-dev-IPT": {"status": "READY"},
        "ipt-dev-request-ada-1": {"job_id": "1"},
        "ipt-dev-session-1": {},
        "ipt-dev-2-session-1": {},
    }.items():
        assert ipt.post("/meta/v2/data", json={"name": name, "value": value}).ok


def test_destroy_keeps_data(agave: LocalAgave, deploy: Deploy) -> None:
    """Everything that was deployed goes; homes and what people did stay."""
    deploy().apply(ignore)
    make_home(agave)
    removal = deploy().removal(with_data=False)

    removal.run(ignore)

    left = {path: [each.get("id") for each in read(agave, path)] for path in LISTINGS}
    assert left == {**{path: [] for path in LISTINGS}, "/systems/v2": ["ipt.storage"]}
    assert read(agave, "/actors/v2/configs") == []
    assert {each["name"] for each in read(agave, "/meta/v2/data")} == {
        "ada-dev-IPT",
        "ipt-dev-request-ada-1",
    }
    homes = read(agave, "/files/v2/listings/system/ipt.storage/")
    assert "ada" in {each["name"] for each in homes}
    text = str(removal)
    assert "- actor ipt-dev-terminal" in text
    assert "the homes, on the system ipt.storage" in text
    assert "1 terminals that run now" in text


def test_destroy_with_data(agave: LocalAgave, deploy: Deploy) -> None:
    """Where that is asked for, homes and records go, too."""
    deploy().apply(ignore)
    make_home(agave)

    deploy().removal(with_data=True).run(ignore)

    assert read(agave, "/systems/v2") == []
    assert read(agave, "/meta/v2/data") == []


def test_destroy_of_one_of_two(
    agave: LocalAgave, deploy: Deploy, profile: Profile, tmp_path: Path
) -> None:
    """What another instance uses, too, stays with it; nothing of that one goes."""
    deploy().apply(ignore)
    secrets = tmp_path / "others"
    Vault(secrets).write("service-account", "correct horse battery")
    second = replace(profile, instance="dev-2", secrets=secrets)
    other = deploy(None, None, second)
    theirs = Deployment(
        other._manifest, second, Vault(secrets), deploy(None, None, second).client
    )
    theirs.apply(ignore)
    make_home(agave)

    removal = deploy().removal(with_data=True)
    removal.run(ignore)

    names = {each["name"] for each in read(agave, "/actors/v2")}
    assert names
    assert {name for name in names if not name.startswith("ipt-dev-2-")} == set()
    assert len(read(agave, "/systems/v2")) == 5
    assert "the instance dev-2 uses them, too" in str(removal)
    documents = {each["name"] for each in read(agave, "/meta/v2/data")}
    assert documents == {"ipt-dev-2-session-1", "ipt-dev-2-releases"}


def test_destroy_goes_on(
    deploy: Deploy, agave: LocalAgave, counting: Callable[..., Any]
) -> None:
    """One that was cut off is finished by the next."""
    deploy().apply(ignore)
    with pytest.raises(TenantUnreachable):
        deploy(counting(breaks_at=20)).removal(with_data=False).run(ignore)

    deploy().removal(with_data=False).run(ignore)

    assert read(agave, "/actors/v2") == []


def test_destroy_then_apply(deploy: Deploy) -> None:
    """A tenant from which it was taken off can be deployed to again."""
    deploy().apply(ignore)
    deploy().removal(with_data=False).run(ignore)
    deploy().forget()

    deploy().apply(ignore)

    assert str(deploy().plan()) == "nothing to do"


def test_destroy_nothing(deploy: Deploy) -> None:
    """Where nothing was deployed there is nothing to take off."""
    with pytest.raises(ManifestError, match="Nothing is deployed there"):
        deploy().removal(with_data=False)

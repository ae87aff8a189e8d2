"""The schedule at work: tenant, culler, terminal, records, all of them real."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.profiles.profile import Profile
from agave_deploy.upkeep.deployment import Deployment
from agave_local.clock import MovableClock
from agave_local.testing import LocalAgave, in_process_agave, served_agave

Deploy = Callable[..., Deployment]
TRANSPORTS = {"in_process": in_process_agave, "served": served_agave}
IMAGES = {"ipt/terminal": "functions.terminal", "ipt/culler": "functions.culler"}


@pytest.fixture(params=list(TRANSPORTS))
def agave(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalAgave]:
    """Yield a tenant that runs the two functions, and whose clock can be moved."""
    run = TRANSPORTS[request.param]
    clock = MovableClock()
    with run(tmp_path / "data", clock=clock, images=IMAGES) as agave:
        for name in ("ipt", "ada", "grace"):
            agave.add_user(name)
        yield agave


@pytest.fixture
def deployed(
    agave: LocalAgave, deploy: Deploy, profile: Profile, tmp_path: Path
) -> LocalAgave:
    """Return the tenant, with everything deployed and a folder for terminals."""
    settings = {
        "terminal_host": "process",
        "terminal_home_root": str(tmp_path / "homes"),
        "terminal_dir": str(tmp_path / "terminals"),
        "ipt_python": "/usr/bin/python3",
    }
    changed = replace(profile, settings=settings, systems=())
    deploy(changed_profile=changed).apply(lambda _line: None)
    return agave


def write(agave: LocalAgave, user: str, **value: str) -> None:
    """Write somebody's record."""
    name = f"{user}-dev-IPT"
    record = {"name": name, "user": user, "launch": "l", **value}
    body = {"name": name, "value": record}
    assert agave.client("ipt").post("/meta/v2/data", json=body).ok


def read(agave: LocalAgave, user: str) -> dict[str, str]:
    """Return somebody's record."""
    query = {"q": json.dumps({"name": f"{user}-dev-IPT"})}
    (item,) = agave.client("ipt").get("/meta/v2/data", params=query).json()["result"]
    assert isinstance(item["value"], dict)
    return item["value"]


def test_schedule_sweeps(deployed: LocalAgave) -> None:
    """An hour later what had ended or hung is told of, and all else is as it was."""
    write(deployed, "ada", status="READY", host="process 127.0.0.1", url="ws://x/")
    write(deployed, "grace", status="SUBMITTED", deadline="2020-01-01T00:00:00.000Z")
    write(deployed, "alan", status="STOPPED")
    before = read(deployed, "alan")

    deployed.move(3600)
    deployed.settle()

    assert read(deployed, "ada")["status"] == "STOPPED"
    assert read(deployed, "ada")["reason"] == "The terminal has ended."
    assert read(deployed, "grace")["status"] == "ERROR"
    assert read(deployed, "alan") == before
    assert counts(deployed)["looked_at"] == 3


def counts(agave: LocalAgave) -> dict[str, Any]:
    """Return what the last run of the schedule answered.

    The schedule begins with the hour that it was deployed in, so a run of its own may
    come before the one that the moved clock brings.
    """
    ipt = agave.client("ipt")
    path = "/actors/v2/dev-culler/executions"
    executions = ipt.get(path).json()["result"]["executions"]
    last = max(executions, key=itemgetter("startTime"))
    frame = ipt.get(f"{path}/{last['id']}/results").json()
    assert frame["status"] == 200
    return dict(frame["body"])

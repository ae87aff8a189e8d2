"""A function with a schedule, on a tenant that follows it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agave_deploy.bundle.models import Manifest
from agave_deploy.upkeep.deployment import Deployment
from agave_local.testing import LocalAgave

Deploy = Callable[..., Deployment]
CULLER = "/actors/v2/dev-culler"


def ignore(_line: str) -> None:
    """Take a step's line and do nothing with it."""


def culler_of(agave: LocalAgave) -> dict[str, Any]:
    """Return the actor of the culler."""
    found: dict[str, Any] = agave.client("ipt").get(CULLER).json()["result"]
    return found


def with_cron(manifest: Manifest, cron: str) -> Manifest:
    """Return the registrations with another schedule of the culler."""
    functions = tuple(
        replace(each, cron=cron) if each.name == "culler" else each
        for each in manifest.functions
    )
    return replace(manifest, functions=functions)


def test_apply_registers_the_schedule(agave: LocalAgave, deploy: Deploy) -> None:
    """The culler has its schedule, switched on, and no other function has one."""
    deploy().apply(ignore)

    actors = agave.client("ipt").get("/actors/v2").json()["result"]
    on = {each["name"]: each["cronSchedule"] for each in actors if each["cronOn"]}
    assert on == {"ipt-dev-culler": "now + 1 hour"}


def test_apply_changed_schedule(
    agave: LocalAgave, deploy: Deploy, manifest: Manifest
) -> None:
    """Another schedule is one step, and then there is nothing left to do."""
    deploy().apply(ignore)
    changed = with_cron(manifest, "now + 2 hours")
    lines: list[str] = []

    deploy(changed_manifest=changed).apply(lines.append)

    assert lines == ["~ actor ipt-dev-culler: cronSchedule"]
    assert culler_of(agave)["cronSchedule"] == "now + 2 hours"
    assert culler_of(agave)["cronOn"] is True
    assert str(deploy(changed_manifest=changed).plan()) == "nothing to do"


def test_apply_no_schedule_any_more(
    agave: LocalAgave, deploy: Deploy, manifest: Manifest
) -> None:
    """A schedule that was taken out of the list does not go on."""
    deploy().apply(ignore)
    lines: list[str] = []

    deploy(changed_manifest=with_cron(manifest, "")).apply(lines.append)

    assert lines == ["~ actor ipt-dev-culler: cronOn"]
    assert culler_of(agave)["cronOn"] is False


def test_schedule_that_was_switched_off(agave: LocalAgave, deploy: Deploy) -> None:
    """A schedule that somebody switched off by hand is switched on again."""
    deploy().apply(ignore)
    ipt = agave.client("ipt")
    wanted = culler_of(agave)
    document = {key: wanted[key] for key in ("image", "cronSchedule", "name")}
    assert ipt.put(CULLER, json={**document, "cronOn": False}).ok

    deploy().apply(ignore)

    assert culler_of(agave)["cronOn"] is True


def test_only_administrators_may_send(agave: LocalAgave, deploy: Deploy) -> None:
    """Of the members, administrators alone may send the culler messages."""
    deploy().apply(ignore)

    users = agave.client("ipt").get(f"{CULLER}/permissions").json()["result"]
    assert users == {"ipt": "UPDATE", "grace": "EXECUTE"}

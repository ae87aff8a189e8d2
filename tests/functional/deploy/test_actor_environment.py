"""Actors have no variables, whatever somebody gives them by hand (decision 0036)."""

from collections.abc import Callable

from agave_deploy.upkeep.deployment import Deployment
from agave_local.testing import LocalAgave

Deploy = Callable[..., Deployment]


def test_variable_by_hand_is_taken_back(agave: LocalAgave, deploy: Deploy) -> None:
    """A variable that somebody gave an actor is shown by a plan, and taken back."""
    deploy().apply(lambda _line: None)
    ipt = agave.client("ipt")
    address = "/actors/v2/dev-files"
    found = ipt.get(address).json()["result"]
    body = {"image": found["image"], "defaultEnvironment": {"HTTP_PROXY": "http://x/"}}
    changed = ipt.put(address, json={**body, "token": True, "hints": found["hints"]})
    assert changed.ok, changed.text

    plan = str(deploy().plan())
    deploy().apply(lambda _line: None)

    assert "~ actor ipt-dev-files" in plan
    assert "defaultEnvironment" in plan
    assert ipt.get(address).json()["result"]["defaultEnvironment"] == {}
    assert str(deploy().plan()) == "nothing to do"

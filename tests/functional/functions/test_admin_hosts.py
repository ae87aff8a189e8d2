"""The function `admin`: hosts that drain."""

from typing import Any

import pytest

from functions.terminal.app import app as terminal_app
from iptweb.errors import HostsFull
from iptweb.settings import Configs
from iptweb.terminals.drains import Drain, drain_hosts
from iptweb.testing import FakeHost, FakeTenant, FunctionClient, make_configs

from .administrator import Administrator

HERE = "this-machine"
ENGINE = "unix:///run/engine.sock"
FAR = [
    {"name": "a", "engine": ENGINE, "capacity": 4},
    {"name": "b", "engine": ENGINE, "drain": True},
]


def start(grace: Administrator, user: str) -> Any:
    """Have a user press Start; return the terminal."""
    client = FunctionClient(
        terminal_app, grace.tenant, host=grace.host, username=user, **grace.settings
    )
    return client.send("{'command': 'START'}").body


def test_one_machine(grace: Administrator) -> None:
    """Without execution hosts there is this machine, with all that runs."""
    grace.start("ada", "bob")

    (host,) = grace.get("/hosts").body["hosts"]

    assert host == {
        "name": HERE,
        "capacity": None,
        "terminals": 2,
        "drained": False,
        "drained_by": "",
        "drained_since": "",
        "drained_in_settings": False,
    }


def test_several_hosts(tenant: FakeTenant) -> None:
    """Each execution host has its own numbers, and what the settings drain."""
    grace = Administrator(tenant, FakeHost("a"), terminal_hosts=FAR)
    grace.start("ada")

    a, b = grace.get("/hosts").body["hosts"]

    assert (a["name"], a["capacity"], a["terminals"], a["drained"]) == (
        "a",
        4,
        1,
        False,
    )
    assert (b["name"], b["terminals"], b["drained"]) == ("b", 0, True)
    assert (b["drained_in_settings"], b["drained_by"]) == (True, "")


def test_drain(grace: Administrator, host: FakeHost) -> None:
    """What runs stays; who comes after waits in line, and is told so."""
    grace.start("ada")

    answer = grace.do(f"/hosts/{HERE}/drain")

    assert (answer.status, answer.body["drained"]) == (200, True)
    assert answer.body["drained_by"] == "grace"
    assert start(grace, "ada")["status"] == "READY"
    waiting = start(grace, "bob")
    assert (waiting["status"], waiting["position"]) == ("PENDING", 1)
    assert "taken out of service" in waiting["message"]
    assert list(host.terminals) == ["ada-test-IPT"]


def test_drained_machine_gives_back_no_place(grace: Administrator) -> None:
    """Who restarts a terminal there waits in line, too."""
    grace.start("ada")
    grace.do(f"/hosts/{HERE}/drain")

    answer = grace.do("/terminals/ada/restart")

    assert answer.body["status"] == "PENDING"


def test_undrain(grace: Administrator, host: FakeHost) -> None:
    """Afterwards the host takes terminals again, those in line first."""
    grace.do(f"/hosts/{HERE}/drain")
    start(grace, "bob")

    answer = grace.do(f"/hosts/{HERE}/undrain")

    assert answer.body["drained"] is False
    assert start(grace, "bob")["status"] == "READY"
    assert list(host.terminals) == ["bob-test-IPT"]


def test_drain_twice(grace: Administrator) -> None:
    """Draining what drains, and taking what takes, changes nothing."""
    first = grace.do(f"/hosts/{HERE}/drain").body
    grace.client.now += 60
    second = grace.do(f"/hosts/{HERE}/drain").body
    documents = [i for i in grace.tenant.metadata if i.name == "ipt-test-drain"]

    assert second["drained_since"] == first["drained_since"]
    assert len(documents) == 1
    for _ in range(2):
        assert grace.do(f"/hosts/{HERE}/undrain").body["drained"] is False


def test_drain_that_comes_again_after_an_undrain(grace: Administrator) -> None:
    """A late second delivery does not drain a host that somebody opened again."""
    grace.do(f"/hosts/{HERE}/drain", request_id="request-x1")
    grace.do(f"/hosts/{HERE}/undrain")

    grace.do(f"/hosts/{HERE}/drain", request_id="request-x1")

    assert grace.get("/hosts").body["hosts"][0]["drained"] is False
    assert [name for name, _, _ in grace.audited()] == ["undrain", "drain"]


def test_host_that_the_settings_drain(tenant: FakeTenant) -> None:
    """An administrator's own drain goes; that of the settings is a deployment's."""
    grace = Administrator(tenant, FakeHost("a"), terminal_hosts=FAR)
    assert grace.do("/hosts/b/drain").body["drained_by"] == "grace"

    answer = grace.do("/hosts/b/undrain")

    assert answer.code == "conflict"
    assert "deploy" in answer.message
    assert grace.get("/hosts").body["hosts"][1]["drained_by"] == ""


def test_machine_that_the_settings_drain(tenant: FakeTenant) -> None:
    """On one machine the setting is `terminal_drain`."""
    grace = Administrator(tenant, FakeHost(), terminal_drain=True)

    assert start(grace, "ada")["status"] == "PENDING"
    assert grace.get("/hosts").body["hosts"][0]["drained_in_settings"] is True


@pytest.mark.parametrize("action", ["drain", "undrain"])
@pytest.mark.parametrize("name", ["a", "fake 127.0.0.1", "THIS-MACHINE"])
def test_no_such_host(grace: Administrator, name: str, action: str) -> None:
    """A name that the settings don't know is refused, and the known ones are told."""
    answer = grace.do(f"/hosts/{name}/{action}")

    assert answer.code == "not_found"
    assert answer.message == f"There is no such host; there is {HERE}."
    assert grace.audited() == []


def test_forged_drain(grace: Administrator) -> None:
    """A document that a user made drains nothing; nor does a damaged one of ours."""
    value = {"host": HERE, "by": "eve", "since": ""}
    made = grace.tenant.as_user("eve").add_metadata("ipt-test-drain", value)
    grace.tenant.as_user("eve").share_metadata(made.uuid, "ipt", "READ")
    grace.tenant.as_user("ipt").add_metadata("ipt-test-drain", {"host": None})

    assert grace.get("/hosts").body["hosts"][0]["drained"] is False
    assert start(grace, "ada")["status"] == "READY"


def test_settings_with_drains() -> None:
    """Only the hosts that are named drain; without any the settings are the same."""
    known = Configs(make_configs(terminal_hosts=FAR)).settings()
    drained = drain_hosts(known, {"a": Drain("a", "grace", "")})

    assert drain_hosts(known, {}) is known
    assert [host.drain for host in known.terminals.hosts] == [False, True]
    assert [host.drain for host in drained.terminals.hosts] == [True, True]
    assert drained.terminals.drain is False


def test_full_and_drained_are_told_apart(host: FakeHost, grace: Administrator) -> None:
    """Where a host is full, nobody is told that it is out of service."""
    host.launch_failure = HostsFull("Full.")

    waiting = start(grace, "ada")

    assert waiting["status"] == "PENDING"
    assert "out of service" not in waiting["message"]

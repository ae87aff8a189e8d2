"""What a container is told: names, labels, walls."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from iptweb.settings import TerminalLimits
from iptweb.terminals.host import LaunchRequest
from iptweb.terminals.host.containers.engine import walls
from iptweb.terminals.host.containers.order import (
    Account,
    Mount,
    Order,
    Scope,
    order_terminal,
)

REQUEST = LaunchRequest(
    name="alice-dev-IPT",
    user="alice",
    launch="launch-1",
    home=Path("/homes/alice"),
    origins=("https://site.example",),
    ticket_public_key="a public key",
    idle_s=60,
    max_age_s=120,
)
SCOPE = Scope("dev", "/homes")


def order(**changes: object) -> Order:
    """Return the order of Alice's terminal."""
    return order_terminal(
        replace(REQUEST, **changes),  # type: ignore[arg-type]
        SCOPE,
        image="image",
        network="none",
        account=Account(1000, 1000),
        limits=TerminalLimits(),
        mounts=(Mount("/homes/alice", "/home/ipt", writable=True),),
        url="ws://127.0.0.1:4711/",
        door="",
        started=1700000000.25,
    )


def test_server_is_told_what_it_needs() -> None:
    """The launch variable has everything, and a filter for each kind of processor."""
    told = json.loads(order().environment["IPT_LAUNCH"])
    filters = told.pop("filters")

    assert told == {
        "name": "alice-dev-IPT",
        "user": "alice",
        "launch": "launch-1",
        "home": "/home/ipt",
        "shell": ["/bin/bash", "-l"],
        "handover": "/run/ipt/door.sock",
        "ticket_public_key": "a public key",
        "origins": ["https://site.example"],
        "replay_bytes": 1 << 20,
        "idle_s": 60,
        "max_age_s": 120,
    }
    assert filters.keys() == {"x86_64", "aarch64"}
    assert all(len(base64.b64decode(text)) % 8 == 0 for text in filters.values())


def test_labels_say_all_that_a_host_must_know() -> None:
    """A process that knows nothing finds it, and knows whose it is."""
    assert order().labels == {
        "ipt.terminal.scope": SCOPE.id,
        "ipt.terminal.instance": "dev",
        "ipt.terminal.role": "terminal",
        "ipt.terminal.name": "alice-dev-IPT",
        "ipt.terminal.started": "1700000000.25",
        "ipt.terminal.user": "alice",
        "ipt.terminal.launch": "launch-1",
        "ipt.terminal.url": "ws://127.0.0.1:4711/",
        "ipt.terminal.door": "",
    }


@pytest.mark.parametrize("name", ["a@b", "x" * 128, "-".join(["long"] * 30), "A.b_c"])
def test_container_names_are_docker_names(name: str) -> None:
    """Whatever a record is called, its container's name is one that engines take."""
    container = SCOPE.container(name)

    assert container.startswith("ipt-")
    assert len(container) <= 128
    assert set(container) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
    )


def test_names_never_meet() -> None:
    """Names that look alike, instances and deployments have containers of their own."""
    scopes = [SCOPE, Scope("dev", "/other"), Scope("other", "/homes")]
    names = ["a@b", "a-b", "x" * 64 + "1", "x" * 64 + "2"]

    assert len({scope.container(name) for scope in scopes for name in names}) == 12


def test_walls_do_not_depend_on_settings() -> None:
    """No capability, no privileges to gain, nothing writable, no swap, no restart."""
    config = walls(order())

    assert config["cap_drop"] == ["ALL"]
    assert config["security_opt"] == ["no-new-privileges"]
    assert config["privileged"] is False
    assert config["read_only"] is True
    assert config["network_mode"] == "none"
    assert config["ipc_mode"] == "private"
    assert config["mem_limit"] == config["memswap_limit"] == 2 << 30
    assert config["restart_policy"] == {"Name": "no"}
    assert "noexec" not in config["tmpfs"]["/tmp"]  # noqa: S108 - in the container
    assert "nosuid,nodev" in config["tmpfs"]["/tmp"]  # noqa: S108 - there, too
    assert {each["Name"]: each["Hard"] for each in config["ulimits"]} == {
        "fsize": 4 << 30,
        "nofile": 1024,
        "nproc": 512 * 32,
        "core": 0,
    }


def test_mounts_are_read_only_unless_said_otherwise() -> None:
    """Only the home can be written."""
    mounts = (
        Mount("/homes/alice", "/home/ipt", writable=True),
        Mount("/d", "/run/ipt"),
    )

    made = walls(replace(order(), mounts=mounts))["mounts"]

    assert [(one["Target"], one["ReadOnly"]) for one in made] == [
        ("/home/ipt", False),
        ("/run/ipt", True),
    ]

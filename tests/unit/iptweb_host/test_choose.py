"""Which hosts are offered, and what the one without walls refuses."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from iptweb.errors import HostUnreachable, LaunchFailed
from iptweb.secret import Secret
from iptweb.settings import Configs, EngineHost, Settings
from iptweb.terminals.host import (
    Host,
    HostPool,
    LaunchRequest,
    ProcessHost,
    SandboxHost,
    choose_host,
)
from iptweb.terminals.host.choose import Machine, no_key
from iptweb.terminals.host.identity import read_identity
from iptweb.terminals.host.process import is_loopback
from iptweb.testing import FakeHost, make_configs

PYTHON = Path(sys.executable)
FAR = {
    "name": "far",
    "engine": "ssh://ipt@192.0.2.1:22",
    "host_key": "ssh-ed25519 AAAA",
    "address": "192.0.2.1",
}
NEAR = {"name": "near", "engine": "unix:///run/x.sock", "capacity": 3, "drain": True}


def request(home: Path) -> LaunchRequest:
    """Return Alice's request."""
    return LaunchRequest("alice-dev-IPT", "alice", "l", home, (), "")


@dataclass
class Chooser:
    """Chooses on a machine that has what a test says.

    Attributes:
        engine: Its engine, and that has every image but `missing`.
        sandbox: Why it can't make a sandbox.
        made: For which engines hosts were made, and with which key.
    """

    folder: Path
    engine: str | None = None
    sandbox: str | None = None
    made: list[tuple[EngineHost, Secret | None]] = field(default_factory=list)

    def choose(self, key: Callable[[], Secret] = no_key, **settings: Any) -> HostPool:
        """Return the hosts."""
        values = {"terminal_dir": str(self.folder), **settings}
        return choose_host(
            Configs(make_configs(**values)).settings(),
            ssh_key=key,
            machine=Machine(self.find, lambda: self.sandbox, self.make),
        )

    def find(self, url: str, image: str) -> str | None:
        """Return the engine."""
        wanted = {"", self.engine}
        return self.engine if url in wanted and image != "missing" else None

    def make(self, host: EngineHost, settings: Settings, key: Secret | None) -> Host:
        """Return a host."""
        del settings
        self.made.append((host, key))
        return FakeHost(host.name)


@pytest.fixture(name="chooser")
def _chooser(tmp_path: Path) -> Chooser:
    return Chooser(tmp_path / "run")


@pytest.mark.parametrize(
    ("kind", "engine", "sandbox", "chosen"),
    [
        ("auto", "unix:///e", None, "docker"),
        ("auto", None, None, "sandbox"),
        ("auto", None, "no bwrap", "process"),
        ("docker", "unix:///e", None, "docker"),
        ("sandbox", "unix:///e", None, "sandbox"),
        ("process", "unix:///e", None, "process"),
        ("process", None, "no bwrap", "process"),
    ],
)
def test_host_is_chosen_by_setting_and_machine(
    chooser: Chooser, kind: str, engine: str | None, sandbox: str | None, chosen: str
) -> None:
    """Automatic means: the best walls that can be had."""
    chooser.engine, chooser.sandbox = engine, sandbox

    assert chooser.choose(terminal_host=kind).names == (f"{chosen} 127.0.0.1",)


def test_engine_without_the_image_is_passed_over(chooser: Chooser) -> None:
    """Automatic takes no engine that could not start a terminal."""
    chooser.engine = "unix:///e"
    pool = chooser.choose(terminal_host="auto", terminal_image="missing")

    assert pool.names == ("sandbox 127.0.0.1",)


def test_named_engine_is_taken(chooser: Chooser) -> None:
    """The engine of the settings runs the terminals of this machine."""
    chooser.engine = "unix:///mine"
    chooser.choose(terminal_host="docker", terminal_engine="unix:///mine")

    ((host, key),) = chooser.made
    assert (host.engine, host.address, key) == ("unix:///mine", "127.0.0.1", None)
    with pytest.raises(HostUnreachable):
        chooser.choose(terminal_host="docker", terminal_engine="unix:///other")


def test_demanded_engine_is_not_replaced(chooser: Chooser) -> None:
    """Who demands containers gets them or the reason why not."""
    with pytest.raises(HostUnreachable, match="none answers on this machine"):
        chooser.choose(terminal_host="docker")


def test_demanded_sandbox_is_not_replaced(chooser: Chooser) -> None:
    """Who demands walls gets them or the reason why not."""
    chooser.sandbox = "no bwrap"

    with pytest.raises(HostUnreachable, match="has none: no bwrap"):
        chooser.choose(terminal_host="sandbox")


def test_capacity_of_this_machine_is_kept(chooser: Chooser) -> None:
    """The setting for this machine counts whatever runs its terminals."""
    chooser.engine = "unix:///e"
    for kind in ("docker", "sandbox"):
        pool = chooser.choose(terminal_host=kind, terminal_capacity=7)

        assert pool.census().free == 7


def test_drained_machine_takes_no_new_ones(chooser: Chooser) -> None:
    """The setting for this machine counts whatever runs its terminals."""
    chooser.engine = "unix:///e"
    for kind in ("docker", "sandbox"):
        pool = chooser.choose(terminal_host=kind, terminal_drain=True)

        assert pool.census().free == 0


def test_execution_hosts_are_the_only_ones(chooser: Chooser) -> None:
    """Where there are execution hosts nothing runs on this machine."""
    chooser.engine = "unix:///e"
    key = Secret("key")
    pool = chooser.choose(lambda: key, terminal_hosts=[NEAR, FAR], terminal_host="auto")

    assert pool.names == ("near", "far")
    assert [made[1] for made in chooser.made] == [key, key]
    assert chooser.made[1][0].address == "192.0.2.1"


def test_key_is_needed_over_ssh_only(chooser: Chooser) -> None:
    """A host over SSH without a key is refused; others need none."""
    assert chooser.choose(terminal_hosts=[NEAR]).names == ("near",)
    with pytest.raises(HostUnreachable, match="need a key"):
        chooser.choose(terminal_hosts=[FAR])


def test_host_of_an_engine_is_made_without_asking_it(tmp_path: Path) -> None:
    """The real hosts of engines are made of the settings alone."""
    settings = Configs(
        make_configs(terminal_hosts=[NEAR, FAR], terminal_dir=str(tmp_path))
    ).settings()

    assert choose_host(settings, ssh_key=lambda: Secret("x")).names == ("near", "far")


def test_terminals_from_before_the_engine_are_known(
    chooser: Chooser, tmp_path: Path
) -> None:
    """When an engine comes, sandboxes that live are found and take no new ones."""
    chooser.engine = "unix:///e"
    folder = chooser.folder / "alice-dev-IPT"
    folder.mkdir(parents=True)
    identity = read_identity(os.getpid())
    assert identity is not None
    values = {
        "user": "alice",
        "launch": "old",
        "port": 4,
        "process": vars(identity),
    }
    (folder / "pid").write_text(json.dumps(values))
    pool = chooser.choose(terminal_host="auto")

    assert pool.names == ("docker 127.0.0.1", "sandbox 127.0.0.1")
    assert pool.launch(request(tmp_path)).launch == "old"
    bob = replace(request(tmp_path), name="bob-dev-IPT", user="bob")
    assert pool.launch(bob).host == "docker 127.0.0.1"


def test_containers_of_an_engine_that_went_are_not_forgotten(
    chooser: Chooser, tmp_path: Path
) -> None:
    """When an engine goes, who has a container on it gets no second terminal unasked.

    Where the settings say that there is no engine any more, there is none.
    """
    lost = replace(request(tmp_path), last_host="docker 127.0.0.1")
    pool = chooser.choose(terminal_host="auto")

    assert pool.names == ("sandbox 127.0.0.1",)
    with pytest.raises(HostUnreachable, match=r"docker 127\.0\.0\.1.*Restart"):
        pool.launch(lost)
    assert not pool.census().is_gone(lost.name, lost.last_host)
    assert pool.census().is_gone(lost.name, "sandbox 127.0.0.1")
    assert pool.inspect(lost.name) is None
    assert pool.stop(lost.name) is False
    decided = chooser.choose(terminal_host="sandbox")
    assert decided.census().is_gone(lost.name, lost.last_host)


@pytest.mark.parametrize("address", ["192.0.2.1", "::", "example.org"])
def test_terminals_without_walls_stay_on_this_machine(
    tmp_path: Path, address: str
) -> None:
    """An address that others reach is refused, with the way out."""
    host = ProcessHost(tmp_path / "run", python=PYTHON, address=address)

    with pytest.raises(LaunchFailed, match=r"address only\. Install bubblewrap"):
        host.launch(request(tmp_path / "home"))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_addresses_are_known(address: str) -> None:
    """All names of this machine itself count."""
    assert is_loopback(address)


def test_nothing_runs_at_first(tmp_path: Path) -> None:
    """A new host has no terminals, and asking makes none."""
    host = SandboxHost(tmp_path / "run", python=PYTHON)

    assert host.living() == []
    assert host.inspect("alice-dev-IPT") is None
    assert host.inspect("../../etc") is None
    assert host.stop("alice-dev-IPT") is False
    assert host.stop("../run") is False
    assert not (tmp_path / "run").exists()


def test_folder_that_is_none_is_explained(tmp_path: Path) -> None:
    """A run-time folder that can't be read is the host's failure."""
    (tmp_path / "run").touch()

    with pytest.raises(HostUnreachable, match="can't be read"):
        SandboxHost(tmp_path / "run", python=PYTHON).living()


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".x"])
def test_unsafe_name_is_refused(tmp_path: Path, name: str) -> None:
    """No terminal's name leads out of the run-time folder."""
    host = SandboxHost(tmp_path / "run", python=PYTHON)
    bad = LaunchRequest(name, "alice", "l", tmp_path / "home", (), "")

    with pytest.raises(LaunchFailed, match="not a terminal's name"):
        host.launch(bad)


def test_homes_inside_the_interpreter_are_refused(tmp_path: Path) -> None:
    """What every terminal can read can't be the place of private files."""
    host = SandboxHost(tmp_path / "run", python=PYTHON)
    inside = host.layout.folders[0] / "homes/alice"

    with pytest.raises(LaunchFailed, match="Choose another one"):
        host.plan(None, request(inside))  # type: ignore[arg-type]

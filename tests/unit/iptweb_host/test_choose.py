"""Which host is offered, and what the one without walls refuses."""

import sys
from pathlib import Path

import pytest

from iptweb.errors import ConfigError, HostUnreachable, LaunchFailed
from iptweb.terminals.host import (
    LaunchRequest,
    ProcessHost,
    SandboxHost,
    choose_host,
)
from iptweb.terminals.host.process import is_loopback

PYTHON = Path(sys.executable)


def request(home: Path) -> LaunchRequest:
    """Return Alice's request."""
    return LaunchRequest("alice-dev-IPT", "alice", "l", home, (), "")


@pytest.mark.parametrize(
    ("kind", "reason", "chosen"),
    [
        ("auto", None, SandboxHost),
        ("auto", "no bwrap", ProcessHost),
        ("sandbox", None, SandboxHost),
        ("process", None, ProcessHost),
        ("process", "no bwrap", ProcessHost),
    ],
)
def test_host_is_chosen_by_setting_and_machine(
    tmp_path: Path, kind: str, reason: str | None, chosen: type
) -> None:
    """Automatic means: with walls where they can be had."""
    host = choose_host(
        kind, run_dir=tmp_path, python=PYTHON, sandbox_reason=lambda: reason
    )

    assert type(host) is chosen


def test_demanded_sandbox_is_not_replaced(tmp_path: Path) -> None:
    """Who demands walls gets them or the reason why not."""
    with pytest.raises(HostUnreachable, match="has none: no bwrap"):
        choose_host(
            "sandbox",
            run_dir=tmp_path,
            python=PYTHON,
            sandbox_reason=lambda: "no bwrap",
        )


def test_unknown_kind_is_a_bad_setting(tmp_path: Path) -> None:
    """The setting and its values are named."""
    with pytest.raises(ConfigError, match="terminal_host must be auto"):
        choose_host("docker", run_dir=tmp_path, python=PYTHON)


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

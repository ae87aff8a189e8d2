"""How a sandbox terminal is to be started, without starting one."""

import os
import sys
from pathlib import Path

import pytest

from iptweb.errors import LaunchFailed
from iptweb.settings.terminals import TerminalLimits
from iptweb.terminals.host import LaunchRequest, SandboxHost
from iptweb.terminals.host.folder import TerminalFolder
from iptweb.terminals.host.sandbox import Owner, find_owner
from iptweb.terminals.host.start import Plan
from sandbox import make_filter

LIMITS = TerminalLimits(
    memory_bytes=1 << 28,
    processes=50,
    file_bytes=1 << 20,
    open_files=99,
    temporary_bytes=1 << 19,
)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="root alone can be others")


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    home = tmp_path / "homes/alice"
    home.mkdir(parents=True)
    return home


def make_plan(home: Path, python: Path = Path(sys.executable)) -> Plan:
    """Return the plan for a terminal that no control group limits."""
    run_dir = home.parents[1] / "run"
    host = SandboxHost(run_dir, python=python, limits=LIMITS)
    folder = TerminalFolder(run_dir, "alice-dev-IPT")
    folder.path.mkdir(parents=True)
    wanted = LaunchRequest("alice-dev-IPT", "alice", "l", home, (), "")
    return host.plan(folder, wanted, grouped=False)


def test_limits_of_processes_stand_in_for_a_group(home: Path) -> None:
    """Without a group each process is limited, in all that can be limited so."""
    command = make_plan(home).command(8, 9)

    assert {"--fsize=1048576", "--nofile=99", "--nproc=50", "--core=0"} <= set(command)
    assert "--data=268435456" in command
    assert command.count(str(1 << 19)) == 2  # /tmp and /dev/shm


def test_filter_is_handed_over(home: Path) -> None:
    """Where this machine has one."""
    plan = make_plan(home)
    command = plan.command(8, 9)

    assert plan.filter == make_filter()
    assert command[command.index("--seccomp") + 1] == "9"
    assert "--seccomp" not in plan.command(8, None)


@needs_root
def test_terminal_of_a_home_of_somebody_else_s_runs_as_them(home: Path) -> None:
    """Without a user namespace, in which root could be nobody but root."""
    os.chown(home, 12345, 23456)
    plan = make_plan(home)
    command = plan.command(8, 9)

    assert plan.reader == 12345
    assert "--unshare-user" not in command
    start = command.index("setpriv")
    assert command[start : start + 5] == [
        *("setpriv", "--reuid", "12345", "--regid", "23456"),
    ]


def test_terminal_of_an_own_home_is_in_a_user_namespace(home: Path) -> None:
    """Its user has no rights on the machine that we do not have."""
    plan = make_plan(home)

    assert plan.reader is None
    assert "--unshare-user" in plan.command(8, 9)
    assert find_owner(home) is None


@needs_root
def test_group_of_root_is_nobody_s(home: Path) -> None:
    """Who gives a home away often leaves it its group."""
    os.chown(home, 12345, 0)

    assert find_owner(home) == Owner(12345, 12345)


@needs_root
def test_installation_that_the_owner_can_not_read_is_refused(home: Path) -> None:
    """With the way out, and before anything is started."""
    packages = home.parents[1] / "python/packages"
    packages.mkdir(parents=True)
    python = packages.parent / "python"
    python.write_text(
        "#!/bin/sh\necho '"
        f'{{"executable": "{python}", "roots": ["{packages}"], "watched": [],'
        '"packages": {"webterm": ["/usr"], "ipt": [], "functions": []}}'
        "'\n"
    )
    python.chmod(0o755)
    packages.chmod(0o700)
    os.chown(home, 12345, 23456)

    with pytest.raises(LaunchFailed, match="Let everybody read it"):
        make_plan(home, python)


@pytest.mark.parametrize(
    ("mode", "owner", "expected"),
    [
        (0o755, Owner(1, 1), True),
        (0o750, Owner(1, 1), False),
        (0o705, Owner(1, os.getegid()), False),
        (0o750, Owner(1, os.getegid()), True),
        (0o055, Owner(os.geteuid(), 1), False),
        (0o700, Owner(os.geteuid(), 1), True),
    ],
)
def test_who_can_read_a_folder(
    tmp_path: Path, mode: int, owner: Owner, *, expected: bool
) -> None:
    """As the kernel decides it: the first class that fits counts."""
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(mode)

    assert owner.may_enter(folder) is expected

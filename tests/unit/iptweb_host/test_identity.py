"""Which process is meant."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from iptweb.terminals.host.identity import Identity, ask_ps, read_identity


def write_stat(proc: Path, text: str) -> None:
    """Make a /proc with one process, number 7."""
    (proc / "self").mkdir(exist_ok=True)
    (proc / "7").mkdir(exist_ok=True)
    (proc / "7/stat").write_text(text)
    boot = proc / "sys/kernel/random/boot_id"
    boot.parent.mkdir(parents=True, exist_ok=True)
    boot.write_text("boot-1\n")


def stat_line(state: str = "S", start: int = 5000, name: str = "a) b (c") -> str:
    """Return a line of /proc/<pid>/stat."""
    between = " ".join("0" for _ in range(18))
    return f"7 ({name}) {state} {between} {start} 0 0\n"


def test_process_is_known_by_its_start(tmp_path: Path) -> None:
    """Number, start and boot together are one process, whatever its name."""
    write_stat(tmp_path, stat_line())

    assert read_identity(7, tmp_path) == Identity(7, "5000", "boot-1")


def test_number_given_to_another_process_is_not_it(tmp_path: Path) -> None:
    """A later process of the same number is another one."""
    write_stat(tmp_path, stat_line())
    mine = Identity(7, "5000", "boot-1")

    assert mine.is_alive(tmp_path)
    assert not replace(mine, start="4000").is_alive(tmp_path)
    assert not replace(mine, boot="boot-0").is_alive(tmp_path)


@pytest.mark.parametrize("state", ["Z", "X"])
def test_zombie_is_not_alive(tmp_path: Path, state: str) -> None:
    """A process that ended and was not collected yet is gone to us."""
    write_stat(tmp_path, stat_line(state))

    assert read_identity(7, tmp_path) is None


def test_missing_process_is_none(tmp_path: Path) -> None:
    """No such number, no process."""
    write_stat(tmp_path, stat_line())

    assert read_identity(8, tmp_path) is None


def test_ps_is_asked_where_there_is_no_proc(tmp_path: Path) -> None:
    """On macOS the start comes from ps, and changes as little."""
    me = read_identity(os.getpid(), tmp_path / "none")

    assert me is not None
    assert me == ask_ps(os.getpid())
    assert ask_ps(2**22 + 1) is None


def test_signal_goes_to_that_very_process_only() -> None:
    """A process that only has the number is left alone; the right one is ended."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mine = read_identity(child.pid)
    assert mine is not None

    assert not replace(mine, start="1").send(signal.SIGKILL)
    assert child.poll() is None
    assert mine.send(signal.SIGKILL)
    assert mine.wait_until_gone(5)
    child.communicate()
    assert not mine.send(signal.SIGTERM)


def test_waiting_ends_in_time() -> None:
    """A process that stays is reported after the given time."""
    me = read_identity(os.getpid())
    assert me is not None

    assert not me.wait_until_gone(0.02)

"""Processes told apart by number and time of start."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agave_deploy.local_stack.processes import (
    Process,
    age_of_this_process,
    find_process,
    stop_process,
)

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("here", flush=True)
time.sleep(60)
"""


@pytest.fixture
def child() -> Iterator["subprocess.Popen[bytes]"]:
    """Yield a process that waits."""
    with subprocess.Popen(["sleep", "60"]) as child:
        yield child
        child.kill()


def _found(pid: int) -> Process:
    process = find_process(pid)
    assert process is not None
    return process


def test_find_process_alive(child: "subprocess.Popen[bytes]") -> None:
    """A running process is found, and is itself."""
    assert _found(child.pid).is_alive()


def test_find_process_other_of_same_number(child: "subprocess.Popen[bytes]") -> None:
    """A process of that number that started at another time is another one."""
    process = _found(child.pid)

    assert not replace(process, start="1").is_alive()
    assert not replace(process, boot="another life").is_alive()


def test_find_process_ended(child: "subprocess.Popen[bytes]") -> None:
    """A process that ended is not found, even before its parent noticed."""
    process = _found(child.pid)
    child.send_signal(signal.SIGKILL)
    while find_process(child.pid):
        pass

    assert child.returncode is None
    assert not process.is_alive()


@pytest.mark.parametrize("pid", [-1, 0, 1, 2**22 + 1])
def test_find_process_none(pid: int) -> None:
    """Numbers that are nobody's, and the first process, are never found."""
    assert find_process(pid) is None


def test_find_process_by_ps(child: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    """Where the kernel has no /proc, ps is asked."""
    process = find_process(child.pid, tmp_path)

    assert process is not None
    assert process == find_process(child.pid, tmp_path)
    assert find_process(2**22 + 1, tmp_path) is None


def test_stop_process_politely(child: "subprocess.Popen[bytes]") -> None:
    """A process that ends when it is asked to is not killed."""
    assert stop_process(_found(child.pid), 5)
    assert child.wait() == -signal.SIGTERM


def test_stop_process_stubborn() -> None:
    """A process that ignores the question is killed."""
    command = [sys.executable, "-c", STUBBORN]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()

        assert stop_process(_found(child.pid), 0.1)
        assert child.wait() == -signal.SIGKILL


def test_stop_process_ended(child: "subprocess.Popen[bytes]") -> None:
    """A later process of the same number is left alone."""
    process = _found(child.pid)

    assert not stop_process(replace(process, start="1"), 5)
    assert child.poll() is None


def test_age_of_this_process(tmp_path: Path) -> None:
    """The age is that of the process; where that is not told, the time it worked."""
    assert 0 < age_of_this_process() < 86400
    assert 0 < age_of_this_process(tmp_path) < 86400

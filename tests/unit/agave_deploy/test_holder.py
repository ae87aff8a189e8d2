"""Finding the tenant by the lock that it holds."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agave_deploy.errors import StackError
from agave_deploy.local_stack.holder import find_holder
from agave_deploy.local_stack.processes import find_process, has_open
from agave_local.lock import locked

HOLDS = """
import pathlib, sys
from agave_local.lock import locked
with locked(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holding(data: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a process that holds a data folder as a tenant does."""
    command = [sys.executable, "-c", HOLDS, str(data)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        yield child
        child.kill()


def test_find_holder(tmp_path: Path) -> None:
    """A process that holds the lock is found, and when it is gone nobody is."""
    lock = tmp_path / "run" / "tenant.lock"
    with holding(tmp_path) as child:
        assert find_holder(lock) == find_process(child.pid)
    assert find_holder(lock) is None


def test_find_holder_leaves_the_lock(tmp_path: Path) -> None:
    """After a look the folder can be held, so looking keeps no tenant out."""
    lock = tmp_path / "run" / "tenant.lock"
    with locked(tmp_path):
        pass
    assert find_holder(lock) is None
    with locked(tmp_path):
        assert find_holder(lock) == find_process(os.getpid())


def test_find_holder_no_lock(tmp_path: Path) -> None:
    """A folder that never had a tenant has none, and looking makes nothing."""
    assert find_holder(tmp_path / "run" / "tenant.lock") is None
    assert list(tmp_path.iterdir()) == []


def test_find_holder_misnamed(tmp_path: Path) -> None:
    """A process that only is named in the lock file is not taken for the tenant."""
    lock = tmp_path / "run" / "tenant.lock"
    with holding(tmp_path), subprocess.Popen(["sleep", "60"]) as bystander:
        lock.write_text(f"{bystander.pid}\n", "ascii")

        with pytest.raises(StackError, match=rf"alive: process {bystander.pid} "):
            find_holder(lock)

        assert bystander.poll() is None
        bystander.kill()


@pytest.mark.parametrize("noted", [b"", b"x", b"-1", b"\xff\xff", b"99999999"])
def test_find_holder_damaged(tmp_path: Path, noted: bytes) -> None:
    """A held lock that does not tell by whom is an error, and nobody is named."""
    lock = tmp_path / "run" / "tenant.lock"
    with holding(tmp_path):
        lock.write_bytes(noted)

        with pytest.raises(StackError, match="is alive"):
            find_holder(lock)


def test_has_open_without_proc(tmp_path: Path) -> None:
    """Where the kernel has no /proc, lsof is asked; without an answer it is no."""
    assert has_open(os.getpid(), tmp_path / "none", tmp_path) is False


def test_has_open_of_nobody(tmp_path: Path) -> None:
    """A process that is gone has nothing open."""
    (tmp_path / "file").touch()

    assert has_open(2**22 + 1, tmp_path / "file") is False

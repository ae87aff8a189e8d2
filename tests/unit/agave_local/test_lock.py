"""A data folder belongs to one tenant at a time, however the one before ended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agave_local.lock import DataInUse, locked

# Is killed as it is about to start another program, which has its descriptors until
# it is that program.
TENANT = """
import os, pathlib, signal, sys, time
from agave_local.lock import locked
with locked(pathlib.Path(sys.argv[1])):
    if not os.fork():
        time.sleep(float(sys.argv[2]))
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _die_with_a_child(data: Path, child_seconds: float) -> None:
    command = [sys.executable, "-c", TENANT, str(data), str(child_seconds)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


def test_what_a_killed_tenant_had_begun(tmp_path: Path) -> None:
    """The next one waits for a moment, and is not told that the folder is in use."""
    _die_with_a_child(tmp_path, 0.2)

    with locked(tmp_path):
        holder = (tmp_path / "run" / "tenant.lock").read_text("ascii")

    assert holder == f"{os.getpid()}\n"


def test_what_does_not_end(tmp_path: Path) -> None:
    """It does not wait for long."""
    _die_with_a_child(tmp_path, 0.6)

    with pytest.raises(DataInUse), locked(tmp_path, patience_s=0.05):
        pass


def test_tenant_that_lives(tmp_path: Path) -> None:
    """Who finds a folder in use is told so at once, and by whom."""
    began = time.monotonic()

    with (
        locked(tmp_path),
        pytest.raises(DataInUse, match=str(os.getpid())),
        locked(tmp_path),
    ):
        pass

    assert time.monotonic() - began < 1

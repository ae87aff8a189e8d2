"""Which process is meant, even after its number was given to another one."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
POLL_SECONDS = 0.01
# Fields of /proc/<pid>/stat after the name in parentheses: state, …, starttime.
STATE_FIELD = 0
START_FIELD = 19


@dataclass(frozen=True)
class Identity:
    """One process: its number, when it started, and in which life of the machine."""

    pid: int
    start: str
    boot: str

    def is_alive(self, proc: Path = PROC) -> bool:
        """Return whether that very process runs; a zombie does not."""
        return read_identity(self.pid, proc) == self

    def send(self, number: signal.Signals) -> bool:
        """Send a signal to that very process; false if it is gone."""
        try:
            handle = os.pidfd_open(self.pid)
        except OSError:
            return False
        except AttributeError:  # not Linux
            return self._send_by_number(number)
        try:
            # From here on the number can't go to another process unnoticed.
            if not self.is_alive():
                return False
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)
        return True

    def wait_until_gone(self, seconds: float) -> bool:
        """Wait for the process's end; false if it is still there."""
        deadline = time.monotonic() + seconds
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def _send_by_number(self, number: signal.Signals) -> bool:
        if not self.is_alive():
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)
        return True


def read_identity(pid: int, proc: Path = PROC) -> Identity | None:
    """Return the identity of a living process, or None.

    Args:
        pid: Its number.
        proc: Where the kernel tells; where that is not, `ps` is asked.
    """
    if not (proc / "self").exists():
        return ask_ps(pid)
    try:
        text = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        boot = (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        return None
    # The name may hold spaces and parentheses: what follows the last one counts.
    fields = text.rpartition(")")[2].split()
    if fields[STATE_FIELD] in "ZX":
        return None
    return Identity(pid, fields[START_FIELD], boot.strip())


def ask_ps(pid: int) -> Identity | None:
    """Return the identity of a living process as `ps` knows it, or None."""
    answer = subprocess.run(
        ["ps", "-o", "state=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    )
    state, _, start = answer.stdout.strip().partition(" ")
    if not start or state.startswith("Z"):
        return None
    return Identity(pid, start.strip(), "")

"""Processes told apart by number and time of start, since numbers are used again."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Process", "age_of_this_process", "find_process", "stop_process"]

_PROC = Path("/proc")
_STATE, _START = 0, 19  # fields of /proc/PID/stat after the command's name
_PAUSE = 0.02


@dataclass(frozen=True)
class Process:
    """One process, and no later one of the same number.

    Attributes:
        pid: its number.
        start: when it started, in the system's own measure.
        boot: in which life of the machine; empty where that is not told.
    """

    pid: int
    start: str
    boot: str

    def is_alive(self) -> bool:
        """Whether that very process runs; a zombie does not."""
        return find_process(self.pid) == self


def find_process(pid: int, proc: Path = _PROC) -> Process | None:
    """Return the process that has a number now; None if there is none, or it died.

    Args:
        pid: the number.
        proc: where the kernel tells; where that is not, `ps` is asked.
    """
    if pid <= 1:
        return None
    if not (proc / "self").exists():
        return _ask_ps(pid)
    fields = _stat_fields(proc / str(pid))
    if fields is None or fields[_STATE] in "ZX":
        return None
    boot = (proc / "sys/kernel/random/boot_id").read_text("ascii")
    return Process(pid, fields[_START], boot.strip())


def _stat_fields(folder: Path) -> list[str] | None:
    try:
        text = (folder / "stat").read_text("utf-8", "replace")
    except OSError:
        return None
    # The name in parentheses may hold spaces and parentheses itself.
    return text.rpartition(")")[2].split()


def _ask_ps(pid: int) -> Process | None:
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
    return Process(pid, start.strip(), "")


def stop_process(process: Process, patience_s: float) -> bool:
    """End a process: ask it, wait, and then insist; tell whether it ended by this."""
    if not process.is_alive():
        return False
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(process.pid, sign)
        except ProcessLookupError:
            return True
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if not process.is_alive():
                return True
            time.sleep(_PAUSE)
    return not process.is_alive()


def age_of_this_process(proc: Path = _PROC) -> float:
    """Return for how many seconds this process has lived, the shell before it too.

    `build.sh` replaces itself by this program, which keeps its time of start.
    Where the system does not tell, the answer is the processor time so far.
    """
    fields = _stat_fields(proc / "self")
    if fields is None:
        return time.process_time()
    ticks = os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[_START]) / ticks

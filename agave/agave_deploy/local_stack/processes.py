"""Processes told apart by number and time of start, since numbers are used again."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "Process",
    "age_of_this_process",
    "find_process",
    "has_open",
    "stop_process",
    "stop_processes",
]

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


def has_open(pid: int, path: Path, proc: Path = _PROC) -> bool:
    """Tell whether a process has a file open.

    Args:
        pid: of the process.
        path: of the file.
        proc: where the kernel tells; where that is not, `lsof` is asked.
    """
    if not (proc / "self").exists():
        return _ask_lsof(pid, path)
    wanted = path.stat()
    try:
        return any(
            os.path.samestat(wanted, link.stat())
            for link in (proc / str(pid) / "fd").iterdir()
            if link.exists()
        )
    except OSError:  # it has ended, or is somebody else's
        return False


def _ask_lsof(pid: int, path: Path) -> bool:
    try:
        answer = subprocess.run(
            ["lsof", "-t", "-a", "-p", str(pid), "--", str(path)],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/bin", "LC_ALL": "C"},
        )
    except OSError:
        return False
    return answer.stdout.split() == [str(pid)]


def stop_process(process: Process, patience_s: float) -> bool:
    """End a process: ask it, wait, and then insist; tell whether it ended by this."""
    return bool(stop_processes([process], patience_s))


def stop_processes(processes: Sequence[Process], patience_s: float) -> list[Process]:
    """End processes, all at once; return those that lived and ended by this."""
    lived = [process for process in processes if process.is_alive()]
    left = lived
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process.pid, sign)
        deadline = time.monotonic() + patience_s
        while left and time.monotonic() < deadline:
            time.sleep(_PAUSE)
            left = [process for process in left if process.is_alive()]
    return [process for process in lived if process not in left]


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

"""What processes cost, as the kernel counts it."""

from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
MB = 10**6
_KIB = 1024


@dataclass(frozen=True)
class Memory:
    """What a process has in memory, in bytes.

    Attributes:
        share: Its share of it (PSS): what others have too is divided among them.
        own: The part of its share that is no file's: what it made itself.
        there: All of it (RSS).
    """

    share: int
    own: int
    there: int


def memory(pid: int, proc: Path = PROC) -> Memory:
    """Return what a process has in memory.

    Raises:
        PermissionError: It is not ours to look at.
    """
    text = (proc / str(pid) / "smaps_rollup").read_text("ascii")
    lines = (line.split() for line in text.splitlines()[1:])
    kept = {line[0]: int(line[1]) * _KIB for line in lines}
    return Memory(kept["Pss:"], kept["Pss_Anon:"], kept["Rss:"])


def family(pid: int, proc: Path = PROC) -> list[int]:
    """Return a process and all that come from it."""
    found = [pid]
    for task in (proc / str(pid) / "task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            found += family(int(child), proc)
    return found


def parent(pid: int, proc: Path = PROC) -> int:
    """Return which process started another."""
    stat = (proc / str(pid) / "stat").read_text("utf-8", errors="replace")
    return int(stat.rpartition(")")[2].split()[1])


def processor_seconds(pid: int, proc: Path = PROC) -> float:
    """Return how long all threads of a process have run.

    The scheduler's own sum in nanoseconds: the usual counters go by hundredths of a
    second, and an idle terminal uses less than one of those in half a minute.
    """
    tasks = (proc / str(pid) / "task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

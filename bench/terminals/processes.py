"""What processes cost, as the kernel counts it."""

from pathlib import Path

PROC = Path("/proc")
_KIB = 1024


def memory(pid: int, proc: Path = PROC) -> tuple[int, int]:
    """Return a process's share of memory (PSS) and what it has there (RSS), in bytes.

    Raises:
        PermissionError: It is not ours to look at.
    """
    text = (proc / str(pid) / "smaps_rollup").read_text("ascii")
    kept = {line.split(":")[0]: line.split() for line in text.splitlines()[1:]}
    return int(kept["Pss"][1]) * _KIB, int(kept["Rss"][1]) * _KIB


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

"""Whether programs of this container were killed for its memory."""

import os

__all__ = ["memory_kills"]

# Of version 2 and of version 1 of control groups, as a container sees its own.
COUNTERS = (
    "/sys/fs/cgroup/memory.events",
    "/sys/fs/cgroup/memory/memory.oom_control",
)


def memory_kills(
    counters: "tuple[str, ...]" = COUNTERS, *, pid: "int | None" = None
) -> int:
    """Return how many processes the kernel killed for want of memory.

    Not every engine tells afterwards.  Where this is not a container's first process
    the files are those of the whole machine, and say nothing.

    Args:
        counters: Where the kernel tells.
        pid: Which process this is.
    """
    if (pid or os.getpid()) != 1:
        return 0
    for path in counters:
        try:
            with open(path, encoding="ascii") as file:  # noqa: PTH123 - pathlib is a MB of memory
                lines = [line.split() for line in file]
        except (OSError, ValueError):
            continue
        for line in lines:
            if line[:1] == ["oom_kill"]:
                return int(line[1])
    return 0

"""Command lines for bubblewrap: what a program in a sandbox may see and use.

    Sandbox ──command(argv)──▶ ["prlimit", …, "bwrap", …, "--", *argv]

The package starts nothing (but for `available`, which tries): who builds a command
line also starts it, owns its process and ends it.  So it is with `ControlGroup`, the
limits of a whole sandbox, and `make_filter`, which the command line takes by a
descriptor.  Standard library only.
"""

from .availability import Availability, available, describe_walls
from .box import Limits, Sandbox
from .cgroup import (
    ControlGroup,
    GroupLimits,
    find_missing_limits,
    find_parents,
    plan_group,
)
from .etc import write_etc
from .hierarchies import MEMORY, PROCESSES
from .mounts import Bind, Empty, Link, Mount, Tmpfs, proc_mounts, system_mounts
from .seccomp import make_filter

__all__ = [
    "MEMORY",
    "PROCESSES",
    "Availability",
    "Bind",
    "ControlGroup",
    "Empty",
    "GroupLimits",
    "Limits",
    "Link",
    "Mount",
    "Sandbox",
    "Tmpfs",
    "available",
    "describe_walls",
    "find_missing_limits",
    "find_parents",
    "make_filter",
    "plan_group",
    "proc_mounts",
    "system_mounts",
    "write_etc",
]

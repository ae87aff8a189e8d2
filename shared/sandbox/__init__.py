"""Command lines for bubblewrap: what a program in a sandbox may see and use.

    Sandbox ──command(argv)──▶ ["prlimit", …, "bwrap", …, "--", *argv]

The package starts nothing (but for `available`, which tries): who builds a command
line also starts it, owns its process and ends it.  Standard library only.
"""

from .availability import Availability, available
from .box import Limits, Sandbox
from .etc import write_etc
from .mounts import Bind, Empty, Link, Mount, Tmpfs, proc_mounts, system_mounts

__all__ = [
    "Availability",
    "Bind",
    "Empty",
    "Limits",
    "Link",
    "Mount",
    "Sandbox",
    "Tmpfs",
    "available",
    "proc_mounts",
    "system_mounts",
    "write_etc",
]

"""The control group of a job: memory and processors of all its programs together.

Where this machine lets us make none, each process is limited instead, as far as that
goes.  The folders are written down before they are made, so that whoever finds a job
whose supervisor is gone can remove them.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from agave_local.services.jobs.order import Order
from sandbox import MEMORY, ControlGroup, GroupLimits, plan_group

_FILE = "group.json"
# Goes into the group, then becomes the program.
_ENTER = (
    'until [ "$1" = -- ]; do echo 0 >"$1" || exit 125; shift; done; shift; exec "$@"'
)
# The supervisor counts processes and says so; this wall counts threads as well and
# stands behind it, for those that come faster than anybody counts.
_THREADS = 4


@dataclass(frozen=True)
class JobGroup:
    """A job's control group, which may hold nothing at all.

    Attributes:
        group: its folders.
        held: which controllers limit it.
    """

    group: ControlGroup
    held: frozenset[str]

    @property
    def limits_memory(self) -> bool:
        """Whether the job's memory is limited as a whole."""
        return MEMORY in self.held

    def command(self, argv: list[str]) -> list[str]:
        """Return the command line that begins a program inside the group."""
        entrances = [str(path) for path in self.group.entrances()]
        if not entrances:
            return argv
        return ["/bin/sh", "-c", _ENTER, "sh", *entrances, "--", *argv]

    def ran_out_of_memory(self) -> bool:
        """Tell whether the kernel has ended a process of the job for want of it."""
        return self.limits_memory and self.group.memory_kills() > 0

    def end(self) -> None:
        """End what is left in the group, and remove it."""
        self.group.end()


NO_GROUP = JobGroup(ControlGroup(()), frozenset())


def make_group(order: Order, control: Path) -> JobGroup:
    """Make the group of a job.

    Args:
        order: says the limits.
        control: the job's private folder.
    """
    limits = GroupLimits(
        order.memory_bytes, order.processes * _THREADS, float(order.processors)
    )
    group = plan_group(f"job.{control.parent.name}", limits)
    folders = [str(folder) for folder in group.folders]
    (control / _FILE).write_text(json.dumps(folders), encoding="utf-8")
    return JobGroup(group, group.make(limits))


def end_group(control: Path) -> None:
    """End what a job whose supervisor is gone has left in its group."""
    try:
        folders = json.loads((control / _FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        # Damaged by a power cut, which left no group either.
        return
    ControlGroup(tuple(map(Path, folders))).end()

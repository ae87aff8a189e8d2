"""Everything that a job's container is told; what no setting changes is in `engine.py`.

Process 1 is a shell that starts the program, in its time, passes on that it is to end,
and tells the container's log how often the kernel has ended something for want of
memory: not all engines notice.  It outlives the tenant, and all that is in the
container ends with it.

The program has the filter of system calls that sandboxes and terminals have, on top of
the engine's own, where the image has a Python to set it.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agave_local.services.jobs.confinement import HOME, to_environment
from agave_local.services.jobs.containers.work import Account
from agave_local.services.jobs.order import Order
from agave_local.services.jobs.supervise import GRACE_SECONDS
from sandbox import make_filter, write_etc

SCOPE_LABEL: Final = "agave-local.jobs"
JOB_LABEL: Final = "agave-local.job"
MADE_LABEL: Final = "agave-local.made"
# What `timeout` says of a program that it has ended, and of one that it had to force.
TIMED_OUT, FORCED = 124, 137
# As many bytes in /tmp and /dev/shm, each; they count as memory.
_TEMPORARY_BYTES: Final = 512 << 20
# Less than an engine takes.
_LEAST_MEMORY_BYTES: Final = 16 << 20
# This wall counts threads as well, and is behind whoever counts processes.
_THREADS: Final = 4
_RUN: Final = """\
trap 'kill -TERM -1' TERM
out=$1 err=$2 grace=$3 seconds=$4 filter=$5 apply=$6
shift 6
if [ -s "$filter" ] && command -v python3 >/dev/null; then
  set -- python3 -ISc "$apply" "$filter" "$@"
fi
timeout -k "$grace" "$seconds" "$@" </dev/null >>"$out" 2>>"$err" &
wait "$!"
code=$?
while kill -0 "$!" 2>/dev/null; do
  wait "$!"
  code=$?
done
for place in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
  [ "$code" = 0 ] || [ ! -r "$place" ] || while read -r name count; do
    [ "$name" != oom_kill ] || echo "oom_kill $count"
  done <"$place"
done
exit "$code"
"""
# Takes the filter of system calls upon itself, and becomes the program.
_APPLY: Final = """\
import os, signal, struct, sys
for number in (signal.SIGPIPE, signal.SIGXFSZ):
    signal.signal(number, signal.SIG_DFL)
try:
    import ctypes
except ImportError:
    os.execvp(sys.argv[2], sys.argv[2:])
with open(sys.argv[1], "rb") as file:
    text = file.read()
kept = ctypes.create_string_buffer(text, len(text))
program = struct.pack("@HP", len(text) // 8, ctypes.addressof(kept))
if ctypes.CDLL(None).prctl(22, 2, program, 0, 0):
    sys.exit("the filter of system calls can't be set")
os.execvp(sys.argv[2], sys.argv[2:])
"""
_FILTER: Final = "job-filter"


@dataclass(frozen=True)
class Share:
    """A file or folder of the machine in a container."""

    source: str
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Box:
    """A container to make.

    Attributes:
        name: of the container; the engine has each only once.
        labels: to find it by.
        image: its file system.
        command: what runs in it.
        environment: its variables.
        account: who runs in it.
        shares: what it sees of the machine.
        memory_bytes: of all its processes together.
        processors: that it may use.
        processes: at once, with their threads.
        file_bytes: of one file.
        temporary_bytes: in /tmp and in /dev/shm, each.
    """

    name: str
    labels: Mapping[str, str]
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    account: Account
    shares: tuple[Share, ...]
    memory_bytes: int
    processors: int
    processes: int
    file_bytes: int
    temporary_bytes: int


@dataclass(frozen=True)
class Scope:
    """Which containers of an engine are a tenant's jobs.

    Attributes:
        root: the folder of its jobs, which is nobody else's.
    """

    root: Path

    @property
    def id(self) -> str:
        """A short name for it."""
        return hashlib.sha256(bytes(self.root.absolute())).hexdigest()[:12]

    @property
    def label(self) -> str:
        """What all of them have, and no others."""
        return f"{SCOPE_LABEL}={self.id}"

    def name(self, job_id: str) -> str:
        """Return the one container name of a job."""
        return f"agave-job-{self.id}-{job_id}"


def to_box(
    scope: Scope,
    control: Path,
    order: Order,
    *,
    image: str,
    account: Account,
    made: float,
) -> Box:
    """Return the container of a job.

    Args:
        scope: of the tenant.
        control: the job's private folder, for what the container sees of /etc.
        order: what to run.
        image: of the container.
        account: who runs in it.
        made: now, in seconds since the epoch.

    Raises:
        OSError: the files of /etc can't be written.
    """
    job_id = control.parent.name
    filters = control / _FILTER
    filters.write_bytes(make_filter())
    filters.chmod(0o644)
    etc = write_etc(
        control / "etc",
        user=order.user,
        home=str(HOME),
        uid=account.uid,
        gid=account.gid,
        also=(filters,),
    )
    return Box(
        name=scope.name(job_id),
        labels={SCOPE_LABEL: scope.id, JOB_LABEL: job_id, MADE_LABEL: repr(made)},
        image=image,
        command=(
            *("/bin/bash", "-c", _RUN, "job"),
            *(f"{order.slug}.out", f"{order.slug}.err"),
            *(f"{GRACE_SECONDS:g}", str(order.seconds)),
            *(f"/etc/{_FILTER}", _APPLY, *order.argv),
        ),
        environment=to_environment(order),
        account=account,
        shares=(
            Share(order.work, str(HOME), writable=True),
            *(Share(str(each.source), str(each.target)) for each in etc),
        ),
        memory_bytes=max(order.memory_bytes, _LEAST_MEMORY_BYTES),
        # An engine refuses more than there are.
        processors=min(order.processors, os.cpu_count() or 1),
        processes=order.processes * _THREADS,
        file_bytes=order.total_bytes,
        temporary_bytes=min(_TEMPORARY_BYTES, order.memory_bytes),
    )

"""A job's supervisor: starts its program, keeps it in its limits, notes its end.

    python -m agave_local.services.jobs.supervise <control folder>

It is nobody's child and survives the tenant.  There is at most one for each job:
the second finds that it can't register and goes away.  The command returns as soon
as the supervisor is registered.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agave_local.services.jobs.confinement import (
    open_filter,
    to_command,
    to_environment,
)
from agave_local.services.jobs.group import NO_GROUP, JobGroup, make_group
from agave_local.services.jobs.order import (
    Exit,
    Order,
    read_order,
    register,
    write_exit,
)
from agave_local.services.jobs.processes import descendants, identify, name_of

GRACE_SECONDS = 5.0
_LOOK_SECONDS = 0.5
_MEASURE_SECONDS = 2.0
_OUTPUT_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Pace:
    """How often the supervisor looks, and how long it waits.

    Attributes:
        look: seconds between two looks at the processes.
        measure: seconds between two measurements of the work folder.
        grace: seconds between asking and forcing to end.
    """

    look: float = _LOOK_SECONDS
    measure: float = _MEASURE_SECONDS
    grace: float = GRACE_SECONDS


class Bell:
    """Rings when a child ends or somebody asks this process to end."""

    def __init__(self) -> None:
        self.asked = False
        self._read, self._write = socket.socketpair()
        self._read.settimeout(0)
        self._write.settimeout(0)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, *_unused: object) -> None:
        self.asked = True

    def wait(self, seconds: float) -> None:
        """Wait until it rings, or the time is over."""
        select.select([self._read], [], [], max(seconds, 0))
        with suppress(BlockingIOError):
            self._read.recv(4096)


class Supervisor:
    """Runs one job's program to its end.

    Args:
        order: what to run.
        bell: to wait at.
        pace: how often to look.
        clock: seconds that only grow.
        groups: makes the control group of a job.
    """

    def __init__(
        self,
        order: Order,
        bell: Bell,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        groups: Callable[[Order, Path], JobGroup] = make_group,
    ) -> None:
        self._order = order
        self._groups = groups
        self._bell = bell
        self._pace = pace or Pace()
        self._clock = clock
        self._measured = clock()

    def run(self, control: Path) -> Exit:
        """Run the program; return how it ended.

        Args:
            control: the private folder, for what the sandbox needs.
        """
        confined = self._order.confined
        group = self._groups(self._order, control) if confined else NO_GROUP
        try:
            return self._run(control, group)
        finally:
            group.end()

    def _run(self, control: Path, group: JobGroup) -> Exit:
        try:
            child = self._start(control, group)
        except OSError:
            return Exit("start")
        reason = self._watch(child)
        if reason != "exited":
            self._end(child)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        code = child.wait()
        if reason == "exited" and code != 0 and group.ran_out_of_memory():
            reason = "memory"
        return Exit(reason, code if code >= 0 else 128 - code)

    def _start(self, control: Path, group: JobGroup) -> "subprocess.Popen[bytes]":
        work = Path(self._order.work)
        out, err = (
            os.open(work / f"{self._order.slug}.{kind}", _OUTPUT_FLAGS, 0o644)
            for kind in ("out", "err")
        )
        try:
            with open_filter() as filters:
                argv = to_command(
                    self._order,
                    control,
                    *filters,
                    limits_memory=not group.limits_memory,
                )
                return subprocess.Popen(
                    group.command(argv),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    cwd=work,
                    env=to_environment(self._order),
                    pass_fds=filters,
                    process_group=0,
                )
        finally:
            os.close(out)
            os.close(err)

    def _watch(self, child: "subprocess.Popen[bytes]") -> str:
        """Wait until the program ends, or has to; return why."""
        deadline = self._clock() + self._order.seconds
        while child.poll() is None:
            left = deadline - self._clock()
            if left <= 0:
                return "time"
            if self._bell.asked:
                return "ended"
            if len(descendants(child.pid)) > self._order.processes:
                return "processes"
            if self._is_too_big():
                return "bytes"
            self._bell.wait(min(self._pace.look, left))
        return "exited"

    def _is_too_big(self) -> bool:
        if self._clock() - self._measured < self._pace.measure:
            return False
        self._measured = self._clock()
        return measure(Path(self._order.work)) > self._order.total_bytes

    def _end(self, child: "subprocess.Popen[bytes]") -> None:
        """Ask the program to end, then force it."""
        asked: set[int] = set()
        until = self._clock() + self._pace.grace
        while child.poll() is None and self._clock() < until:
            self._ask(child, asked)
            self._bell.wait(min(self._pace.look, until - self._clock()))

    def _ask(self, child: "subprocess.Popen[bytes]", asked: set[int]) -> None:
        """Ask every process of the program once; some may only just have begun."""
        for pid in {child.pid, *descendants(child.pid)} - asked:
            # The sandbox itself is not asked: it would end at once, with all in it.
            if name_of(pid) not in ("bwrap", "prlimit"):
                asked.add(pid)
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGTERM)


def measure(folder: Path) -> int:
    """Return how many bytes of disk a folder takes; links are not followed."""
    total = 0
    for root, folders, files in os.walk(folder, followlinks=False):
        for name in (*folders, *files):
            with suppress(OSError):
                total += os.lstat(Path(root) / name).st_blocks * 512
    return total


def main(arguments: Sequence[str]) -> int:
    """Detach, register, and run the job of the control folder that is named."""
    control = Path(arguments[0])
    ready, ready_write = os.pipe()
    if os.fork():
        os.close(ready_write)
        # One byte says that the child is the supervisor, or that there is one.
        return 0 if os.read(ready, 1) else 1
    os.close(ready)
    os.setsid()
    # Before anybody can know of this process and ask it to end.
    bell = Bell()
    identity = identify(os.getpid())
    if identity is None or not register(control, identity):
        os.write(ready_write, b"0")
        return 0
    _leave_terminal(control)
    os.write(ready_write, b"1")
    os.close(ready_write)
    write_exit(control, Supervisor(read_order(control), bell).run(control))
    return 0


def _leave_terminal(control: Path) -> None:
    """Keep no descriptor of whoever started this process."""
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDWR)
    log = os.open(control / "supervisor.log", os.O_WRONLY | os.O_CREAT, 0o600)
    for fd, target in ((nothing, 0), (nothing, 1), (log, 2)):
        os.dup2(fd, target)
    os.close(nothing)
    os.close(log)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

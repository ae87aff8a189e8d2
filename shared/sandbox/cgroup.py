"""Control groups: limits for all programs of a sandbox together.

<caller's own group>/ipt-terminals/<name>        in each hierarchy of version 1
<its parent>/ipt-terminals/<name>                in the only one of version 2

Made where this process may make groups, else not at all: `make` says which limits
hold, and whoever asks falls back to limits of each process for the others.
Nothing is kept here.  Who makes a group writes its folders down before, so that
they can be removed whatever happens in between.
"""

import contextlib
import logging
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from .hierarchies import (
    MEMORY,
    PROCESSES,
    SELF,
    WANTED,
    Hierarchy,
    read_hierarchies,
)

log = logging.getLogger("sandbox")

FOLDER = "ipt-terminals"
PROCS = "cgroup.procs"
SHARE = "cgroup.subtree_control"
PERIOD_US = 100_000
END_SECONDS = 5.0
POLL_SECONDS = 0.005
MOST_TRIES = 5
TRIAL_BYTES, TRIAL_PROCESSES, TRIAL_PROCESSORS = 1 << 30, 100, 0.5


@dataclass(frozen=True)
class GroupLimits:
    """What all processes of a group may use together; None for no limit.

    Attributes:
        memory_bytes: Memory and what lies in file systems in memory; no swap.
        processes: Processes and threads.
        processors: Processors, may be a fraction.
    """

    memory_bytes: int | None = None
    processes: int | None = None
    processors: float | None = None

    def wanted(self) -> frozenset[str]:
        """Return the controllers that are needed."""
        values = (self.memory_bytes, self.processes, self.processors)
        pairs = zip(WANTED, values, strict=True)
        return frozenset(name for name, value in pairs if value is not None)

    def settings(self, controller: str) -> dict[str, str]:
        """Return the files of a controller and what belongs in them.

        Those of both versions: a group has the ones of its own.  In the order in
        which the kernel takes them.
        """
        if controller == MEMORY:
            most = str(self.memory_bytes)
            return {
                "memory.limit_in_bytes": most,
                "memory.memsw.limit_in_bytes": most,
                "memory.max": most,
                "memory.swap.max": "0",
            }
        if controller == PROCESSES:
            return {"pids.max": str(self.processes)}
        quota = max(1000, int((self.processors or 0) * PERIOD_US))
        return {
            "cpu.cfs_period_us": str(PERIOD_US),
            "cpu.cfs_quota_us": str(quota),
            "cpu.max": f"{quota} {PERIOD_US}",
        }


def find_parents(
    wanted: frozenset[str] = frozenset(WANTED), process: Path = SELF
) -> dict[Path, frozenset[str]]:
    """Return where this process may make groups, and what those limit.

    Args:
        wanted: The controllers that are needed.
        process: Its folder in /proc; another one in tests.
    """
    found: dict[Path, frozenset[str]] = {}
    missing = set(wanted)
    for tree in sorted(read_hierarchies(process), key=lambda tree: tree.unified):
        if not tree.controllers & missing:
            continue
        folder = find_base(tree)
        usable = open_folder(folder, tree) & missing
        if usable:
            found[folder / FOLDER] = frozenset(usable)
            missing -= usable
    return found


def find_base(tree: Hierarchy) -> Path:
    """Return the group below which ours may be.

    A group of version 2 that has processes, as our own has, can't have groups with
    limits below it (but for the root): its parent is the place, if that is ours, too.
    """
    if tree.unified and tree.folder != tree.top:
        return tree.folder.parent
    return tree.folder


def open_folder(folder: Path, tree: Hierarchy) -> frozenset[str]:
    """Make our folder in a group; return what groups below it can limit."""
    ours = folder / FOLDER
    try:
        ours.mkdir(exist_ok=True)
        if not tree.unified:
            return tree.controllers if os.access(ours, os.W_OK) else frozenset()
        shared = share(folder, tree.controllers) & share(ours, tree.controllers)
    except OSError:
        return frozenset()
    if not shared:
        remove(ours)
    return shared


def share(folder: Path, controllers: frozenset[str]) -> frozenset[str]:
    """Let the groups below a group of version 2 have limits; return which."""
    for name in sorted(controllers):
        # EBUSY: it has processes of its own; EACCES: it is not ours.
        with (
            contextlib.suppress(OSError),
            (folder / SHARE).open("a", encoding="ascii") as file,
        ):
            file.write(f"+{name} ")
    return frozenset((folder / SHARE).read_text(encoding="ascii").split())


@dataclass(frozen=True)
class ControlGroup:
    """One group: its folder in each hierarchy that it needs; they may not exist."""

    folders: tuple[Path, ...]

    def make(self, limits: GroupLimits) -> frozenset[str]:
        """Make the folders and set the limits; return which controllers hold."""
        wanted = limits.wanted()
        held: set[str] = set()
        for folder in self.folders:
            if make_folder(folder, wanted):
                held |= {name for name in wanted if apply(folder, limits, name)}
        return frozenset(held)

    def entrances(self) -> tuple[Path, ...]:
        """Return the files into which a process writes 0 to go in."""
        return tuple(folder / PROCS for folder in self.folders if folder.is_dir())

    def processes(self) -> set[int]:
        """Return the processes in it."""
        found: set[int] = set()
        for folder in self.folders:
            with contextlib.suppress(OSError):
                text = (folder / PROCS).read_text(encoding="ascii")
                found |= {int(line) for line in text.split()}
        return found - {0}

    def memory_kills(self) -> int:
        """Return how many processes the kernel ended for want of memory."""
        kills = 0
        for folder in self.folders:
            for name in ("memory.oom_control", "memory.events"):
                with contextlib.suppress(OSError):
                    text = (folder / name).read_text(encoding="ascii")
                    values = dict(line.split() for line in text.splitlines())
                    kills += int(values.get("oom_kill", 0))
        return kills

    def end(self, seconds: float = END_SECONDS) -> bool:
        """End all processes in it and remove it; false if something stays."""
        deadline = time.monotonic() + seconds
        while not all(remove(folder) for folder in self.folders):
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    self._kill(pid)
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        for folder in self.folders:
            remove(folder.parent)  # it stays while it has other groups
        return True

    def _kill(self, pid: int) -> None:
        handle = os.pidfd_open(pid)
        try:
            # Meanwhile the number may have gone to a process that is not in it.
            if pid in self.processes():
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)


def make_folder(folder: Path, wanted: frozenset[str]) -> bool:
    """Make one folder of a group; false if that can't be done."""
    for _ in range(MOST_TRIES):
        try:
            folder.parent.mkdir(exist_ok=True)
            if (folder.parent / SHARE).exists():
                share(folder.parent, wanted)
            folder.mkdir(exist_ok=True)
        except FileNotFoundError:
            continue  # whoever ended the last group beside it removed the parent
        except OSError as error:
            log.info("no control group: %s", error.strerror)
            return False
        return True
    return False


def apply(folder: Path, limits: GroupLimits, controller: str) -> bool:
    """Set a controller's limits in a folder; false if it is not limited there."""
    limited = False
    for name, value in limits.settings(controller).items():
        if not (folder / name).exists():
            continue
        try:
            (folder / name).write_text(value, encoding="ascii")
        except OSError as error:
            log.info("%s can't be set: %s", name, error.strerror)
            return False
        limited = True
    return limited


def remove(folder: Path) -> bool:
    """Remove one folder; false while processes or groups are in it."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def plan_group(name: str, limits: GroupLimits, process: Path = SELF) -> ControlGroup:
    """Return the group of a name, which is not made yet.

    Args:
        name: A safe name of a folder, unlike that of any other sandbox.
        limits: What it shall limit; a hierarchy that would limit nothing is left out.
        process: See `find_parents`.
    """
    parents = find_parents(limits.wanted(), process)
    return ControlGroup(tuple(parent / name for parent in parents))


def find_missing_limits(process: Path = SELF) -> frozenset[str]:
    """Return which controllers can't be used here, found out by trying them.

    Args:
        process: See `find_parents`.
    """
    limits = GroupLimits(TRIAL_BYTES, TRIAL_PROCESSES, TRIAL_PROCESSORS)
    group = plan_group(f"trial.{os.getpid()}", limits, process)
    held = group.make(limits)
    group.end()
    return limits.wanted() - held

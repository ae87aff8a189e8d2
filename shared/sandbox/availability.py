"""Whether sandboxes work on this machine, found out by starting one."""

import functools
import subprocess
from dataclasses import dataclass
from shutil import which
from typing import TYPE_CHECKING

from .box import Sandbox
from .cgroup import find_missing_limits
from .hierarchies import MEMORY, PROCESSES, PROCESSORS
from .mounts import system_mounts
from .seccomp import make_filter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROGRAMS = {"bwrap": "bubblewrap", "prlimit": "util-linux"}
TRIAL_SECONDS = 10
LIMITED = {
    MEMORY: "memory",
    PROCESSES: "the number of processes",
    PROCESSORS: "processors",
}


def run_trial(command: "Sequence[str]") -> "subprocess.CompletedProcess[str]":
    """Run a command and keep what it says."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=TRIAL_SECONDS,
        check=False,
    )


@dataclass(frozen=True)
class Availability:
    """Looks for the programs and tries them; both ways of looking are given.

    Attributes:
        find: Where a program is, or None.
        run: Runs a command to its end.
    """

    find: "Callable[[str], str | None]" = which
    run: "Callable[[Sequence[str]], subprocess.CompletedProcess[str]]" = run_trial

    def reason(self) -> str | None:
        """Return why no sandbox can be made here, or None if one just was."""
        for program, package in PROGRAMS.items():
            if self.find(program) is None:
                return f"{program} is not installed (Debian package {package})"
        trial = Sandbox(mounts=system_mounts()).command(["/bin/true"])
        try:
            result = self.run(trial)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"bwrap can't be tried: {type(error).__name__}"
        if result.returncode == 0:
            return None
        said = result.stderr.strip().splitlines() or [f"exit {result.returncode}"]
        return (
            f"bwrap is refused by this machine ({said[-1]}); "
            "user namespaces may be switched off"
        )


@functools.cache
def available() -> str | None:
    """Return why no sandbox can be made on this machine, or None if it can.

    Found out once in a process's life.
    """
    return Availability().reason()


def describe_walls(
    missing: "Callable[[], frozenset[str]]" = find_missing_limits,
    machine: str = "",
) -> str:
    """Tell a person what sandboxes of this machine lack beside bubblewrap.

    Args:
        missing: Tells which limits can't be set for a sandbox as a whole.
        machine: The kind of processor; this one's by default.
    """
    lacking = missing()
    lines = []
    if lacking:
        names = ", ".join(LIMITED[name] for name in LIMITED if name in lacking)
        lines.append(
            f"Sandboxes: no limit on {names} as a whole, only for each process, since "
            "no control groups can be made here. As root, or as a systemd service with "
            "Delegate=yes and DelegateSubgroup=tenant, they can."
        )
    if not make_filter(machine):
        lines.append("Sandboxes: system calls are not filtered on this processor.")
    whole = "Sandboxes: limited as a whole, with a filter of system calls."
    return "\n".join(lines) or whole

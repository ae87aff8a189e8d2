"""Starting and ending jobs' programs, by way of a supervisor process for each."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from agave_local.cores import on_all_cores
from agave_local.services.jobs.group import end_group
from agave_local.services.jobs.order import (
    Exit,
    Order,
    read_exit,
    read_supervisor,
    write_order,
)
from agave_local.services.jobs.processes import is_alive, orphans
from sandbox import available

_START_SECONDS = 30


class Launcher(Protocol):
    """Runs the programs of jobs; each has a private control folder."""

    def refusal(self, owner: str, busy: Collection[str]) -> str | None:
        """Return why a job can't run on this machine, or None if it can.

        Args:
            owner: of the job.
            busy: owners of all jobs that are not over.
        """
        ...

    def is_confined(self) -> bool:
        """Tell whether programs run in sandboxes on this machine."""
        ...

    def tidy(self) -> None:
        """Remove what an earlier process left and nobody waits for."""
        ...

    def launch(self, control: Path, order: Order) -> None:
        """Start a program, unless it was started before."""
        ...

    def look(self, control: Path) -> Exit | None:
        """Return how a program ended; None while it runs."""
        ...

    def end(self, control: Path) -> None:
        """Ask a program to end; it is forced to a few seconds later."""
        ...


class ForkLauncher:
    """Starts programs on this machine, each in a sandbox of its own.

    Args:
        why_no_sandbox: see `sandbox.available`.
        unconfined: whether to do without sandboxes where there can be none, for one
            user at a time.
        python: interpreter of the supervisor.
    """

    def __init__(
        self,
        why_no_sandbox: Callable[[], str | None] = available,
        *,
        unconfined: bool = False,
        python: str = sys.executable,
    ) -> None:
        self._unconfined = unconfined
        self._why_no_sandbox = why_no_sandbox
        self._python = python

    def refusal(self, owner: str, busy: Collection[str]) -> str | None:
        """Return why a job can't run on this machine, or None if it can.

        Args:
            owner: of the job.
            busy: owners of all jobs that are not over.
        """
        reason = self._why_no_sandbox()
        if reason is None:
            return None
        if not self._unconfined:
            return f"Jobs can't be kept apart from each other here: {reason}."
        if set(busy) <= {owner}:
            return None
        return (
            "Jobs without a sandbox are for one user at a time, and somebody else has "
            f"one now ({reason})."
        )

    def is_confined(self) -> bool:
        """Tell whether programs run in sandboxes on this machine."""
        return self._why_no_sandbox() is None

    def tidy(self) -> None:
        """Do nothing: supervisors leave nothing but what they are looked after by."""

    def launch(self, control: Path, order: Order) -> None:
        """Start a program, unless it was started before.

        Raises:
            OSError: the supervisor can't be started.
        """
        if read_supervisor(control) is not None or read_exit(control) is not None:
            return
        write_order(control, replace(order, confined=self.is_confined()))
        module = "agave_local.services.jobs.supervise"
        try:
            with on_all_cores():
                subprocess.run(
                    [self._python, "-m", module, str(control)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    timeout=_START_SECONDS,
                    check=True,
                )
        except subprocess.SubprocessError as error:
            raise OSError("the supervisor did not start") from error

    def look(self, control: Path) -> Exit | None:
        """Return how a program ended; None while it runs."""
        ended = read_exit(control)
        if ended is not None:
            return ended
        supervisor = read_supervisor(control)
        if supervisor is not None and is_alive(supervisor):
            return None
        # It may have written its last word between the two looks.
        ended = read_exit(control)
        if ended is None and supervisor is not None:
            _end_orphans(supervisor)
            end_group(control)
        return ended or Exit("lost")

    def end(self, control: Path) -> None:
        """Ask a program to end; it is forced to a few seconds later."""
        supervisor = read_supervisor(control)
        if supervisor is not None and is_alive(supervisor):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(supervisor["pid"]), signal.SIGTERM)


def _end_orphans(supervisor: Mapping[str, Any]) -> None:
    """End what a supervisor that was killed has left behind.

    A sandbox ends with its supervisor, but not in its first moments: bwrap asks the
    kernel for that only after it has begun.
    """
    for pid in orphans(supervisor):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)

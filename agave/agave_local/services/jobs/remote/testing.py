"""What tests of jobs on other machines share: a cluster to play with."""

import json
import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from agave_local.records.store import Document
from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.remote.journey import Patience
from agave_local.services.jobs.remote.watch import Pace
from agave_local.services.jobs.schedulers.base import (
    Run,
    SchedulerRefused,
    Sight,
    State,
)
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.local import LocalShell

QUICK = Pace(
    look=0.01,
    idle_look=0.01,
    ask=0.02,
    idle_ask=0.04,
    grace=0.1,
    trouble=0.02,
    fault=0.02,
    stop=0.1,
)
SHORT = Patience(dispatch=0.3, watch=0.3, fetch=0.3, tidy=60.0, pause=0.02)
PATIENT = Patience(pause=0.02)
_WAIT_SECONDS = 20.0


def wait_until(condition: Callable[[], object], seconds: float = _WAIT_SECONDS) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: it takes too long.
    """
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError("it did not come to that")
        time.sleep(0.01)


class Machine:
    """A folder of this machine that plays another one, and can be cut off.

    Attributes:
        trouble: raised by whatever is asked of it; None while it answers.
        opened: for whom it was signed in to.
    """

    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.opened: set[tuple[str, str]] = set()
        self._shell = LocalShell()

    def open(self, system: Document, owner: str) -> Shell:
        """Return the machine."""
        self.opened.add((system["id"], owner))
        machine: Any = self
        shell: Shell = machine
        return shell

    def close_all(self) -> None:
        """Nothing is held."""

    def __getattr__(self, name: str) -> Any:
        """Do what a shell does, unless it is cut off."""
        if self.trouble is not None:
            raise self.trouble
        return getattr(self._shell, name)


class FakeScheduler:
    """Plays a cluster's scheduler, and the job scripts that it would have started.

    Args:
        base: folder of the jobs on the cluster.

    Attributes:
        machine: of the cluster.
        runs: what was submitted, by number.
        refusals: raised one after another by `submit`.
        sights: what `look` says of a number; else that it waits, runs, or is gone.
        cancelled: numbers that were to end.
        stubborn: whether a run takes no notice of being cancelled.
    """

    def __init__(self, base: Path) -> None:
        self.base = base
        self.machine = Machine()
        self.runs: dict[str, Run] = {}
        self.refusals: list[SchedulerRefused] = []
        self.sights: dict[str, Sight] = {}
        self.cancelled: list[str] = []
        self.stubborn = False
        self._states: dict[str, State] = {}
        self._lock = threading.Lock()

    def submit(self, shell: Shell, run: Run) -> str:
        """Take a run, once."""
        with self._lock:
            if self.refusals:
                raise self.refusals.pop(0)
            try:
                return shell.read(f"{run.control}/number").decode()
            except FileNotFoundError:
                number = str(len(self.runs) + 1)
            shell.write(f"{run.control}/number", number.encode())
            self.runs[number] = run
            self._states[number] = State.WAITING
            return number

    def look(self, shell: Shell, numbers: Collection[str]) -> Mapping[str, Sight]:
        """Return what the test has said, or what happened."""
        shell.entry("/")
        return {
            number: self.sights.get(number, Sight(self._states.get(number, State.GONE)))
            for number in numbers
        }

    def cancel(self, shell: Shell, run: Run, number: str) -> None:
        """End a run."""
        shell.entry("/")
        self.cancelled.append(number)
        if not self.stubborn and self._states.get(number) is not State.GONE:
            if self._states[number] is State.RUNNING:
                self.finish(run.job_id, Exit("ended", 143))
            self._states[number] = State.GONE

    def number_of(self, job_id: str) -> str:
        """Wait until a job was submitted; return its number.

        Raises:
            AssertionError: it takes too long.
        """
        until = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < until:
            for number, run in list(self.runs.items()):
                if run.job_id == job_id:
                    return number
            time.sleep(0.01)
        raise AssertionError(f"{job_id} was never submitted")

    def work(self, job_id: str) -> Path:
        """Return where a job runs."""
        return Path(self.runs[self.number_of(job_id)].work)

    def begin(self, job_id: str) -> None:
        """Start a job, as its script tells."""
        number = self.number_of(job_id)
        self._states[number] = State.RUNNING
        run = self.runs[number]
        Path(run.events, f"{job_id}.started").touch()

    def finish(self, job_id: str, ended: Exit = Exit("exited", 0)) -> None:  # noqa: B008 - it can't be changed
        """End a job, as its script tells."""
        number = self.number_of(job_id)
        run = self.runs[number]
        draft = Path(run.control, ".exit.json")
        draft.write_text(json.dumps(vars(ended)), encoding="utf-8")
        draft.rename(Path(run.control, "exit.json"))
        Path(run.events, f"{job_id}.ended").touch()
        self._states[number] = State.GONE

    def alive(self) -> list[str]:
        """Return the jobs that wait or run."""
        return [
            run.job_id
            for number, run in list(self.runs.items())
            if self._states.get(number, State.GONE) is not State.GONE
        ]

    def files(self) -> list[str]:
        """Return the names of all files that jobs have left on the machine."""
        return [path.name for path in self.base.rglob("*") if path.is_file()]

    def lose(self, job_id: str) -> None:
        """End a job that says nothing any more."""
        self._states[self.number_of(job_id)] = State.GONE

"""What jobs need of a scheduler, in whose words they never have to speak."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.shells.base import Shell


@dataclass(frozen=True)
class Run:
    """One program to start, and where its files are on the machine.

    Attributes:
        job_id: of the job; also its name at the scheduler, behind `ipt-`.
        work: folder in which it runs, and the only one that it should change.
        control: folder of the job script and what it notes; the program has no
            business there.
        events: folder that all jobs of the system share: a file
            `<job id>.started` or `<job id>.ended` appears in it.
        argv: the program and its arguments, begun in `work`.
        slug: start of the names of the output files `<slug>.out` and `<slug>.err`.
        env: the whole environment of the program but what the scheduler and the
            machine's modules add.
        seconds: of run time.
        nodes: number of machines.
        processors: on each of them.
        memory_mib: on each of them; None where nobody set a limit.
        file_mib: of one file, at most.
        total_mib: in the work folder, at most.
        processes: at once, where they can be told from all others: in a sandbox.
        queue: as the scheduler names it.
        queue_label: as the job's owner knows it, where that is another name.
        directives: further ones of the queue, by its operator, such as
            `--gres=gpu:1`.
        startup: script of the machine to read first, or nothing.
        filter_file: file with a filter of system calls that `argv` expects open as
            descriptor 9, or nothing.
    """

    job_id: str
    work: str
    control: str
    events: str
    argv: tuple[str, ...]
    slug: str
    env: Mapping[str, str] = field(default_factory=dict)
    seconds: int = 3600
    nodes: int = 1
    processors: int = 1
    memory_mib: int | None = None
    file_mib: int = 4096
    total_mib: int = 4096
    processes: int | None = None
    queue: str = ""
    queue_label: str = ""
    directives: tuple[str, ...] = ()
    startup: str = ""
    filter_file: str = ""


class State(StrEnum):
    """Where a run is, as far as its scheduler tells."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    GONE = "GONE"


@dataclass(frozen=True)
class Sight:
    """What the scheduler says of a run.

    Attributes:
        state: where it is.
        reason: why it waits, or why it is gone, in words for its owner; or nothing.
        ahead: how many wait before it in its queue; None where nobody tells.
        expected: when it should start, in seconds since the epoch; None where nobody
            tells.
        exit: how it ended, where only the scheduler knows: its time was over, the
            machine failed, somebody cancelled it.
    """

    state: State
    reason: str = ""
    ahead: int | None = None
    expected: float | None = None
    exit: Exit | None = None


class SchedulerRefused(Exception):
    """The scheduler does not take a job.

    Attributes:
        message: what it says, in words for the job's owner.
        may_pass: whether trying again later may help.
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.may_pass = may_pass


class Scheduler(Protocol):
    """Starts programs, and tells what became of them.

    Every method may raise `HostError`.
    """

    def submit(self, shell: Shell, run: Run) -> str:
        """Start a run, unless it was started before; return its number.

        Done twice, even while the first time is still under way, it starts the
        program once and returns the same number.

        Raises:
            SchedulerRefused: it does not take it.
        """
        ...

    def look(self, shell: Shell, numbers: Collection[str]) -> Mapping[str, Sight]:
        """Return what is known of some runs, in one question for all of them."""
        ...

    def cancel(self, shell: Shell, run: Run, number: str) -> None:
        """Ask a run to end, and force it a little later; one that is over stays so."""
        ...

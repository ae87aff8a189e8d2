"""What runs executions: the protocol between the engine and its runners."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from agave_local.clock import to_iso

FRAME_LIMIT = 131_072
KILLED = 137
STOPPED = "The tenant was stopped."
UNKNOWN_IMAGE = "Image {} was not found on the public registry."


@dataclass(frozen=True)
class Task:
    """One execution to run.

    Attributes:
        execution_id: of the execution.
        image: name of the actor's image.
        environment: all variables, in their final form.
        binary: file that holds the binary message, where there is one.
        memory: limit in bytes, 0 for none; None for the runner's own.
        cpus: processors it may use, in billionths; None for the runner's own limit.
        privileged: whether a container may do what its host may.
        as_image_user: whether a container runs as the user that its image names.
    """

    execution_id: str
    image: str
    environment: Mapping[str, str] = field(repr=False)
    binary: Path | None = None
    memory: int | None = None
    cpus: int | None = None
    privileged: bool = False
    as_image_user: bool = False


@dataclass(frozen=True)
class Ending:
    """How an execution ended.

    Attributes:
        exit_code: of the process; 137 where it was killed.
        log: what it wrote.
        cpu: nanoseconds of processor time.
        io: bytes read and written, or sent and received by a container.
        error: why it could not run or was lost; None where it ran to its end.
        state: as docker shows the state of a container; empty where it never ran.
    """

    exit_code: int
    log: str = ""
    cpu: int = 0
    io: int = 0
    error: str | None = None
    state: Mapping[str, Any] = field(default_factory=dict)


def exited(code: int, started: float, finished: float) -> dict[str, Any]:
    """Return the state that docker would show of what ran and ended.

    Args:
        code: exit code.
        started: in seconds since the epoch.
        finished: in seconds since the epoch.
    """
    return {
        "Status": "exited",
        "Running": False,
        "Paused": False,
        "Restarting": False,
        "OOMKilled": False,
        "Dead": False,
        "Pid": 0,
        "ExitCode": code,
        "Error": "",
        "StartedAt": to_iso(started),
        "FinishedAt": to_iso(finished),
    }


class Listener(Protocol):
    """Who is told; called from the runner's own thread, so it must not wait."""

    def on_prepared(self, image: str, reason: str | None) -> None:
        """An image is ready to run, or is not, for the reason given."""
        ...

    def on_frame(self, execution_id: str, frame: bytes) -> None:
        """An execution sent a result frame."""
        ...

    def on_end(self, execution_id: str, ending: Ending) -> None:
        """An execution ended; nothing more comes from it."""
        ...


class Runner(Protocol):
    """Runs executions, each in a process (or thread) of its own."""

    def start(self, listener: Listener) -> None:
        """Begin to work."""
        ...

    def stop(self) -> None:
        """End everything that runs, telling the listener of each."""
        ...

    def prepare(self, image: str, *, renew: bool = False) -> None:
        """Make an image ready to run, and tell the listener.

        Args:
            image: its name.
            renew: read its code again, for executions from now on.
        """
        ...

    def run(self, task: Task) -> None:
        """Start an execution; its end is told to the listener, whatever happens."""
        ...

    def kill(self, execution_id: str) -> None:
        """End an execution by force, if it runs."""
        ...

    def log(self, execution_id: str) -> str:
        """Return what a running execution wrote so far."""
        ...

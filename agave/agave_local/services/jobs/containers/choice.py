"""What runs the jobs of the tenant's own machine: containers, sandboxes, either."""

from collections.abc import Collection
from pathlib import Path
from typing import Final, Protocol

from agave_local.services.jobs.containers.note import read_note
from agave_local.services.jobs.launcher import ForkLauncher, Launcher
from agave_local.services.jobs.order import (
    Exit,
    Order,
    read_exit,
    read_supervisor,
    write_exit,
)

AUTO, CONTAINER, SANDBOX = "auto", "container", "sandbox"
WALLS: Final = (AUTO, CONTAINER, SANDBOX)
_NO_ENGINE: Final = (
    "Jobs can't be kept apart from each other here: they are to run in containers, "
    "and no container engine and image are named."
)


class WallSettings(Protocol):
    """What an operator chooses for the jobs of the tenant's own machine."""

    @property
    def jobs(self) -> str:
        """One of `WALLS`."""
        ...

    @property
    def job_engine(self) -> str:
        """Address of a container engine of this machine; that of actors where empty."""
        ...

    @property
    def job_image(self) -> str:
        """Image of jobs' containers; there are none where it is empty."""
        ...

    @property
    def docker(self) -> str:
        """Address of the engine of actors; empty for none."""
        ...

    @property
    def unconfined_jobs(self) -> bool:
        """Whether jobs may do without a sandbox where there can be none."""
        ...


def choose_launcher(settings: WallSettings, root: Path) -> Launcher:
    """Return what runs jobs on the tenant's own machine.

    Args:
        settings: the operator's choices.
        root: the folder of all jobs.
    """
    fork = Sandboxes(unconfined=settings.unconfined_jobs)
    engine = settings.job_engine or settings.docker
    if settings.jobs == SANDBOX or not (engine and settings.job_image):
        return NoContainers() if settings.jobs == CONTAINER else fork
    # Only who has an engine pays for its SDK.
    from agave_local.services.jobs.containers.engine import JobEngine  # noqa: PLC0415 - as said
    from agave_local.services.jobs.containers.launcher import ContainerLauncher  # noqa: PLC0415 - as said

    containers = ContainerLauncher(JobEngine(engine), settings.job_image, root)
    return Either(containers, fork, falls_back=settings.jobs == AUTO)


class Sandboxes(ForkLauncher):
    """Sandboxes alone; what an earlier process began in a container is lost."""

    def launch(self, control: Path, order: Order) -> None:
        """Start a program, unless it was started before.

        Raises:
            OSError: the supervisor can't be started.
        """
        if read_note(control) is not None and read_exit(control) is None:
            write_exit(control, Exit("lost"))
        super().launch(control, order)


class NoContainers(Sandboxes):
    """Runs nothing: containers are wanted, and there is nothing to make them with."""

    def refusal(self, _owner: str, _busy: Collection[str]) -> str:
        """Return that there are no containers."""
        return _NO_ENGINE


class Either:
    """Containers where they can be had, else sandboxes; implements `Launcher`.

    What has begun in one is looked after there, whatever can be had later.

    Args:
        containers: come first.
        fork: starts sandboxes.
        falls_back: whether anything new is started in a sandbox.
    """

    def __init__(
        self, containers: Launcher, fork: Launcher, *, falls_back: bool
    ) -> None:
        self._containers = containers
        self._fork = fork
        self._falls_back = falls_back

    def refusal(self, owner: str, busy: Collection[str]) -> str | None:
        """Return why a job can't run on this machine, or None if it can."""
        refusal = self._containers.refusal(owner, busy)
        if refusal is None or not self._falls_back:
            return refusal
        return self._fork.refusal(owner, busy)

    def is_confined(self) -> bool:
        """Tell whether programs that a scheduler starts here run in sandboxes."""
        return self._fork.is_confined()

    def tidy(self) -> None:
        """Remove what an earlier process left and nobody waits for."""
        self._containers.tidy()
        self._fork.tidy()

    def launch(self, control: Path, order: Order) -> None:
        """Start a program, unless it was started before.

        Raises:
            OSError: it can't be started.
        """
        self._of(control, order.user).launch(control, order)

    def look(self, control: Path) -> Exit | None:
        """Return how a program ended; None while it runs."""
        return self._of(control).look(control)

    def end(self, control: Path) -> None:
        """Ask a program to end; it is forced to a few seconds later."""
        self._of(control).end(control)

    def _of(self, control: Path, owner: str | None = None) -> Launcher:
        """Return whose a job is; whose it will be, where it has not begun."""
        if read_note(control) is not None:
            return self._containers
        if read_supervisor(control) is not None:
            return self._fork
        if owner is None or not self._falls_back:
            return self._containers
        is_good = self._containers.refusal(owner, ()) is None
        return self._containers if is_good else self._fork

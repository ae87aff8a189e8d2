"""A scheduler that is real, and runs that it has."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.schedulers.base import Run, Sight, State
from agave_local.services.jobs.schedulers.slurm import Slurm
from agave_local.services.jobs.schedulers.testing import SlurmCluster, make_run
from agave_local.services.jobs.shells.local import LocalShell

_PATIENCE_S = 60.0


class Site:
    """A machine with a Slurm, and the runs of a test.

    Args:
        cluster: the Slurm.
        folder: for the runs.
    """

    def __init__(self, cluster: SlurmCluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.slurm = Slurm()
        self.shell = LocalShell(
            {"PATH": os.environ["PATH"], "HOME": "/root", **cluster.env}
        )

    def run(self, program: str, job_id: str = "job-1", **more: Any) -> Run:
        """Return a run of a shell script."""
        return make_run(self.folder, program, job_id, **{"queue": "normal", **more})

    def submit(self, run: Run) -> str:
        """Submit a run."""
        return self.slurm.submit(self.shell, run)

    def look(self, number: str) -> Sight:
        """Return what Slurm says of a run."""
        return self.slurm.look(self.shell, [number])[number]

    def cancel(self, run: Run, number: str) -> None:
        """Cancel a run."""
        self.slurm.cancel(self.shell, run, number)

    def wait_for(self, done: Callable[[], bool]) -> None:
        """Wait until something is so."""
        until = time.monotonic() + _PATIENCE_S
        while not done():
            assert time.monotonic() < until
            time.sleep(0.05)

    def wait_for_end(self, number: str) -> Sight:
        """Wait until Slurm has a run no more; return what it says then."""
        self.wait_for(lambda: self.look(number).state is State.GONE)
        return self.look(number)

    def wait_for_output(self, run: Run) -> None:
        """Wait until a program has printed something."""
        path = Path(run.work, f"{run.slug}.out")
        self.wait_for(lambda: path.exists() and path.stat().st_size > 0)


@pytest.fixture(name="site")
def _site(slurm: SlurmCluster, tmp_path: Path) -> Iterator[Site]:
    yield Site(slurm, tmp_path)
    slurm.clear()

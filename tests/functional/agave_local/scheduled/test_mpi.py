"""Programs of several ranks, compiled and run by Slurm."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agave_local.services.jobs.scenes import SLURM_HERE, SLURM_SSH, Scene, over_ssh
from sshlink.testing import SshServer

pytestmark = pytest.mark.needs("slurm", "sshd", "bubblewrap", "openmpi")
SOURCE = Path(__file__).with_name("ring.c")
BUILD = "mpicc -O1 ring.c -o ring"
MPIRUN = "mpirun --allow-run-as-root -np 2 ./ring >by-mpirun"


def _run(scene: Scene, script: str) -> str:
    """Run a script on two processors; return the job's id."""
    source = scene.upload(SOURCE.name, SOURCE.read_bytes())
    job_id = scene.submit(
        script, inputs={"files": [source]}, nodeCount=1, processorsPerNode=2
    )
    job = scene.wait(job_id)
    assert job["status"] == "FINISHED", scene.read(job_id, "job.err")
    return job_id


def test_mpi_over_ssh(door: SshServer, enter: Callable[..., Scene]) -> None:
    """Two ranks begun by mpirun, and two by srun, give the right output."""
    scene = enter(SLURM_SSH, {"scheduler": "SLURM", **over_ssh(door)})

    job_id = _run(scene, f"{BUILD} && {MPIRUN} && srun -n 2 --mpi=pmix ./ring >by-srun")

    assert scene.read(job_id, "by-mpirun") == b"2 ranks, sum 3\n"
    assert scene.read(job_id, "by-srun") == b"2 ranks, sum 3\n"


@pytest.mark.usefixtures("with_slurm")
def test_mpi_in_a_sandbox(enter: Callable[..., Scene]) -> None:
    """On the tenant's own machine, ranks find one another behind the wall."""
    here = {"login": {"host": "localhost", "protocol": "LOCAL"}}
    scene = enter(SLURM_HERE, {"scheduler": "SLURM", **here})

    job_id = _run(scene, f"{BUILD} && {MPIRUN}")

    assert scene.read(job_id, "by-mpirun") == b"2 ranks, sum 3\n"

"""A Slurm whose controller is down or hangs for a while."""

import pytest

from agave_local.services.jobs.scenes import SLURM_WAYS, Scene, until_true
from agave_local.services.jobs.schedulers.testing import SlurmCluster
from agave_local.services.jobs.states import Status

pytestmark = pytest.mark.needs("slurm", "sshd", "bubblewrap")
SILENT = "The scheduler does not answer. Trying again"


def _check(scene: Scene, job_id: str) -> None:
    job = scene.wait(job_id)
    assert job["status"] == "FINISHED", job["message"]
    assert scene.read(job_id, "log") == b"once\n"
    scene.wait_until_tidy(job_id)


@pytest.mark.parametrize("way", SLURM_WAYS)
def test_down_before_submitting(scene: Scene, slurm: SlurmCluster) -> None:
    """The job waits, says why, and runs once when the controller is back."""
    slurm.stop_controller()
    try:
        job_id = scene.submit("echo once >>log")
        scene.wait_until_told(job_id, SILENT)
        assert scene.get(job_id)["status"] == "QUEUED"
    finally:
        slurm.start_controller()

    _check(scene, job_id)


@pytest.mark.parametrize("way", SLURM_WAYS)
def test_down_while_it_runs(scene: Scene, slurm: SlurmCluster) -> None:
    """A job that ends meanwhile comes home without the controller."""
    job_id = scene.submit("until [ -e end ]; do sleep 0.05; done; echo once >>log")
    scene.wait(job_id, Status.RUNNING)
    slurm.stop_controller()
    try:
        work = scene.base / "anna" / f"job-{job_id}-job"
        (work / "end").touch()
        job = scene.wait(job_id)
        assert job["status"] == "FINISHED", job["message"]
    finally:
        slurm.start_controller()

    _check(scene, job_id)


@pytest.mark.parametrize("way", SLURM_WAYS)
def test_hangs_while_submitting(scene: Scene, slurm: SlurmCluster) -> None:
    """What the controller took without an answer is found again, and runs once."""
    slurm.pause_controller()
    try:
        job_id = scene.submit("echo once >>log")
        scene.wait_until_told(job_id, SILENT)
    finally:
        slurm.wake_controller()

    _check(scene, job_id)
    until_true(lambda: slurm.run("squeue", "-h", "-n", f"ipt-{job_id}") == "")


@pytest.mark.parametrize("way", SLURM_WAYS)
def test_node_fails(scene: Scene, slurm: SlurmCluster) -> None:
    """A job whose node is lost fails, and says so."""
    job_id = scene.submit("echo begun; sleep 60")
    scene.wait(job_id, Status.RUNNING)
    slurm.run("scontrol", "update", "NodeName=localhost", "State=DOWN", "Reason=test")

    job = scene.wait(job_id)

    assert job["status"] == "FAILED"
    assert job["message"] == "A node on which it ran has failed."
    scene.wait_until_tidy(job_id)
    until_true(lambda: slurm.run("sinfo", "-h", "-p", "normal", "-o", "%T") == "idle")

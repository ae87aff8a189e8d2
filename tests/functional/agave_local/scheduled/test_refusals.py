"""Jobs that a real Slurm does not take, and how it is told to their owner."""

from typing import Any

import pytest

from agave_local.services.jobs.scenes import (
    SLURM_HERE,
    SLURM_SSH,
    SLURM_WAYS,
    Scene,
    until_true,
)
from agave_local.services.jobs.schedulers.testing import SlurmCluster

pytestmark = pytest.mark.needs("slurm", "sshd", "bubblewrap")
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "more run time than the queue allows": (
        {"batchQueue": "debug", "maxRunTime": "00:05:00"},
        "The queue debug allows at most 1 minute of run time.",
    ),
    "more processors than there are": (
        {"processorsPerNode": 64},
        (
            "The queue normal does not give a job 64 processors on 1 of its nodes; "
            "ask for less."
        ),
    ),
}


@pytest.mark.parametrize("way", SLURM_WAYS)
@pytest.mark.parametrize("what", REFUSED)
def test_scheduler_refuses(scene: Scene, what: str) -> None:
    """The job fails in words that say what to change, and leaves nothing there."""
    more, message = REFUSED[what]

    job_id = scene.submit("touch ran", **more)

    job = scene.wait(job_id)
    assert (job["status"], job["message"]) == ("FAILED", message)
    assert scene.history(job_id)[-1] == f"Job failed: {message}"
    scene.wait_until_tidy(job_id)


@pytest.mark.parametrize("way", [SLURM_SSH])
def test_more_nodes_than_there_are(scene: Scene) -> None:
    """The message says how many the queue has."""
    job_id = scene.submit("true", nodeCount=3)

    message = scene.wait(job_id)["message"]

    assert message == "The queue normal has 1 node; the job asks for 3."


@pytest.mark.parametrize("way", [SLURM_HERE])
def test_several_nodes_behind_a_wall(scene: Scene) -> None:
    """A job that stays in a sandbox of this machine is refused at once."""
    answer = scene.ask("true", nodeCount=2)

    assert answer.status_code == 400
    assert "`nodeCount` is at most 1" in answer.json()["message"]


@pytest.mark.parametrize("way", SLURM_WAYS)
def test_queue_is_closed(scene: Scene) -> None:
    """The job waits and says that its queue is closed; it can be stopped."""
    job_id = scene.submit("touch ran", batchQueue="closed")
    until_true(lambda: "remoteQueue" in scene.get(job_id))

    queue: dict[str, Any] = scene.get(job_id)["remoteQueue"]

    assert queue["reason"] == "Its queue is closed for now."
    assert scene.stop(job_id).json()["result"]["status"] == "STOPPED"
    scene.wait_until_tidy(job_id)


@pytest.mark.parametrize("way", SLURM_WAYS)
def test_queue_takes_no_jobs_for_a_while(scene: Scene, slurm: SlurmCluster) -> None:
    """A refusal that may pass is told of, and tried again until it has passed."""
    slurm.run("scontrol", "update", "PartitionName=closed", "State=INACTIVE")
    try:
        job_id = scene.submit("echo once >>log", batchQueue="closed")
        scene.wait_until_told(
            job_id, "The queue closed is closed for now. Trying again"
        )
        slurm.run("scontrol", "update", "PartitionName=closed", "State=UP")
        job = scene.wait(job_id)
    finally:
        slurm.run("scontrol", "update", "PartitionName=closed", "State=DOWN")

    assert job["status"] == "FINISHED", job["message"]
    assert scene.read(job_id, "log") == b"once\n"

"""Jobs on a real machine that their owner puts an end to, in every state."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agave_local.services.jobs.scenes import (
    CROWDED,
    SLURM_WAYS,
    WAYS,
    Scene,
    until_true,
)
from agave_local.services.jobs.schedulers.testing import SlurmCluster
from agave_local.services.jobs.states import Status

pytestmark = pytest.mark.needs("slurm", "sshd", "bubblewrap")


def running(mark: str) -> list[str]:
    """Return the command lines on this machine that hold a mark."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in line.split(b"\0"):
                found.append(line.decode("utf-8", "replace"))
    return found


@pytest.fixture(name="drained")
def _drained(slurm: SlurmCluster) -> Iterator[None]:
    """Let the cluster begin no job."""
    slurm.drain()
    yield
    slurm.resume()


@pytest.mark.usefixtures("drained")
@pytest.mark.parametrize("way", SLURM_WAYS)
def test_stop_in_the_queue(scene: Scene, slurm: SlurmCluster) -> None:
    """A job that waits says why; stopped, it is gone from the scheduler's queue."""
    job_id = scene.submit("touch ran")
    until_true(lambda: "remoteQueue" in scene.get(job_id))
    queue = scene.get(job_id)["remoteQueue"]
    assert "not available for now" in queue["reason"]
    assert queue["asOf"]

    answer = scene.stop(job_id)

    assert answer.json()["result"]["status"] == "STOPPED"
    until_true(lambda: slurm.run("squeue", "-h", "-n", f"ipt-{job_id}") == "")
    scene.wait_until_tidy(job_id)
    assert "remoteQueue" not in scene.get(job_id)
    assert "RUNNING" not in scene.statuses(job_id)


@pytest.mark.parametrize("way", WAYS)
def test_stop_while_it_runs(scene: Scene, way: str) -> None:
    """The program may clean up, all that it began ends, and its outputs stay."""
    mark = f"71{len(way)}.5"
    job_id = scene.submit(
        f"trap 'echo bye; exit 3' TERM; setsid sleep {mark} & echo begun\n"
        "while :; do sleep 0.05; done"
    )
    scene.wait(job_id, Status.RUNNING)
    until_true(lambda: running(mark))
    until_true(lambda: scene.read(job_id, "job.out") == b"begun\n")

    assert scene.stop(job_id).status_code == 200

    job = scene.wait(job_id)
    assert job["status"] == "STOPPED"
    scene.wait_until_tidy(job_id)
    until_true(lambda: not running(mark))
    assert scene.read(job_id, "job.out") == b"begun\nbye\n"


def test_stop_programs_that_take_no_notice(scenes: dict[str, Scene]) -> None:
    """A program that does not listen is forced, in each way."""
    mark = "7200.25"
    script = f"trap '' TERM; echo begun; while :; do sleep {mark}; done"
    jobs = {scenes[way].submit(script, batchQueue=CROWDED): scenes[way] for way in WAYS}
    for job_id, scene in jobs.items():
        scene.wait(job_id, Status.RUNNING)
    until_true(lambda: len(running(mark)) >= len(jobs))

    for job_id, scene in jobs.items():
        assert scene.stop(job_id).status_code == 200

    for job_id, scene in jobs.items():
        assert scene.wait(job_id)["status"] == "STOPPED"
        scene.wait_until_tidy(job_id)
    until_true(lambda: not running(mark))


@pytest.mark.parametrize("way", WAYS)
def test_stop_while_it_is_archived(scene: Scene) -> None:
    """What was archived by then stays, and nothing more comes."""
    count = 5_000
    job_id = scene.submit(f"mkdir many; touch $(seq -f many/%g {count})")
    scene.wait(job_id, Status.ARCHIVING)
    archive = (
        f"/files/v2/listings/system/test.storage/anna/out/{job_id}/many?limit=9999"
    )
    until_true(lambda: scene.owner.get(archive).ok)

    answer = scene.stop(job_id)

    assert answer.json()["result"]["status"] == "STOPPED"
    scene.wait_until_tidy(job_id)
    assert 0 < scene.archived(job_id, "many") < count
    assert scene.stop(job_id).status_code == 409


@pytest.mark.parametrize("way", WAYS)
def test_delete_a_running_job(scene: Scene) -> None:
    """It ends, nobody sees it any more, and nothing stays on the machine."""
    mark = "7300.125"
    job_id = scene.submit(f"sleep {mark}")
    until_true(lambda: running(mark))

    assert scene.owner.delete(f"/jobs/v2/{job_id}").ok

    assert scene.owner.get(f"/jobs/v2/{job_id}").status_code == 404
    until_true(lambda: not running(mark))
    scene.wait_until_tidy(job_id)


@pytest.mark.parametrize("way", SLURM_WAYS)
def test_operator_ends_a_job(scene: Scene, slurm: SlurmCluster) -> None:
    """A job that somebody cancels at the scheduler fails, and says who did it."""
    job_id = scene.submit("echo begun; sleep 60")
    scene.wait(job_id, Status.RUNNING)

    slurm.run("scancel", "-n", f"ipt-{job_id}")

    job = scene.wait(job_id)
    assert job["status"] == "FAILED"
    assert job["message"] == "It was cancelled at the scheduler."
    assert scene.read(job_id, "job.out") == b"begun\n"
    scene.wait_until_tidy(job_id)

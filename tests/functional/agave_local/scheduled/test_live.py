"""Jobs on a real machine that are looked at while they run; and many at once."""

import time

import pytest

from agave_local.services.jobs.scenes import (
    CROWDED,
    SLURM_WAYS,
    WAYS,
    Scene,
    until_true,
)
from agave_local.services.jobs.states import Status

pytestmark = pytest.mark.needs("slurm", "sshd", "bubblewrap")
MOST_BEHIND_SECONDS = 2.0
CROWD = 60


@pytest.mark.parametrize("way", WAYS)
def test_outputs_while_it_runs(scene: Scene) -> None:
    """A line is read at most two seconds after it was printed; files are listed."""
    job_id = scene.submit(
        "mkdir d; echo half >d/x\n"
        "for n in 1 2 3; do date +%s.%N; sleep 0.4; done\n"
        "until [ -e stop ]; do sleep 0.05; [ $SECONDS -lt 6 ] || touch stop; done"
    )
    scene.wait(job_id, Status.RUNNING)
    until_true(lambda: "/job.out" in scene.outputs(job_id))
    behind, seen = [], 0
    while seen < 3:
        lines = scene.read(job_id, "job.out").decode().split("\n")[:-1]
        behind += [time.time() - float(line) for line in lines[seen:]]
        seen = len(lines)
        time.sleep(0.1)

    assert scene.get(job_id)["status"] == "RUNNING"
    assert max(behind) < MOST_BEHIND_SECONDS
    assert {"/d", "/job.out", "/job.err"} <= scene.outputs(job_id)
    assert scene.outputs(job_id, "d") == {"/d", "/d/x"}
    assert scene.read(job_id, "d/x") == b"half\n"
    part = scene.owner.get(
        f"/jobs/v2/{job_id}/outputs/media/d/x", headers={"Range": "bytes=1-2"}
    )
    assert (part.status_code, part.content) == (206, b"al")
    outside = scene.owner.get(f"/jobs/v2/{job_id}/outputs/media/..%2f..%2fx")
    assert outside.status_code == 400
    scene.stop(job_id)


@pytest.mark.parametrize("way", SLURM_WAYS)
def test_turn_in_the_queue(scene: Scene) -> None:
    """A job that waits for others says how many come before it."""
    first = scene.submit("sleep 60", processorsPerNode=2)
    scene.wait(first, Status.RUNNING)
    second, third = (scene.submit("true", processorsPerNode=2) for _ in range(2))

    def ahead(job_id: str) -> int | None:
        found: int | None = scene.get(job_id).get("remoteQueue", {}).get("ahead")
        return found

    until_true(lambda: sorted(map(str, map(ahead, (second, third)))) == ["0", "1"])
    until_true(lambda: scene.get(second)["remoteQueue"]["reason"])

    for job_id in (first, third, second):
        scene.stop(job_id)
        scene.wait(job_id)


def test_crowd(scenes: dict[str, Scene]) -> None:
    """Sixty jobs at once, in all ways: none is lost, and none runs twice."""
    jobs = {}
    for number in range(CROWD):
        scene = scenes[WAYS[number % len(WAYS)]]
        job_id = scene.submit(f"echo {number} >>log", batchQueue=CROWDED)
        jobs[job_id] = (number, scene)

    for job_id, (number, scene) in jobs.items():
        job = scene.wait(job_id, seconds=80)
        assert job["status"] == "FINISHED", job["message"]
        assert scene.read(job_id, "log") == f"{number}\n".encode()
    for job_id, (_, scene) in jobs.items():
        scene.wait_until_tidy(job_id)

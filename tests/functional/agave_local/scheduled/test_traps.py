"""Jobs that leave traps in their folders for whoever reads, fetches or removes them."""

from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.scenes import (
    OWNER,
    SLURM_HERE,
    SSH_WAYS,
    WAYS,
    Scene,
    until_true,
)
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import STORAGE

pytestmark = pytest.mark.needs("slurm", "sshd", "bubblewrap")

WORDS = "bert's own words"
TRAPS = r"""
mkdir -p d/e
ln -s / root
ln -s ../../../../../../../../etc/passwd up
ln -s "$SECRET" secret
ln -s ../.. d/e/top
ln -s d/e/top/../../../../.. far
mkfifo fifo d/fifo
: >'<img src=x onerror=alert(1)>'
: >$'new\nline\xff'
truncate -s 2M sparse
mkdir closed
: >closed/x
chmod 000 closed
rm -f IPT_EXIT_CODE job.err
mkfifo IPT_EXIT_CODE job.err
mv job.out moved
ln -s "$SECRET" job.out
: >ready
"""


@pytest.fixture(name="secret")
def _secret(scene: Scene) -> Path:
    data: Path = scene.agave.tenant.settings.data.resolve()
    path = data / "storage" / STORAGE / "bert" / "secret"
    path.parent.mkdir(exist_ok=True)
    path.write_text(WORDS, encoding="utf-8")
    return path


def _answers(scene: Scene, job_id: str, *paths: str) -> list[Any]:
    kinds = ("media", "listings")
    return [
        scene.owner.get(f"/jobs/v2/{job_id}/outputs/{kind}/{path}")
        for path in paths
        for kind in kinds
    ]


@pytest.mark.parametrize("way", WAYS)
def test_traps(scene: Scene, secret: Path) -> None:
    """Nothing is read through them, nothing hangs, and they are gone at the end."""
    job_id = scene.submit(f"SECRET={secret}\n{TRAPS}\nsleep 3")
    scene.wait(job_id, Status.RUNNING)
    until_true(lambda: "/ready" in scene.outputs(job_id))
    names = sorted(path.strip("/") for path in scene.outputs(job_id))
    while_it_runs = _answers(scene, job_id, *names, "root/etc/passwd", "far", "d/e/top")

    job = scene.wait(job_id)
    scene.wait_until_tidy(job_id)

    assert job["status"] == "FINISHED", job
    at_the_end = _answers(scene, job_id, *names, "root/etc/passwd", "far", "d/e/top")
    for answer in (*while_it_runs, *at_the_end):
        assert WORDS not in answer.text
        assert "root:x:0" not in answer.text
        assert answer.status_code < 500
    home = scene.agave.tenant.settings.data / "storage" / STORAGE / OWNER
    files = [
        path for path in home.rglob("*") if path.is_file() and not path.is_symlink()
    ]
    assert files
    for path in files:
        assert WORDS.encode() not in path.read_bytes()
    assert secret.read_text(encoding="utf-8") == WORDS


@pytest.mark.parametrize("way", [SLURM_HERE])
def test_second_name_for_a_file(scene: Scene, secret: Path) -> None:
    """A job can't give a file of somebody else's a second name in its own folder."""
    job_id = scene.submit(
        f"for file in {secret} /etc/passwd /usr/bin/env; do ln $file . && echo made\n"
        "done\nmknod device c 1 3 && echo made\nmknod disk b 8 0 && echo made\ntrue"
    )

    scene.wait(job_id)

    assert scene.read(job_id, "job.out") == b""


@pytest.mark.parametrize("way", SSH_WAYS)
def test_link_on_the_way(scene: Scene) -> None:
    """Who may read a job over SSH reads nothing beside it through the job's links."""
    job_id = scene.submit("ln -s /etc there; : >ready; sleep 3")
    scene.wait(job_id, Status.RUNNING)
    until_true(lambda: "/ready" in scene.outputs(job_id))

    answers = _answers(scene, job_id, "there/passwd", "there/ssl", "there")

    assert [answer.status_code for answer in answers[:4]] == [404] * 4
    assert "root:x:0" not in "".join(answer.text for answer in answers)
    scene.wait(job_id)

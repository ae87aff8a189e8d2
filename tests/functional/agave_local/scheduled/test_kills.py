"""A tenant that is killed at every state of a job in turn, and started again."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.scenes import (
    FORK_SSH,
    OWNER,
    SLURM_HERE,
    WAYS,
    Scene,
    over_ssh,
)
from agave_local.services.jobs.schedulers.testing import SlurmCluster
from agave_local.services.jobs.states import Status
from sshlink.testing import SshServer

pytestmark = pytest.mark.needs("slurm", "sshd", "bubblewrap")
LIVES = Path(__file__).with_name("lives.py")
FILES = 200
SCRIPT = f"""\
echo once >>log
until [ -e go ]; do sleep 0.05; done
mkdir many; touch $(seq -f many/%g {FILES})
"""
# The state of the job, and when the tenant is killed: so many seconds after the state
# was reached, or at its end, when the next one is about to be written down.
END = "end"
BEFORE: list[tuple[Status, float | str]] = [
    (Status.PENDING, END),
    (Status.PROCESSING_INPUTS, END),
    (Status.STAGING_INPUTS, END),
    (Status.STAGED, END),
    (Status.STAGING_JOB, END),
    (Status.SUBMITTING, END),
    (Status.QUEUED, 0.0),
    (Status.QUEUED, 0.06),
    (Status.QUEUED, 0.15),
    (Status.QUEUED, END),
    (Status.RUNNING, 0.0),
    (Status.RUNNING, 0.1),
]
AFTER: list[tuple[Status, float | str]] = [
    (Status.RUNNING, END),
    (Status.CLEANING_UP, 0.0),
    (Status.CLEANING_UP, 0.02),
    (Status.CLEANING_UP, END),
    (Status.ARCHIVING, 0.0),
    (Status.ARCHIVING, END),
    (Status.ARCHIVING_FINISHED, END),
    (Status.FINISHED, 0.0),
]


class Lives:
    """Tenants that are killed, one after another."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def spend(self, status: Status, moment: float | str) -> None:
        """Let one live until its job has come so far, and that moment is there."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{status} {moment}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == f"{-signal.SIGKILL}\n", status


@contextmanager
def _lives(data: Path, system: dict[str, Any]) -> Iterator[Lives]:
    command = [sys.executable, str(LIVES), str(data), json.dumps(system)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Lives(process)


@pytest.fixture(name="system")
def _system(
    way: str, door: SshServer, slurm: SlurmCluster, tmp_path: Path
) -> Iterator[dict[str, Any]]:
    """Yield the description of the system that a way leads to."""
    here = {"login": {"host": "localhost", "protocol": "LOCAL"}}
    base = tmp_path / "cluster"
    yield {
        "scheduler": "FORK" if way == FORK_SSH else "SLURM",
        "workDir": str(base),
        **(here if way == SLURM_HERE else over_ssh(door)),
    }
    # Where a test has failed, nobody else ends its job.
    for work in base.glob(f"{OWNER}/*"):
        (work / "go").touch()
    slurm.clear()


@pytest.mark.usefixtures("with_slurm")
@pytest.mark.parametrize("way", WAYS)
def test_kill_at_every_state(
    way: str,
    system: dict[str, Any],
    slurm: SlurmCluster,
    enter: Callable[..., Scene],
    tmp_path: Path,
) -> None:
    """The job ends well, its program has run once, and nothing of it is left."""
    order = {"name": way, "fields": system, "script": SCRIPT}
    with _lives(tmp_path / "data", order) as lives:
        for status, moment in BEFORE:
            lives.spend(status, moment)
        (work,) = (tmp_path / "cluster" / OWNER).iterdir()
        (work / "go").touch()
        for status, moment in AFTER:
            lives.spend(status, moment)

    scene = enter(way, system)

    (job,) = scene.owner.get("/jobs/v2").json()["result"]
    job = scene.wait(job["id"])
    assert (job["status"], job["exitCode"]) == ("FINISHED", 0), job
    assert scene.read(job["id"], "log") == b"once\n"
    assert scene.archived(job["id"], "many") == FILES
    scene.wait_until_tidy()
    if way != FORK_SSH:
        known = slurm.run("squeue", "-ht", "all", "-n", f"ipt-{job['id']}", "-o", "%A")
        assert len(known.split()) == 1

"""A machine that can't be reached over SSH: for a while, and for good."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agave_local.services.jobs.remote.journey import Patience
from agave_local.services.jobs.scenes import (
    FORK_SSH,
    SSH_WAYS,
    Scene,
    over_ssh,
    until_true,
)
from agave_local.services.jobs.schedulers.testing import SlurmCluster
from agave_local.services.jobs.states import Status
from sshlink.testing import SshServer, run_ssh_server

pytestmark = pytest.mark.needs("slurm", "sshd")
SILENT = "The system's machine does not answer."
SHORT = Patience(dispatch=1.0, watch=1.0, fetch=1.0, tidy=60.0)
MANY = 1500
UNTIL_TOLD = "until [ -e end ]; do sleep 0.05; done; echo once >>log"


@pytest.fixture(name="server")
def _server(slurm: SlurmCluster, tmp_path: Path) -> Iterator[SshServer]:
    """Run an SSH server of one test's own."""
    folder = tmp_path / "sshd"
    folder.mkdir()
    with run_ssh_server(folder, slurm.env) as server:
        yield server


@pytest.fixture(name="away")
def _away(server: SshServer, enter: Callable[..., Scene], way: str) -> Scene:
    return _enter(server, enter, way)


@pytest.fixture(name="lost")
def _lost(server: SshServer, enter: Callable[..., Scene], way: str) -> Scene:
    """Return a scene of a tenant that gives up soon."""
    return _enter(server, enter, way, job_patience=SHORT)


def _enter(
    server: SshServer, enter: Callable[..., Scene], way: str, **settings: object
) -> Scene:
    scheduler = "FORK" if way == FORK_SSH else "SLURM"
    return enter(way, {"scheduler": scheduler, **over_ssh(server)}, **settings)


def _work(scene: Scene, job_id: str) -> Path:
    return scene.base / "anna" / f"job-{job_id}-job"


def _check(scene: Scene, job_id: str) -> None:
    job = scene.wait(job_id)
    assert job["status"] == "FINISHED", job["message"]
    assert scene.read(job_id, "log") == b"once\n"
    scene.wait_until_tidy()


@pytest.mark.parametrize("way", SSH_WAYS)
def test_away_before_it_is_sent(away: Scene, server: SshServer) -> None:
    """The job waits, says why, and runs once when the machine is back."""
    server.stop()
    job_id = away.submit("echo once >>log")
    away.wait_until_told(job_id, f"{SILENT} Trying again")
    assert away.get(job_id)["status"] == "QUEUED"

    server.start()

    _check(away, job_id)


@pytest.mark.parametrize("way", SSH_WAYS)
def test_away_while_it_runs(away: Scene, server: SshServer) -> None:
    """The job goes on meanwhile; its outputs are asked for in vain, in words."""
    job_id = away.submit(UNTIL_TOLD)
    away.wait(job_id, Status.RUNNING)
    server.stop()
    away.wait_until_told(job_id, f"{SILENT} Trying again")
    answer = away.owner.get(f"/jobs/v2/{job_id}/outputs/listings")
    assert (answer.status_code, answer.json()["message"]) == (503, SILENT)
    (_work(away, job_id) / "end").touch()

    server.start()

    _check(away, job_id)
    told = away.history(job_id)
    assert any("its machine answers again" in said for said in told)
    assert sum(SILENT in said for said in told) == 1


@pytest.mark.parametrize("way", SSH_WAYS)
def test_line_breaks_while_it_is_fetched(away: Scene, server: SshServer) -> None:
    """What was half copied is copied whole when the machine is back."""
    job_id = away.submit(f"mkdir many; touch $(seq -f many/%g {MANY}); echo once >>log")
    away.wait(job_id, Status.CLEANING_UP)
    server.stop()
    away.wait_until_told(job_id, "Trying again")
    assert away.get(job_id)["status"] == "CLEANING_UP"

    server.start()

    _check(away, job_id)
    archive = (
        f"/files/v2/listings/system/test.storage/anna/out/{job_id}/many?limit=9999"
    )
    assert len(away.owner.get(archive).json()["result"]) == MANY + 1


@pytest.mark.parametrize("way", [FORK_SSH])
def test_machine_hangs(away: Scene, server: SshServer) -> None:
    """A connection that stands still for a moment costs the job nothing."""
    job_id = away.submit(UNTIL_TOLD)
    away.wait(job_id, Status.RUNNING)
    server.freeze()
    (_work(away, job_id) / "end").touch()
    time.sleep(1)
    assert away.get(job_id)["status"] == "RUNNING"

    server.thaw()

    _check(away, job_id)


@pytest.mark.parametrize("way", [FORK_SSH])
def test_reader_does_not_wait_for_a_machine_that_hangs(
    away: Scene, server: SshServer
) -> None:
    """Outputs of a job on a frozen machine are refused soon, and then at once."""
    job_id = away.submit(UNTIL_TOLD)
    away.wait(job_id, Status.RUNNING)
    server.freeze()

    taken = []
    for path in ("listings", "media/log", "listings"):
        began = time.monotonic()
        answer = away.owner.get(f"/jobs/v2/{job_id}/outputs/{path}")
        taken.append(time.monotonic() - began)
        assert answer.status_code == 503
        assert answer.json()["status"] == "error"
        assert "machine" in answer.json()["message"]
    server.thaw()

    assert taken[0] < 7
    assert max(taken[1:]) < 1
    (_work(away, job_id) / "end").touch()
    _check(away, job_id)


@pytest.mark.parametrize("way", SSH_WAYS)
def test_never_there(lost: Scene, server: SshServer) -> None:
    """A job that can't be sent fails in time, with the reason."""
    server.stop()

    job = lost.wait(lost.submit("true"))

    assert job["status"] == "FAILED"
    assert job["message"] == f"{SILENT} It was tried for 1 s."


@pytest.mark.parametrize("way", SSH_WAYS)
def test_gone_for_good_while_it_runs(lost: Scene, server: SshServer) -> None:
    """A job that nobody can ask about fails; when the machine is back it is ended."""
    job_id = lost.submit("touch begun; sleep 60")
    lost.wait(job_id, Status.RUNNING)
    until_true((_work(lost, job_id) / "begun").exists)
    server.stop()

    job = lost.wait(job_id)

    assert (job["status"], job["message"]) == ("FAILED", SILENT)
    server.start()
    lost.wait_until_tidy()


@pytest.mark.parametrize("way", SSH_WAYS)
def test_gone_for_good_before_it_is_fetched(lost: Scene, server: SshServer) -> None:
    """A job whose outputs can't be had fails, and says that."""
    job_id = lost.submit(f"mkdir many; touch $(seq -f many/%g {MANY})")
    lost.wait(job_id, Status.CLEANING_UP)
    server.stop()

    job = lost.wait(job_id)

    assert job["status"] == "FAILED"
    assert job["message"].startswith("What the job has made could not be fetched: ")

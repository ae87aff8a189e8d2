"""Jobs that outlive their tenant, or are given up."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agave_local.errors import (
    NotFound,
)
from agave_local.services.jobs.document import JobDocuments
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.records import JobRecords
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import (
    USER,
    FakeLauncher,
    Stage,
    address,
    wait_for,
)
from agave_local.tenant import Tenant

DONE = Exit("exited", 0)


def _records(tenant: Tenant) -> JobRecords:
    return JobRecords(
        tenant.store, tenant.clock, tenant.events, JobDocuments("http://t")
    )


def test_shut_down(stage: Stage, tenant: Tenant, jobs: Jobs) -> None:
    """Shutting down ends what runs and says so; what waits is taken up later."""
    running = stage.submit(jobs)
    stage.order(running)
    waiting = stage.submit(jobs)
    wait_for(tenant, waiting, Status.QUEUED)

    jobs.stop()

    job = jobs.get(USER, running)
    assert job["status"] == Status.FAILED
    assert job["message"] == "The job was ended because the tenant was shut down."
    assert jobs.get(USER, waiting)["status"] == Status.QUEUED
    jobs.start()
    assert wait_for(tenant, waiting, Status.RUNNING)["status"] == Status.RUNNING


def test_shut_down_a_stopped_service(make_jobs: Callable[..., Jobs]) -> None:
    """Starting twice and stopping twice does no harm."""
    jobs = make_jobs()
    jobs.stop()
    jobs.start()
    jobs.start()
    jobs.stop()
    jobs.stop()


@pytest.mark.parametrize(
    "status",
    [
        Status.PENDING,
        Status.PROCESSING_INPUTS,
        Status.STAGING_INPUTS,
        Status.STAGED,
        Status.STAGING_JOB,
        Status.SUBMITTING,
    ],
)
def test_stage_again_after_a_restart(
    stage: Stage,
    tenant: Tenant,
    make_jobs: Callable[..., Jobs],
    home: Path,
    status: Status,
) -> None:
    """A job that was half staged is staged anew, without what was left."""
    (home / "in.txt").write_text("in")
    jobs = make_jobs()
    job_id = stage.submit(jobs, inputs={"file": address("in.txt")})
    _records(tenant).advance(job_id, Status.PENDING, status)
    work = stage.work(job_id)
    work.mkdir(parents=True)
    (work / "in.txt").write_text("ha")
    (work / "half").write_text("")
    jobs.start()
    stage.order(job_id)

    assert (work / "in.txt").read_text() == "in"
    assert not (work / "half").exists()


@pytest.mark.parametrize(
    "status",
    [
        Status.RUNNING,
        Status.CLEANING_UP,
        Status.ARCHIVING,
        Status.ARCHIVING_FINISHED,
    ],
)
def test_go_on_after_a_restart(
    stage: Stage,
    make_jobs: Callable[..., Jobs],
    home: Path,
    status: Status,
) -> None:
    """A job that ran, or was being archived, is brought to its end."""
    tenant, jobs = stage.tenant, make_jobs()
    job_id = stage.submit(jobs)
    _records(tenant).advance(job_id, Status.PENDING, status)
    work = stage.work(job_id)
    work.mkdir(parents=True)
    (work / "made").write_text("new")
    stage.launcher.ends[job_id] = DONE
    jobs.start()

    assert wait_for(tenant, job_id)["status"] == Status.FINISHED
    if status is not Status.ARCHIVING_FINISHED:
        assert (home / "out" / "made").read_text() == "new"


def test_fail_after_a_restart(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs]
) -> None:
    """A job whose archiving had failed is brought to its end."""
    jobs = make_jobs()
    job_id = stage.submit(jobs)
    _records(tenant).advance(
        job_id, Status.PENDING, Status.ARCHIVING_FAILED, message="no room"
    )
    jobs.start()

    job = wait_for(tenant, job_id)
    assert (job["status"], job["message"]) == (Status.FAILED, "no room")


def test_forget_a_job_that_was_reset(
    stage: Stage, tenant: Tenant, jobs: Jobs, launcher: FakeLauncher
) -> None:
    """After a reset a running program is ended and its folder removed."""
    job_id = stage.submit(jobs)
    stage.order(job_id)
    tenant.store.delete("job", job_id)

    stage.wait_until_gone(job_id)

    assert not stage.work(job_id).exists()
    assert launcher.ends[job_id].reason == "ended"


def test_hide_a_job(stage: Stage, jobs: Jobs) -> None:
    """A hidden job is nobody's any more, and its folder goes."""
    job_id = stage.submit(jobs)
    stage.order(job_id)
    jobs.hide(USER, job_id)

    with pytest.raises(NotFound):
        jobs.get(USER, job_id)
    stage.wait_until_gone(job_id)
    assert not stage.work(job_id).exists()

"""A tenant that ends while jobs are away finds each of them again, once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.remote.testing import (
    FakeScheduler,
    wait_until,
)
from agave_local.services.jobs.remote.trips import Trips
from agave_local.services.jobs.shells.errors import HostSilent
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import USER, Stage, wait_for
from agave_local.tenant import Tenant


@pytest.mark.parametrize(
    "status",
    [
        Status.PENDING,
        Status.PROCESSING_INPUTS,
        Status.STAGING_INPUTS,
        Status.STAGED,
        Status.STAGING_JOB,
        Status.SUBMITTING,
        Status.QUEUED,
    ],
)
def test_killed_before_it_was_sent(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
    status: Status,
) -> None:
    """Wherever it stood, the job is sent by the next process, and runs once."""
    scheduler.machine.trouble = HostSilent("It does not answer.")
    first = make_remote()
    job_id = stage.submit(first)
    wait_for(tenant, job_id, Status.QUEUED)
    first.stop()
    tenant.store.update("job", job_id, lambda job: {**job, "status": status})
    scheduler.machine.trouble = None

    make_remote()
    scheduler.finish(job_id)

    assert wait_for(tenant, job_id)["status"] == Status.FINISHED
    assert len(scheduler.runs) == 1


def test_killed_before_the_number_was_kept(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """The number is found on the machine; nothing is sent over what runs."""
    first = make_remote()
    job_id = stage.submit(first)
    scheduler.number_of(job_id)
    wait_until(lambda: first.get(USER, job_id)["submitTime"])
    first.stop()
    Trips(tenant.store).set(job_id, number="")
    (scheduler.work(job_id) / "job.ipcexe").write_text("runs", encoding="utf-8")

    make_remote()
    wait_until(lambda: (trip := Trips(tenant.store).get(job_id)) and trip.number)
    text = (scheduler.work(job_id) / "job.ipcexe").read_text(encoding="utf-8")
    scheduler.finish(job_id)

    assert text == "runs"
    assert wait_for(tenant, job_id)["status"] == Status.FINISHED
    assert len(scheduler.runs) == 1


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("ended", [True, False])
def test_killed_while_it_is_at_the_scheduler(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
    *,
    begun: bool,
    ended: bool,
) -> None:
    """Whatever happened meanwhile, the job ends right, once; stopping ends it not."""
    first = make_remote()
    job_id = stage.submit(first)
    scheduler.number_of(job_id)
    wait_until(lambda: first.get(USER, job_id)["submitTime"])
    if begun:
        scheduler.begin(job_id)
        wait_for(tenant, job_id, Status.RUNNING)
    first.stop()
    assert not Status(first.get(USER, job_id)["status"]).is_over
    if ended:
        scheduler.finish(job_id)

    make_remote()
    if not ended:
        scheduler.finish(job_id)

    assert wait_for(tenant, job_id)["status"] == Status.FINISHED
    assert scheduler.cancelled == []
    wait_until(lambda: not Trips(tenant.store).all())


@pytest.mark.parametrize("status", [Status.CLEANING_UP, Status.ARCHIVING])
def test_killed_on_the_way_home(  # noqa: PLR0917 - each plays a part
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
    home: Path,
    status: Status,
) -> None:
    """What was half fetched or half archived is so again, whole."""
    first = make_remote()
    job_id = stage.submit(first)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    (scheduler.work(job_id) / "result").write_text("42", encoding="utf-8")
    first.stop()
    scheduler.finish(job_id)
    fetched = status is Status.ARCHIVING
    if fetched:
        (stage.work(job_id) / "result").write_text("42", encoding="utf-8")
        Trips(tenant.store).set(job_id, fetched=True)
    tenant.store.update(
        "job",
        job_id,
        lambda job: {**job, "status": status, "exitCode": 0, "endTime": job["created"]},
    )

    make_remote()

    assert wait_for(tenant, job_id)["status"] == Status.FINISHED
    assert (home / "out" / "result").read_text(encoding="utf-8") == "42"
    wait_until(lambda: not Trips(tenant.store).all())


def test_killed_after_a_stop(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """A job that was stopped but not yet ended is ended by the next process."""
    first = make_remote()
    job_id = stage.submit(first)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    first.stop()
    tenant.store.update("job", job_id, lambda job: {**job, "stopRequested": "STOPPED"})

    make_remote()

    assert wait_for(tenant, job_id)["status"] == Status.STOPPED
    wait_until(lambda: not Trips(tenant.store).all())
    assert scheduler.files() == []


def test_killed_before_it_was_tidied(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """What an ended job has left on its machine is removed at the next start."""
    first = make_remote()
    job_id = stage.submit(first)
    scheduler.number_of(job_id)
    wait_until(lambda: first.get(USER, job_id)["submitTime"])
    first.stop()
    tenant.store.update("job", job_id, lambda job: {**job, "status": Status.STOPPED})

    make_remote()

    wait_until(lambda: not Trips(tenant.store).all())
    assert scheduler.cancelled
    assert scheduler.files() == []

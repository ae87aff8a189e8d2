"""Jobs on other machines that somebody stops, in every state."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agave_local.errors import NotFound
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.remote.journey import Patience
from agave_local.services.jobs.remote.testing import (
    PATIENT,
    FakeScheduler,
    wait_until,
)
from agave_local.services.jobs.remote.trips import Trips
from agave_local.services.jobs.shells.errors import HostSilent
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import USER, Stage, wait_for
from agave_local.tenant import Tenant


def _wait_until_tidy(tenant: Tenant, scheduler: FakeScheduler) -> None:
    wait_until(lambda: not Trips(tenant.store).all())
    assert scheduler.files() == []


def test_stop_in_the_queue(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """A job that waits is taken out of the scheduler's queue, too."""
    job_id = stage.submit(remote)
    number = scheduler.number_of(job_id)
    wait_until(lambda: remote.get(USER, job_id)["submitTime"])

    assert remote.end(USER, job_id)["status"] == Status.STOPPED

    _wait_until_tidy(tenant, scheduler)
    assert number in scheduler.cancelled
    assert remote.get(USER, job_id)["status"] == Status.STOPPED


def test_stop_while_it_runs(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """What the job made by then can still be read."""
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    (scheduler.work(job_id) / "half").write_text("done", encoding="utf-8")

    remote.end(USER, job_id, Status.KILLED)

    job = wait_for(tenant, job_id)
    assert job["status"] == Status.KILLED
    _wait_until_tidy(tenant, scheduler)
    assert remote.outputs.open(job, "half").read(0, 9) == b"done"


def test_stop_while_the_machine_is_away(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """A job is stopped as soon as its machine can be told."""
    remote = make_remote(patience=PATIENT)
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    scheduler.machine.trouble = HostSilent("It does not answer.")
    remote.end(USER, job_id)
    assert scheduler.cancelled == []

    scheduler.machine.trouble = None

    assert wait_for(tenant, job_id)["status"] == Status.STOPPED
    _wait_until_tidy(tenant, scheduler)


def test_stop_while_it_is_archived(
    stage: Stage,
    tenant: Tenant,
    remote: Jobs,
    scheduler: FakeScheduler,
    home: Path,
) -> None:
    """What was archived by then stays, and nothing more comes."""
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    for number in range(3000):
        (scheduler.work(job_id) / f"{number:04}").write_text("x", encoding="utf-8")
    scheduler.finish(job_id)
    wait_for(tenant, job_id, Status.ARCHIVING)
    wait_until((home / "out").exists)

    assert remote.end(USER, job_id)["status"] == Status.STOPPED

    _wait_until_tidy(tenant, scheduler)
    assert remote.get(USER, job_id)["status"] == Status.STOPPED
    time.sleep(0.05)  # the file that was under way
    archived = len(list((home / "out").iterdir()))
    assert archived < 3000
    time.sleep(0.1)
    assert len(list((home / "out").iterdir())) == archived


def test_stop_while_it_is_sent(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """A job that is stopped before its machine answers never runs."""
    remote = make_remote(patience=Patience(pause=2.0))
    scheduler.machine.trouble = HostSilent("It does not answer.")
    job_id = stage.submit(remote)
    wait_until(lambda: remote.get(USER, job_id).get("trouble"))
    remote.end(USER, job_id)
    scheduler.machine.trouble = None

    _wait_until_tidy(tenant, scheduler)

    assert scheduler.runs == {}


def test_stop_a_job_that_takes_no_notice(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """It is asked again and again until it is gone."""
    scheduler.stubborn = True
    job_id = stage.submit(remote)
    scheduler.number_of(job_id)
    wait_until(lambda: remote.get(USER, job_id)["submitTime"])
    remote.end(USER, job_id)
    wait_until(lambda: len(scheduler.cancelled) > 1)

    scheduler.lose(job_id)

    _wait_until_tidy(tenant, scheduler)


@pytest.mark.parametrize("begun", [True, False])
def test_delete_a_job_that_is_away(
    stage: Stage,
    tenant: Tenant,
    remote: Jobs,
    scheduler: FakeScheduler,
    *,
    begun: bool,
) -> None:
    """Deleting stops it, and leaves neither record nor file that anybody sees."""
    job_id = stage.submit(remote)
    scheduler.number_of(job_id)
    wait_until(lambda: remote.get(USER, job_id)["submitTime"])
    if begun:
        scheduler.begin(job_id)
        wait_for(tenant, job_id, Status.RUNNING)

    remote.hide(USER, job_id)

    with pytest.raises(NotFound):
        remote.get(USER, job_id)
    _wait_until_tidy(tenant, scheduler)
    stage.wait_until_gone(job_id)


def test_job_that_ends_as_it_is_stopped(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """Who asked to stop gets a stopped job, whichever came first."""
    scheduler.stubborn = True
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    remote.end(USER, job_id)

    scheduler.finish(job_id, Exit("exited", 0))

    assert wait_for(tenant, job_id)["status"] == Status.STOPPED

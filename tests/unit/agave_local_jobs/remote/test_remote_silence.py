"""Somebody who reads what a job makes does not wait for a machine that is silent."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from agave_local.errors import Unavailable
from agave_local.records.store import Document
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.remote.silence import RETRY_SECONDS, Silences
from agave_local.services.jobs.remote.testing import (
    QUICK,
    FakeScheduler,
    Machine,
    wait_until,
)
from agave_local.services.jobs.remote.trips import Trip
from agave_local.services.jobs.shells.errors import HostRefused, HostSilent
from agave_local.services.jobs.shells.words import BUSY, TOO_LONG
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import USER, Stage, wait_for
from agave_local.tenant import Tenant

AWAY = HostSilent("The machine does not answer.")
TRIP = Trip("1-007", "far", "anna", "/base", "anna/job")


class Hanging(Machine):
    """A machine that a test can freeze, for all that is asked of it from then on."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = threading.Event()
        self.goes_on.set()

    def __getattr__(self, name: str) -> Any:
        """Do what a shell does, as soon as it goes on."""
        found = super().__getattr__(name)

        def wait(*arguments: Any, **more: Any) -> Any:
            self.goes_on.wait(20)
            return found(*arguments, **more)

        return wait


@pytest.fixture(name="frozen")
def _frozen(scheduler: FakeScheduler) -> Iterator[Hanging]:
    machine = scheduler.machine = Hanging()
    yield machine
    machine.goes_on.set()


def run_one(stage: Stage, tenant: Tenant, jobs: Jobs, cluster: FakeScheduler) -> Any:
    """Return a job that runs, and has printed something."""
    job_id = stage.submit(jobs)
    cluster.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    (cluster.work(job_id) / "job.out").write_text("hello", encoding="utf-8")
    return jobs.get(USER, job_id)


def test_watch_has_found_out(
    stage: Stage,
    tenant: Tenant,
    remote: Jobs,
    scheduler: FakeScheduler,
) -> None:
    """While the watch finds a machine silent, nobody who reads asks it."""
    job: Document = run_one(stage, tenant, remote, scheduler)
    scheduler.machine.trouble = AWAY
    wait_until(lambda: "does not answer" in str(remote.get(USER, job["id"])["history"]))

    with pytest.raises(Unavailable, match="does not answer") as refusal:
        remote.outputs.open(job, "job.out")
    assert refusal.value.retry_after == 5
    with pytest.raises(Unavailable):
        remote.outputs.list(job, "", 10, 0)

    scheduler.machine.trouble = None
    wait_until(lambda: _is_readable(remote, job))
    scheduler.finish(job["id"])
    wait_for(tenant, job["id"])


def _is_readable(jobs: Jobs, job: Document) -> bool:
    try:
        return jobs.outputs.open(job, "job.out").size == 5
    except Unavailable:
        return False


def test_frozen_machine_is_not_waited_for(
    frozen: Hanging,
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """A reader gives a machine that hangs up; the next one does not even wait."""
    jobs = make_remote(pace=replace(QUICK, read=0.1))
    job = run_one(stage, tenant, jobs, scheduler)
    frozen.goes_on.clear()

    began = time.monotonic()
    with pytest.raises(Unavailable, match="took too long"):
        jobs.outputs.list(job, "", 10, 0)
    between = time.monotonic()
    with pytest.raises(Unavailable):
        jobs.outputs.open(job, "job.out")

    assert 0.1 <= between - began < 2
    assert time.monotonic() - between < 0.1
    frozen.goes_on.set()
    wait_until(lambda: _is_readable(jobs, job))
    scheduler.finish(job["id"])
    wait_for(tenant, job["id"])


def test_one_reader_tries_again() -> None:
    """After a while one reader asks once more; the others are refused meanwhile."""
    now = [0.0]
    silences = Silences(lambda: now[0])
    silences.note(TRIP, AWAY, RETRY_SECONDS)
    with pytest.raises(HostSilent, match="does not answer"):
        silences.read(TRIP, lambda: 1)
    now[0] = RETRY_SECONDS

    def ask() -> int:
        with pytest.raises(HostSilent):
            silences.read(TRIP, lambda: 2)
        return 1

    assert silences.read(TRIP, ask) == 1
    assert silences.read(TRIP, lambda: 3) == 3


def test_file_that_is_not_there_is_an_answer() -> None:
    """A machine that has no such file is not silent any more."""
    now = [0.0]
    silences = Silences(lambda: now[0])
    silences.note(TRIP, AWAY, 1)
    now[0] = 1

    def miss() -> None:
        raise FileNotFoundError

    with pytest.raises(FileNotFoundError):
        silences.read(TRIP, miss)

    assert silences.read(TRIP, lambda: 1) == 1


@pytest.mark.parametrize("error", [HostSilent(BUSY), HostRefused("No.")])
def test_what_is_no_silence(error: HostSilent) -> None:
    """A line that is busy, and a machine that lets nobody in, are asked again."""
    silences = Silences()

    silences.note(TRIP, error)

    assert silences.read(TRIP, lambda: 1) == 1


def test_silence_is_of_one_owner() -> None:
    """Another owner's account may lead to another machine."""
    silences = Silences()
    silences.note(TRIP, AWAY)
    other = Trip("2-007", "far", "ben", "/base", "ben/job")

    assert silences.read(other, lambda: 1) == 1


def test_time_out_of_the_work_itself() -> None:
    """What the work raises in time is raised as it is."""

    def fail() -> None:
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        Silences().read(TRIP, fail)


def test_more_time_for_more_bytes() -> None:
    """A large piece may take longer."""
    ended = threading.Event()
    silences = Silences(patience=0.01)
    assert silences.read(TRIP, lambda: ended.wait(0.05), 5.0) is False

    with pytest.raises(HostSilent) as refusal:
        silences.read(TRIP, lambda: ended.wait(5))

    ended.set()
    assert refusal.value.message == TOO_LONG

"""Troubles with a machine or its scheduler, one after another, are counted apart."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from agave_local.errors import InsufficientStorage
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.remote.journey import Patience
from agave_local.services.jobs.remote.testing import (
    PATIENT,
    FakeScheduler,
    Machine,
    wait_until,
)
from agave_local.services.jobs.schedulers.base import Sight
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.errors import HostSilent
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import USER, Stage, wait_for
from agave_local.tenant import Tenant

AWAY = HostSilent("The machine does not answer.")
SILENT = HostSilent("The scheduler does not answer.")


class SilentScheduler(FakeScheduler):
    """A scheduler that says nothing of its jobs, on a machine that is there."""

    def __init__(self, base: Path) -> None:
        super().__init__(base)
        self.asked = 0

    def look(self, shell: Shell, numbers: Collection[str]) -> Mapping[str, Sight]:
        """Say nothing."""
        del shell, numbers
        self.asked += 1
        raise SILENT


class NarrowMachine(Machine):
    """A machine whose files find no room here, for some tries."""

    def __init__(self, tries: int) -> None:
        super().__init__()
        self._tries = tries

    def fetch(self, remote: str, local: Path, most_bytes: int) -> None:
        """Copy a folder, if there is room by now."""
        self._tries -= 1
        if self._tries >= 0:
            raise InsufficientStorage("The storage is full.")
        self.__getattr__("fetch")(remote, local, most_bytes)


@pytest.fixture(name="silent")
def _silent(scheduler: FakeScheduler) -> SilentScheduler:
    return SilentScheduler(scheduler.base)


def test_trouble_is_over_before_the_next_begins(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """A job that was not seen for long is fetched with all patience."""
    remote = make_remote(patience=Patience(fetch=0.5))
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    scheduler.machine.trouble = AWAY
    wait_until(lambda: remote.get(USER, job_id).get("trouble"))
    tenant.store.update(
        "job", job_id, lambda job: {**job, "troubleSince": job["created"] - 9}
    )
    scheduler.finish(job_id)
    scheduler.machine.trouble = None

    job = wait_for(tenant, job_id)

    told = [event["description"] for event in job["history"]]
    assert job["status"] == Status.FINISHED
    assert sum("its machine answers again" in said for said in told) == 1


def test_silent_scheduler_is_told_once(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    silent: SilentScheduler,
) -> None:
    """That the machine answers is no sign that its scheduler does."""
    remote = make_remote(
        opener=silent.machine,
        schedulers={"SLURM": silent},
        patience=PATIENT,
    )
    job_id = stage.submit(remote)
    silent.number_of(job_id)
    wait_until(lambda: silent.asked > 5)
    silent.finish(job_id)

    job = wait_for(tenant, job_id)

    told = [event["description"] for event in job["history"]]
    assert job["status"] == Status.FINISHED
    assert sum(SILENT.message in said for said in told) == 1
    assert sum("answers again" in said for said in told) == 1


def test_silent_scheduler_is_given_up(
    stage: Stage,
    tenant: Tenant,
    remote: Jobs,
    make_remote: Callable[..., Jobs],
    silent: SilentScheduler,
) -> None:
    """A scheduler that never speaks again costs the job, with the reason."""
    remote.stop()
    short = make_remote(opener=silent.machine, schedulers={"SLURM": silent})

    job = wait_for(tenant, stage.submit(short))

    assert (job["status"], job["message"]) == (Status.FAILED, SILENT.message)


def test_outputs_wait_until_they_can_be_fetched(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
    home: Path,
) -> None:
    """Nothing is removed on the machine before it is home."""
    scheduler.machine = NarrowMachine(2)
    remote = make_remote(opener=scheduler.machine, patience=PATIENT)
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    (scheduler.work(job_id) / "result").write_text("42", encoding="utf-8")
    scheduler.finish(job_id)

    job = wait_for(tenant, job_id)

    assert job["status"] == Status.FINISHED
    assert (home / "out" / "result").read_text(encoding="utf-8") == "42"
    wait_until(lambda: not scheduler.files())


def test_outputs_that_never_find_room(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """A job whose outputs can't be kept fails, and says why."""
    scheduler.machine = NarrowMachine(1000)
    remote = make_remote(opener=scheduler.machine)
    job_id = stage.submit(remote)
    scheduler.finish(job_id)

    job = wait_for(tenant, job_id)

    assert (job["status"], job["message"]) == (Status.FAILED, "The storage is full.")


def test_trouble_is_why_a_job_waits(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """Who looks at a job that nobody can start for now is told so; later not."""
    scheduler.machine.trouble = AWAY
    job_id = stage.submit(remote)
    wait_until(
        lambda: "remoteQueue" in remote.documents.to_full(remote.get(USER, job_id))
    )

    queue = remote.documents.to_full(remote.get(USER, job_id))["remoteQueue"]

    reason = "The machine does not answer. It is tried again."
    assert (queue["reason"], queue["ahead"]) == (reason, None)
    scheduler.machine.trouble = None
    wait_until(lambda: scheduler.runs)
    scheduler.finish(job_id)
    job = wait_for(tenant, job_id)
    assert "remoteQueue" not in remote.documents.to_full(job)

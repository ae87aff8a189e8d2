"""Faults of this machine: jobs wait until they are over, and hold nobody else up."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agave_local.errors import InsufficientStorage
from agave_local.services.jobs.group import end_group
from agave_local.services.jobs.launcher import ForkLauncher
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.order import Exit, Order
from agave_local.services.jobs.remote.testing import QUICK
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import USER, FakeLauncher, Stage, wait_for
from agave_local.tenant import Tenant

DONE = Exit("exited", 0)


class FaultyLauncher(FakeLauncher):
    """Plays programs, one of which can't be looked at.

    Attributes:
        sick: its job.
        bugs: how often starting fails as it never should.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sick = ""
        self.bugs = 0

    def look(self, control: Path) -> Exit | None:
        """Return what the test has said, unless it is the one."""
        if control.parent.name == self.sick:
            raise OSError(24, "too many open files")
        return super().look(control)

    def launch(self, control: Path, order: Order) -> None:
        """Start a program, after so many bugs."""
        self.bugs -= 1
        if self.bugs >= 0:
            raise ValueError("a bug")
        super().launch(control, order)


class FullStore:
    """A store that has no room for a while.

    Args:
        tenant: whose store it is.

    Attributes:
        faults: how many changes fail.
    """

    def __init__(self, tenant: Tenant) -> None:
        self._real = tenant.store
        self.faults = 0

    def transaction(self, **more: Any) -> Any:
        """Refuse a change, or make it."""
        self.faults -= 1
        if self.faults >= 0:
            raise InsufficientStorage("The storage is full.")
        return self._real.transaction(**more)

    def __getattr__(self, name: str) -> Any:
        """Do what the store does."""
        return getattr(self._real, name)


@pytest.fixture(name="launcher")
def _launcher() -> FaultyLauncher:
    return FaultyLauncher()


def test_program_that_can_not_be_looked_at(
    stage: Stage,
    tenant: Tenant,
    make_jobs: Callable[..., Jobs],
    launcher: FaultyLauncher,
) -> None:
    """The others end all the same, and so does this one as soon as it can."""
    jobs = make_jobs(slots=2, pace=QUICK)
    jobs.start()
    launcher.sick, other = stage.submit(jobs), stage.submit(jobs)
    for job_id in (launcher.sick, other):
        stage.order(job_id)
        launcher.ends[job_id] = DONE

    assert wait_for(tenant, other)["status"] == Status.FINISHED
    sick, launcher.sick = launcher.sick, ""
    assert wait_for(tenant, sick)["status"] == Status.FINISHED


def test_bug_at_the_start_of_a_program(
    stage: Stage,
    tenant: Tenant,
    make_jobs: Callable[..., Jobs],
    launcher: FaultyLauncher,
) -> None:
    """A job does not stay without a program, nor keep a slot from the others."""
    launcher.bugs = 2
    jobs = make_jobs(pace=QUICK)
    jobs.start()
    ids = [stage.submit(jobs) for _ in range(3)]
    for job_id in ids:
        launcher.ends[job_id] = DONE

    for job_id in ids:
        assert wait_for(tenant, job_id)["status"] == Status.FINISHED


def test_end_that_can_not_be_written_down(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs]
) -> None:
    """While the disk is full, the end of a job is kept in mind."""
    store = FullStore(tenant)
    jobs = make_jobs(store=store, pace=QUICK)
    jobs.start()
    job_id = stage.submit(jobs)
    stage.order(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    store.faults = 3
    stage.launcher.ends[job_id] = Exit("exited", 3)

    job = wait_for(tenant, job_id)

    assert (job["status"], job["exitCode"]) == (Status.FAILED, 3)


def test_killed_between_a_stop_and_the_signal(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs], launcher: FakeLauncher
) -> None:
    """The next process ends the program, and the job is stopped."""
    jobs = make_jobs()
    job_id = stage.submit(jobs)
    control = stage.work(job_id).parent / "control"
    launcher.launch(control, Order(str(control), (), "job", "anna", 1, 1))
    tenant.store.update(
        "job",
        job_id,
        lambda job: {**job, "status": Status.RUNNING, "stopRequested": "STOPPED"},
    )

    jobs.start()

    assert wait_for(tenant, job_id)["status"] == Status.STOPPED
    assert launcher.ends[job_id].reason == "ended"


def test_stop_of_a_program_that_has_just_ended(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs], launcher: FakeLauncher
) -> None:
    """Who was heard while the job ran gets a stopped one, if it is not over."""
    jobs = make_jobs()
    job_id = stage.submit(jobs)
    tenant.store.update("job", job_id, lambda job: {**job, "status": Status.RUNNING})

    def finish(control: Path) -> None:
        del control
        tenant.store.update(
            "job", job_id, lambda job: {**job, "status": Status.CLEANING_UP}
        )

    launcher.end = finish  # type: ignore[method-assign]

    assert jobs.end(USER, job_id)["status"] == Status.STOPPED


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"what": 1}'])
def test_notes_that_a_power_cut_has_damaged(tmp_path: Path, damage: str) -> None:
    """A program whose last word can't be read is lost; its supervisor too."""
    (tmp_path / "exit.json").write_text(damage, encoding="utf-8")
    assert ForkLauncher().look(tmp_path) == Exit("lost")
    (tmp_path / "exit.json").unlink()
    (tmp_path / "supervisor.json").write_text(damage, encoding="utf-8")
    (tmp_path / "group.json").write_text("", encoding="utf-8")

    assert ForkLauncher().look(tmp_path) == Exit("lost")
    ForkLauncher().end(tmp_path)
    end_group(tmp_path)


def test_notes_that_are_whole(tmp_path: Path) -> None:
    """What a supervisor wrote is read as it was."""
    text = json.dumps({"reason": "exited", "code": 3})
    (tmp_path / "exit.json").write_text(text, encoding="utf-8")

    assert ForkLauncher().look(tmp_path) == Exit("exited", 3)

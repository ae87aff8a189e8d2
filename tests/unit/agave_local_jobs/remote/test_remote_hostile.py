"""Machines, accounts and jobs that lie: nobody but their owners suffers for it."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agave_local.call import Identity
from agave_local.errors import PayloadTooLarge
from agave_local.records.store import Document
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.remote.sites import MOST_OWN_SITES
from agave_local.services.jobs.remote.testing import (
    PATIENT,
    FakeScheduler,
    Machine,
    wait_until,
)
from agave_local.services.jobs.shells.base import Entry, Shell
from agave_local.services.jobs.shells.local import LocalShell
from agave_local.services.jobs.shells.words import NOT_UNDERSTOOD
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import APP, EXECUTION, USER, Stage, wait_for
from agave_local.tenant import Tenant

OTHER = Identity("bert")
LOST = "The job's supervisor is gone; the machine may have been restarted."


class LiarShell(LocalShell):
    """An account of the machine whose listings are whatever its owner likes."""

    def __init__(self) -> None:
        super().__init__()
        self.error: Exception | None = None

    def entries(self, path: str) -> list[Entry]:
        """List a folder, or fail as the test wants."""
        if self.error is not None:
            raise self.error
        return super().entries(path)


class Accounts(Machine):
    """A machine on which each user has an account; bert's lies."""

    def __init__(self) -> None:
        super().__init__()
        self.liar = LiarShell()

    def open(self, system: Document, owner: str) -> Shell:
        """Return the account of a user."""
        return self.liar if owner == OTHER.username else super().open(system, owner)


def _submit(jobs: Jobs, who: Identity) -> str:
    body = {"name": "job", "appId": APP, "archive": False}
    return str(jobs.submit(who, body)["id"])


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"reason": "nonsense", "code": 0}),
        json.dumps({"reason": "exited", "code": -1}),
        json.dumps({"reason": "exited", "code": 10**300}),
        '{"reason": "exited", "code": 1e999}',
        '{"reason": "exited", "code": NaN}',
        '{"reason": "exited"}',
        '["exited", 0]',
        "[" * 1024,
        "\xff",
    ],
)
def test_last_word_that_is_none(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler, text: str
) -> None:
    """A job that writes rubbish in place of its last word fails, and only it."""
    job_id, other = stage.submit(remote), _submit(remote, USER)
    for one in (job_id, other):
        scheduler.begin(one)
    run = scheduler.runs[scheduler.number_of(job_id)]
    Path(run.control, "exit.json").write_text(text, encoding="latin-1")
    Path(run.events, f"{job_id}.ended").touch()

    job = wait_for(tenant, job_id)
    scheduler.finish(other)

    assert (job["status"], job["message"]) == (Status.FAILED, LOST)
    assert wait_for(tenant, other)["status"] == Status.FINISHED


def test_folder_in_place_of_a_last_word(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """What can't be read as a last word does not keep others from saying theirs."""
    job_id, other = stage.submit(remote), _submit(remote, USER)
    scheduler.begin(job_id)
    run = scheduler.runs[scheduler.number_of(job_id)]
    Path(run.control, "exit.json").mkdir()
    Path(run.events, f"{job_id}.ended").touch()
    scheduler.finish(other)

    assert wait_for(tenant, job_id)["message"] == LOST
    assert wait_for(tenant, other)["status"] == Status.FINISHED


@pytest.mark.parametrize(
    "error", [ValueError("rubbish"), PayloadTooLarge("too much"), RecursionError()]
)
def test_account_that_lies(
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
    error: Exception,
) -> None:
    """What one account answers holds up nobody who signs in with another one."""
    scheduler.machine = accounts = Accounts()
    jobs = make_remote(opener=accounts, patience=PATIENT)
    victim, liar = _submit(jobs, USER), _submit(jobs, OTHER)
    for one in (victim, liar):
        scheduler.begin(one)
        wait_for(tenant, one, Status.RUNNING)
    accounts.liar.error = error
    wait_until(lambda: jobs.get(OTHER, liar).get("trouble") == NOT_UNDERSTOOD)
    scheduler.finish(victim, Exit("exited", 3))

    assert wait_for(tenant, victim)["exitCode"] == 3


def test_systems_without_end(
    tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """However many systems a user describes, their threads are few."""
    system = tenant.store.get("system", EXECUTION)
    app = tenant.store.get("app", APP)
    assert system is not None
    assert app is not None
    before = threading.active_count()
    ids = [f"mine.{number}" for number in range(3 * MOST_OWN_SITES)]
    for name in ids:
        mine: dict[str, Any] = {"owner": USER.username, "public": False}
        tenant.store.put("system", name, {**system, **mine, "id": name})
        new = {**app, "id": f"{name}-1.0", "executionSystem": name}
        tenant.store.put("app", new["id"], new)

    jobs = [
        str(remote.submit(USER, {"name": "job", "appId": f"{name}-1.0"})["id"])
        for name in ids
    ]
    for job_id in jobs:
        scheduler.finish(job_id)

    for job_id in jobs:
        assert wait_for(tenant, job_id)["status"] == Status.FINISHED
    made = threading.active_count() - before
    assert made <= 5 * (MOST_OWN_SITES + 1) + 5, made


def test_scheduler_that_is_another_one(
    stage: Stage,
    tenant: Tenant,
    remote: Jobs,
    scheduler: FakeScheduler,
    system: Callable[..., None],
) -> None:
    """A job stays with the scheduler that has it; one that waits here is given up."""
    system(maxSystemJobs=1)
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    later = stage.submit(remote)
    wait_for(tenant, later, Status.QUEUED)
    system(scheduler="CONDOR")
    scheduler.finish(job_id)

    assert wait_for(tenant, job_id)["status"] == Status.FINISHED
    job = wait_for(tenant, later)
    assert job["status"] == Status.FAILED
    assert "scheduler CONDOR" in job["message"]


def test_system_among_the_homes(
    stage: Stage, tenant: Tenant, remote: Jobs, system: Callable[..., None]
) -> None:
    """A system whose jobs would be in somebody's home runs none."""
    homes = tenant.settings.data.resolve() / "storage"
    system(login={"host": "localhost", "protocol": "LOCAL"}, workDir=str(homes))

    job = wait_for(tenant, stage.submit(remote))

    assert job["status"] == Status.FAILED
    assert "set another workDir" in job["message"]

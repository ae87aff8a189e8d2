"""The states of jobs, with programs that the test plays."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from agave_local.call import Identity
from agave_local.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    NotImplementedHere,
)
from agave_local.services.jobs.engine import to_message
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import (
    ADMIN,
    APP,
    EXECUTION,
    SERVICE,
    STORAGE,
    USER,
    FakeLauncher,
    Stage,
    wait_for,
)
from agave_local.tenant import Tenant

DONE = Exit("exited", 0)


def test_survive_a_bug(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs]
) -> None:
    """A job that can't be understood fails, and the others go on."""
    jobs = make_jobs()
    bad, good = stage.submit(jobs), stage.submit(jobs)
    tenant.store.update("job", bad, lambda job: {**job, "inputs": 3})
    jobs.start()

    assert "its log says why" in wait_for(tenant, bad)["message"]
    assert wait_for(tenant, good, Status.RUNNING)["status"] == Status.RUNNING


def test_refuse_where_nothing_can_run(
    stage: Stage, tenant: Tenant, jobs: Jobs, launcher: FakeLauncher
) -> None:
    """Without a sandbox a job fails and says what is missing."""
    launcher.why_not = "bwrap is not installed"
    job = wait_for(tenant, stage.submit(jobs))

    assert (job["status"], job["message"]) == (Status.FAILED, "bwrap is not installed")


def test_fail_to_start(
    stage: Stage, tenant: Tenant, jobs: Jobs, launcher: FakeLauncher
) -> None:
    """A program that can't be started fails its job; the slot is free again."""
    launcher.broken = True
    job = wait_for(tenant, stage.submit(jobs))
    launcher.broken = False

    assert "could not be started" in job["message"]
    assert (
        wait_for(tenant, stage.submit(jobs), Status.RUNNING)["status"] == Status.RUNNING
    )


def test_start_at_the_second_try(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs], launcher: FakeLauncher
) -> None:
    """A program that does not start is staged and started again, twice at most."""
    launcher.broken = True
    jobs = make_jobs()
    job_id = stage.submit(jobs)
    jobs.start()
    job = wait_for(tenant, job_id)
    assert (job["submitRetries"], stage.statuses(job_id).count("STAGED")) == (2, 3)
    assert jobs.documents.to_full(job)["retries"] == 2

    launcher.broken = False
    launcher.faults = 1
    job_id = stage.submit(jobs)
    assert wait_for(tenant, job_id, Status.RUNNING)["status"] == Status.RUNNING
    stage.order(job_id)
    launcher.ends[job_id] = DONE
    assert wait_for(tenant, job_id)["status"] == Status.FINISHED


def test_fail_by_its_own_word(
    stage: Stage, tenant: Tenant, jobs: Jobs, launcher: FakeLauncher
) -> None:
    """A job that said that it failed has failed, though its program ended well."""
    job_id = stage.submit(jobs)
    stage.order(job_id)
    token = wait_for(tenant, job_id, Status.RUNNING)["callbackToken"]

    jobs.call_back(job_id, token, "FAILED")
    launcher.ends[job_id] = DONE

    job = wait_for(tenant, job_id)
    assert (job["status"], job["message"]) == (
        Status.FAILED,
        "The job said that it failed.",
    )


def test_a_job_without_a_token(stage: Stage, tenant: Tenant, jobs: Jobs) -> None:
    """Nobody speaks for a job of an earlier version, which has no token."""
    job_id = stage.submit(jobs)
    stage.order(job_id)
    tenant.store.update("job", job_id, lambda job: {**job, "callbackToken": None})

    for token in ("", "None", "\udcff"):
        with pytest.raises(NotFound):
            jobs.call_back(job_id, token, "FAILED")


def test_many_signs_of_life(stage: Stage, tenant: Tenant, jobs: Jobs) -> None:
    """A job's history does not grow without an end."""
    job_id = stage.submit(jobs)
    stage.order(job_id)
    token = wait_for(tenant, job_id, Status.RUNNING)["callbackToken"]
    events = [{"status": "HEARTBEAT", "created": 0.0, "description": ""}] * 1_000
    tenant.store.update("job", job_id, lambda job: {**job, "history": events})

    jobs.call_back(job_id, token, "HEARTBEAT")

    assert len(stage.statuses(job_id)) == 1_000


def test_wait_for_a_slot(
    stage: Stage, tenant: Tenant, jobs: Jobs, launcher: FakeLauncher
) -> None:
    """As many jobs run at once as there are slots; the others wait in a row."""
    first = stage.submit(jobs)
    wait_for(tenant, first, Status.RUNNING)
    second = stage.submit(jobs)
    wait_for(tenant, second, Status.QUEUED)
    third = stage.submit(jobs)
    wait_for(tenant, third, Status.QUEUED)

    jobs.end(USER, second)
    launcher.ends[first] = DONE

    assert wait_for(tenant, third, Status.RUNNING)["status"] == Status.RUNNING
    assert wait_for(tenant, second)["status"] == Status.STOPPED
    assert second not in launcher.orders


def test_stop_before_it_begins(stage: Stage, make_jobs: Callable[..., Jobs]) -> None:
    """A job that has not begun is stopped at once, and stays so."""
    jobs = make_jobs()
    job_id = stage.submit(jobs)

    assert jobs.end(USER, job_id)["status"] == Status.STOPPED
    jobs.start()
    jobs.stop()
    assert stage.statuses(job_id) == ["PENDING", "STOPPED"]
    with pytest.raises(Conflict, match="STOPPED"):
        jobs.end(USER, job_id)


def test_stop_a_stubborn_program(
    stage: Stage, tenant: Tenant, jobs: Jobs, launcher: FakeLauncher
) -> None:
    """A stop does not wait for ever; the job is stopped when its program ends."""
    launcher.stubborn = True
    job_id = stage.submit(jobs)
    stage.order(job_id)

    assert jobs.end(USER, job_id)["status"] == Status.RUNNING
    launcher.ends[job_id] = Exit("ended", 137)
    assert wait_for(tenant, job_id)["status"] == Status.STOPPED


def test_stop_in_one_of_many_states(stage: Stage, tenant: Tenant, jobs: Jobs) -> None:
    """A stop that comes at any moment wins or is told that it is too late."""
    for number in range(20):
        job_id = stage.submit(jobs)
        time.sleep(number / 2000)
        jobs.end(USER, job_id)

        assert wait_for(tenant, job_id)["status"] == Status.STOPPED


def test_no_outputs_yet(stage: Stage, make_jobs: Callable[..., Jobs]) -> None:
    """Before anything is staged there is nothing to list."""
    jobs = make_jobs()
    job = jobs.get(USER, stage.submit(jobs))

    with pytest.raises(NotFound, match="no outputs yet"):
        jobs.outputs.list(job, "", 10, 0)
    assert job["id"] == jobs.get(ADMIN, job["id"])["id"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"type": "STORAGE"}, BadRequest),
        ({"status": "DOWN"}, Conflict),
        ({"scheduler": "PBS"}, NotImplementedHere),
        ({"login": {"protocol": "GSISSH"}}, NotImplementedHere),
        ({"login": {"protocol": "SSH"}}, Conflict),
        ({"available": False}, Forbidden),
    ],
)
def test_refuse_a_system(
    stage: Stage,
    tenant: Tenant,
    make_jobs: Callable[..., Jobs],
    change: dict[str, Any],
    error: type[Exception],
) -> None:
    """A system that can't run jobs now, or here, is refused."""
    tenant.store.update("system", EXECUTION, lambda found: {**found, **change})

    with pytest.raises(error):
        stage.submit(make_jobs())


def test_archive_to_the_usual_place(
    tenant: Tenant, make_jobs: Callable[..., Jobs]
) -> None:
    """Without a path the archive is the usual folder on the default system."""
    jobs = make_jobs()
    job = jobs.submit(USER, {"name": "job", "appId": APP})

    assert (STORAGE, f"anna/archive/jobs/job-{job['id']}") == (
        job["archiveSystem"],
        job["archivePath"],
    )
    tenant.systems.set_public(SERVICE, STORAGE, public=False)
    with pytest.raises(NotFound):
        jobs.submit(USER, {"name": "job", "appId": APP})


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (Exit("exited", 1), "exit code 1"),
        (Exit("exited", 139), "signal SIGSEGV"),
        (Exit("exited", 255), "exit code 255"),
        (Exit("time", 143), "01:00:00"),
        (Exit("ended", 143), "shut down"),
        (Exit("bytes", 137), "wrote more"),
        (Exit("processes", 137), "processes"),
        (Exit("start"), "could not be started"),
        (Exit("lost"), "supervisor is gone"),
    ],
)
def test_say_why(ended: Exit, words: str) -> None:
    """Every way to fail has a sentence."""
    assert words in str(to_message(ended, 3600))


def test_say_nothing() -> None:
    """A program that ends well needs none."""
    assert to_message(DONE, 1) is None


class _Late(Jobs):
    """A jobs service where each job ends just before somebody stops it."""

    def end(
        self, identity: Identity, job_id: str, wanted: Status = Status.STOPPED
    ) -> Any:
        """Let the job end by itself, and then stop it."""
        self._records.advance(job_id, Status.PENDING, Status.FINISHED)
        return super().end(identity, job_id, wanted)


def test_hide_a_job_that_ends_meanwhile(
    stage: Stage, tenant: Tenant, launcher: FakeLauncher
) -> None:
    """A job that runs to its end while it is being hidden is hidden all the same."""
    jobs = _Late(
        tenant.store,
        tenant.clock,
        tenant.ids,
        tenant.systems,
        tenant.apps,
        tenant.files,
        tenant.settings,
        events=tenant.events,
        notifications=tenant.notifications,
        outgoing=tenant.outgoing,
        launcher=launcher,
    )
    job_id = stage.submit(jobs)

    jobs.hide(USER, job_id)

    with pytest.raises(NotFound):
        jobs.get(USER, job_id)
    assert jobs.whole([{"id": job_id}, {"id": "gone"}])[0]["status"] == "FINISHED"


def test_keep_of_a_request_what_is_needed(
    stage: Stage, make_jobs: Callable[..., Jobs]
) -> None:
    """What no job has is not kept, however much of it was sent."""
    jobs = make_jobs()

    job_id = stage.submit(jobs, ballast=["x"] * 1000, nodeCount=1)

    request = jobs.get(USER, job_id)["request"]
    assert {"name", "appId", "archivePath", "nodeCount"} == set(request)

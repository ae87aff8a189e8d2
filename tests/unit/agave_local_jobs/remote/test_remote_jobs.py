"""Jobs on other machines: sent, watched, fetched, and nothing left behind."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agave_local.errors import BadRequest, Conflict, NotFound
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.remote.testing import (
    PATIENT,
    FakeScheduler,
    wait_until,
)
from agave_local.services.jobs.remote.trips import Trips
from agave_local.services.jobs.schedulers.base import (
    SchedulerRefused,
    Sight,
    State,
)
from agave_local.services.jobs.shells.errors import (
    HostError,
    HostKeyChanged,
    HostSilent,
)
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import (
    EXECUTION,
    USER,
    Stage,
    address,
    wait_for,
)
from agave_local.tenant import Tenant

SILENT = HostSilent("The system does not answer.")


def _away(tenant: Tenant) -> list[str]:
    return [trip.job_id for trip in Trips(tenant.store).all()]


def test_job_comes_home(
    stage: Stage,
    tenant: Tenant,
    remote: Jobs,
    scheduler: FakeScheduler,
    home: Path,
) -> None:
    """It is sent, run, fetched and archived, state by state; nothing stays there."""
    (home / "in.txt").write_text("input", encoding="utf-8")
    job_id = stage.submit(remote, inputs={"file": [address("in.txt")]})
    work = scheduler.work(job_id)
    assert (work / "in.txt").read_text(encoding="utf-8") == "input"
    assert (work / "job.ipcexe").stat().st_mode & 0o100
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    (work / "result").write_text("42", encoding="utf-8")
    scheduler.finish(job_id)

    job = wait_for(tenant, job_id)

    assert job["status"] == Status.FINISHED
    assert job["localId"] == scheduler.number_of(job_id)
    assert job["exitCode"] == 0
    assert job["created"] <= job["submitTime"] <= job["startTime"] <= job["endTime"]
    assert (home / "out" / "result").read_text(encoding="utf-8") == "42"
    assert not (home / "out" / "in.txt").exists()
    assert list(dict.fromkeys(stage.statuses(job_id))) == [
        *("PENDING", "PROCESSING_INPUTS", "STAGING_INPUTS", "STAGED", "STAGING_JOB"),
        *("SUBMITTING", "QUEUED", "RUNNING", "CLEANING_UP", "ARCHIVING"),
        *("ARCHIVING_FINISHED", "FINISHED"),
    ]
    wait_until(lambda: not _away(tenant))
    assert scheduler.files() == []
    assert scheduler.machine.opened == {(EXECUTION, "anna")}


def test_exit_code_fails_the_job(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """What the program ended with is the job's, and said."""
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    scheduler.finish(job_id, Exit("exited", 3))

    job = wait_for(tenant, job_id)

    assert (job["status"], job["exitCode"]) == (Status.FAILED, 3)
    assert job["message"] == "The job's program ended with exit code 3."


def test_end_is_seen_though_the_beginning_was_not(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """A job of a moment has run all the same."""
    job_id = stage.submit(remote)
    scheduler.finish(job_id)

    assert wait_for(tenant, job_id)["status"] == Status.FINISHED
    assert "RUNNING" in stage.statuses(job_id)


def test_waiting_job_says_why(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """While it waits, its document has what the scheduler tells; later not."""
    job_id = stage.submit(remote)
    scheduler.sights[scheduler.number_of(job_id)] = Sight(
        State.WAITING, "It waits for free processors.", 2, 1_800_000_000.0
    )
    # It may have said less before.
    wait_until(lambda: (remote.get(USER, job_id)["remoteQueue"] or {}).get("ahead"))

    queue = remote.documents.to_full(remote.get(USER, job_id))["remoteQueue"]

    assert (queue["ahead"], queue["reason"]) == (2, "It waits for free processors.")
    assert queue["expectedStart"] == "2027-01-15T08:00:00.000Z"
    assert queue["asOf"]
    scheduler.sights.clear()
    scheduler.begin(job_id)
    job = wait_for(tenant, job_id, Status.RUNNING)
    assert "remoteQueue" not in remote.documents.to_full(job)


def test_what_the_run_is_told(
    stage: Stage,
    remote: Jobs,
    scheduler: FakeScheduler,
    system: Callable[..., None],
) -> None:
    """Queue, counts, memory, time and the operator's own words reach the scheduler."""
    queue = {
        "name": "normal",
        "mappedName": "batch",
        "default": True,
        "customDirectives": "--gres=gpu:1 --qos=low",
        "maxNodes": 4,
        "maxProcessorsPerNode": 8,
    }
    system(queues=[queue], environment="A=1,B='two'", startupScript="/etc/site.sh")
    job_id = stage.submit(
        remote,
        nodeCount=2,
        processorsPerNode=4,
        memoryPerNode="2GB",
        maxRunTime="00:05:00",
    )

    run = scheduler.runs[scheduler.number_of(job_id)]

    assert (run.queue, run.queue_label) == ("batch", "normal")
    assert run.directives == ("--gres=gpu:1", "--qos=low")
    assert (run.nodes, run.processors, run.memory_mib) == (2, 4, 2048)
    assert (run.seconds, run.startup) == (300, "/etc/site.sh")
    assert run.env == {"A": "1", "B": "two"}
    assert run.argv == ("/bin/bash", "job.ipcexe")


def test_scheduler_refuses(
    stage: Stage,
    tenant: Tenant,
    remote: Jobs,
    scheduler: FakeScheduler,
) -> None:
    """A refusal fails the job in words, and nothing stays on the scheduler.machine."""
    scheduler.refusals = [SchedulerRefused("The queue takes at most 1 minute.")]

    job = wait_for(tenant, stage.submit(remote))

    assert (job["status"], job["message"]) == (
        Status.FAILED,
        "The queue takes at most 1 minute.",
    )
    wait_until(lambda: not _away(tenant))
    assert scheduler.files() == []


def test_scheduler_that_is_down_is_asked_again(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """A refusal that may pass is no failure, and stands in the history once."""
    down = SchedulerRefused("The scheduler does not answer.", may_pass=True)
    scheduler.refusals = [down]
    job_id = stage.submit(remote)
    scheduler.finish(job_id)

    job = wait_for(tenant, job_id)

    assert job["status"] == Status.FINISHED
    notes = [event["description"] for event in job["history"]]
    assert sum("does not answer. Trying again" in note for note in notes) == 1


@pytest.mark.parametrize(
    "trouble", [SILENT, HostKeyChanged("The system shows another key.")]
)
def test_machine_that_can_not_be_reached(
    stage: Stage,
    tenant: Tenant,
    remote: Jobs,
    scheduler: FakeScheduler,
    trouble: HostError,
) -> None:
    """A silent one is asked for a while, one with another key never; both are named."""
    scheduler.machine.trouble = trouble

    job = wait_for(tenant, stage.submit(remote))

    assert job["status"] == Status.FAILED
    assert job["message"].startswith(trouble.message)
    assert ("It was tried for" in job["message"]) == trouble.may_pass
    scheduler.machine.trouble = None


def test_machine_is_away_for_a_while(
    stage: Stage,
    tenant: Tenant,
    make_remote: Callable[..., Jobs],
    scheduler: FakeScheduler,
) -> None:
    """A job goes on when its machine comes back, before and while it runs."""
    remote = make_remote(patience=PATIENT)
    scheduler.machine.trouble = SILENT
    job_id = stage.submit(remote)
    wait_until(lambda: remote.get(USER, job_id).get("trouble"))
    scheduler.machine.trouble = None
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    scheduler.machine.trouble = SILENT
    wait_until(lambda: remote.get(USER, job_id).get("trouble"))
    scheduler.finish(job_id)
    scheduler.machine.trouble = None

    job = wait_for(tenant, job_id)

    assert job["status"] == Status.FINISHED
    assert len(scheduler.runs) == 1


def test_machine_never_comes_back(
    stage: Stage,
    tenant: Tenant,
    remote: Jobs,
    scheduler: FakeScheduler,
) -> None:
    """A running job is given up when nobody can be asked for too long."""
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    scheduler.machine.trouble = SILENT

    job = wait_for(tenant, job_id)

    assert job["status"] == Status.FAILED
    assert job["message"] == "The system does not answer."
    scheduler.machine.trouble = None


def test_scheduler_ends_a_job(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """Where only the scheduler knows how a job ended, that counts."""
    job_id = stage.submit(remote, maxRunTime="00:01:00")
    scheduler.begin(job_id)
    number = scheduler.number_of(job_id)
    scheduler.sights[number] = Sight(State.GONE, exit=Exit("time", 143))

    job = wait_for(tenant, job_id)

    assert job["message"] == "The job ran past its time of 00:01:00."


def test_job_is_forgotten_by_its_scheduler(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """A job of which nobody knows anything fails after a while, and says so."""
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    scheduler.lose(job_id)

    job = wait_for(tenant, job_id)

    assert (job["status"], job["exitCode"]) == (Status.FAILED, None)


def test_rubbish_for_a_last_word(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """A job that tampers with its own last word is lost."""
    job_id = stage.submit(remote)
    run = scheduler.runs[scheduler.number_of(job_id)]
    Path(run.control, "exit.json").write_text('["no"]', encoding="utf-8")
    Path(run.events, f"{job_id}.ended").touch()

    assert wait_for(tenant, job_id)["status"] == Status.FAILED


def test_system_is_removed_while_a_job_is_there(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """Nobody can be asked any more, so the job fails and says why."""
    job_id = stage.submit(remote)
    scheduler.number_of(job_id)
    wait_for(tenant, job_id, Status.QUEUED)
    wait_until(lambda: remote.get(USER, job_id)["submitTime"])
    tenant.store.delete("system", EXECUTION)

    job = wait_for(tenant, job_id)

    assert job["status"] == Status.FAILED
    assert EXECUTION in job["message"]
    wait_until(lambda: not _away(tenant))


def test_system_without_a_folder(
    stage: Stage, tenant: Tenant, remote: Jobs, system: Callable[..., None]
) -> None:
    """A system over SSH has to say where its jobs work."""
    system(workDir="")

    job = wait_for(tenant, stage.submit(remote))

    assert "set workDir" in job["message"]


def test_quota_of_a_user(
    stage: Stage,
    tenant: Tenant,
    remote: Jobs,
    scheduler: FakeScheduler,
    system: Callable[..., None],
) -> None:
    """A job beyond the quota waits here; processors of this machine don't count."""
    system(maxSystemJobsPerUser=2)
    first, second = (stage.submit(remote) for _ in range(2))
    scheduler.number_of(first)
    scheduler.number_of(second)
    third = stage.submit(remote)
    wait_for(tenant, third, Status.QUEUED)
    assert len(scheduler.runs) == 2

    scheduler.finish(first)

    assert scheduler.number_of(third)
    for job_id in (second, third):
        scheduler.finish(job_id)
        assert wait_for(tenant, job_id)["status"] == Status.FINISHED


def test_outputs_while_it_runs(
    stage: Stage, tenant: Tenant, remote: Jobs, scheduler: FakeScheduler
) -> None:
    """What a running job has made can be listed and read piece by piece."""
    job_id = stage.submit(remote)
    scheduler.begin(job_id)
    wait_for(tenant, job_id, Status.RUNNING)
    work = scheduler.work(job_id)
    (work / "job.out").write_text("hello", encoding="utf-8")
    (work / "sub").mkdir()
    job = remote.get(USER, job_id)

    names = [item["name"] for item in remote.outputs.list(job, "", 10, 0)]
    file = remote.outputs.open(job, "job.out")

    assert names[0] == "."
    assert {"job.out", "sub", "job.ipcexe"} <= set(names)
    assert (file.size, file.read(1, 3)) == (5, b"ell")
    (work / "job.out").unlink()
    assert file.read(0, 5) == b""
    file.close()
    assert [one["name"] for one in remote.outputs.list(job, "job.ipcexe", 10, 0)] == [
        "job.ipcexe"
    ]
    with pytest.raises(BadRequest):
        remote.outputs.open(job, "sub")
    for path in ("none", "job.ipcexe/none"):
        with pytest.raises(NotFound):
            remote.outputs.open(job, path)
    scheduler.finish(job_id)
    wait_for(tenant, job_id)


def test_several_nodes_need_another_account(
    stage: Stage, remote: Jobs, system: Callable[..., None]
) -> None:
    """A sandbox of this machine can't hold on several nodes."""
    system(
        login={"host": "localhost", "protocol": "LOCAL"},
        queues=[{"name": "normal", "default": True, "maxNodes": 4}],
    )

    with pytest.raises(BadRequest, match="nodeCount"):
        stage.submit(remote, nodeCount=2)


def test_nothing_is_submitted_where_the_host_has_no_key(
    stage: Stage, remote: Jobs, system: Callable[..., None]
) -> None:
    """A machine that nobody could know again is not called."""
    system(login={"host": "h", "protocol": "SSH"})

    with pytest.raises(Conflict, match=r"login\.hostKey"):
        stage.submit(remote)

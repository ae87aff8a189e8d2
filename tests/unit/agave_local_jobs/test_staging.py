"""What is put into a work folder before a job runs."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agave_local.errors import BadRequest, PayloadTooLarge
from agave_local.outgoing.policy import Unreachable
from agave_local.services.jobs.folders import JobFolders
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.staging import Stager
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import (
    APP,
    USER,
    Stage,
    add_app,
    address,
    wait_for,
)
from agave_local.tenant import Tenant


def test_stage_a_job(stage: Stage, tenant: Tenant, jobs: Jobs, home: Path) -> None:
    """The work folder has inputs, the app's files and the filled wrapper."""
    (home / "in.txt").write_text("in")
    (home / "dir" / "sub").mkdir(parents=True)
    (home / "dir" / "sub" / "x").write_text("x")
    job_id = stage.submit(
        jobs,
        inputs={"file": [address("in.txt"), address("dir")]},
        parameters={"who": "me"},
        memoryPerNode="1GB",
        maxRunTime="00:00:30",
    )
    wait_for(tenant, job_id, Status.RUNNING)
    work = stage.work(job_id)

    assert {"in.txt", "dir", "wrapper.sh", "job.ipcexe"} == set(_names_in(work))
    assert (work / "job.ipcexe").read_text() == "echo me\n"
    assert (work / "dir" / "sub" / "x").read_text() == "x"
    order = stage.order(job_id)
    assert (str(work), "job", "anna", 30, 1 << 30) == (
        order.work,
        order.slug,
        order.user,
        order.seconds,
        order.memory_bytes,
    )
    assert (work.parent / "control").stat().st_mode & 0o777 == 0o700


def test_lose_an_input(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs], home: Path
) -> None:
    """An input that has gone when the job is staged fails it by name."""
    (home / "in.txt").write_text("in")
    jobs = make_jobs()
    job_id = stage.submit(jobs, inputs={"file": address("in.txt")})
    (home / "in.txt").unlink()
    jobs.start()

    job = wait_for(tenant, job_id)
    assert (
        job["status"],
        job["message"],
    ) == (Status.FAILED, "There is no file or folder /anna/in.txt.")


def test_try_again(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs], home: Path
) -> None:
    """A fault of the disk is tried again twice, from the beginning."""
    (home / "in.txt").write_text("in")
    jobs = make_jobs()
    job_id = stage.submit(jobs, inputs={"file": address("in.txt")})

    def broken(_fd: int, _data: Any) -> int:
        raise OSError(errno.EIO, "broken")

    tenant.files.storage.write = broken
    jobs.start()
    job = wait_for(tenant, job_id)

    assert (job["status"], job["retries"]) == (Status.FAILED, 2)
    assert stage.statuses(job_id).count("PENDING") == 3
    assert "broken" not in job["message"]


def test_refuse_two_inputs_of_one_name(
    stage: Stage, make_jobs: Callable[..., Jobs], home: Path
) -> None:
    """Two inputs can't have one name, nor one the wrapper's."""
    (home / "d").mkdir()
    for name in ("x", "d/x", "job.out"):
        (home / name).write_text("")
    os.mkfifo(home / "fifo")
    jobs = make_jobs()

    with pytest.raises(BadRequest, match="x has the name"):
        stage.submit(jobs, inputs={"file": [address("x"), address("d/x")]})
    with pytest.raises(BadRequest, match="the job itself"):
        stage.submit(jobs, inputs={"file": address("job.out")})
    with pytest.raises(BadRequest, match="regular file"):
        stage.submit(jobs, inputs={"file": address("fifo")})


def test_stage_what_became_a_fifo(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs], home: Path
) -> None:
    """An input that became a FIFO or a link outside is refused, and hangs nobody."""
    (home / "in.txt").write_text("in")
    jobs = make_jobs()
    job_id = stage.submit(jobs, inputs={"file": address("in.txt")})
    (home / "in.txt").unlink()
    (home / "in.txt").symlink_to("/etc/passwd")
    jobs.start()

    assert "symbolic link" in wait_for(tenant, job_id)["message"]


def test_read_an_app_with_its_owners_rights(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs], home: Path
) -> None:
    """An app can't be used to read what its owner may not read."""
    (home / "wrapper.sh").write_text("echo secret of anna")
    tenant.store.update(
        "app", APP, lambda app: {**app, "owner": "bob", "deploymentPath": "anna"}
    )
    jobs = make_jobs()
    jobs.start()
    job = wait_for(tenant, stage.submit(jobs))

    assert job["status"] == Status.FAILED
    assert "/bob" in job["message"]


def test_refuse_a_huge_wrapper(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs]
) -> None:
    """A wrapper is a script, not a data file."""
    add_app(tenant, "#" * (1 << 21))
    jobs = make_jobs()
    jobs.start()

    assert "wrapper" in wait_for(tenant, stage.submit(jobs))["message"]


def _names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_fetch_an_input(stage: Stage, tenant: Tenant, jobs: Jobs, home: Path) -> None:
    """Inputs come from the web, from a bare path, and from the tenant's own address."""
    (home / "a b.txt").write_text("a")
    (home / "c.txt").write_text("c")
    tenant.outgoing.provide("https://data.example/", lambda _url: b"web")
    job_id = stage.submit(
        jobs,
        inputs={
            "file": [
                "https://data.example/x/web.csv?v=1",
                "anna/a%20b.txt",
                "http://t/files/v2/media/system/test.storage/anna/c.txt",
            ]
        },
    )
    wait_for(tenant, job_id, Status.RUNNING)
    work = stage.work(job_id)

    assert (work / "web.csv").read_bytes() == b"web"
    assert ((work / "a b.txt").read_text(), (work / "c.txt").read_text()) == ("a", "c")


def test_fail_to_fetch(stage: Stage, tenant: Tenant, jobs: Jobs) -> None:
    """An input of the web that does not come is asked for three times in all."""
    asked: list[str] = []

    def give(url: str) -> bytes:
        asked.append(url)
        raise Unreachable("Nobody answers there.")

    tenant.outgoing.provide("https://data.example/", give)
    job_id = stage.submit(jobs, inputs={"file": "https://data.example/a.csv"})

    job = wait_for(tenant, job_id)
    assert (job["status"], job["retries"], len(asked)) == (Status.FAILED, 2, 3)
    assert job["message"] == (
        "https://data.example/a.csv can't be fetched: Nobody answers there."
    )


def test_fetch_too_much(stage: Stage, tenant: Tenant, make_jobs: Any) -> None:
    """An input of the web ends where a job's inputs would be too large."""
    tenant.outgoing.provide("https://data.example/", lambda _url: b"x" * 2000)
    stager = Stager(
        tenant.files, "L", "http://t", tenant.outgoing, most_input_bytes=1000
    )
    jobs = make_jobs()
    job_id = stage.submit(jobs, inputs={"file": "https://data.example/a.csv"})
    folders = JobFolders(tenant.settings.data / "jobs", job_id)

    with pytest.raises(PayloadTooLarge, match="too large"):
        stager.stage_inputs(jobs.get(USER, job_id), folders)

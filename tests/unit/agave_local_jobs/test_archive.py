"""What a job has made, on its way to the archive."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from agave_local.errors import (
    Forbidden,
)
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.order import Exit
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


def test_archive_outputs_only(
    stage: Stage, tenant: Tenant, jobs: Jobs, launcher: FakeLauncher, home: Path
) -> None:
    """Inputs, the app's files and the wrapper are not archived; a folder's news is."""
    (home / "dir").mkdir()
    (home / "dir" / "old").write_text("old")
    (home / "dir" / "link").symlink_to("old")
    (home / "linked").symlink_to("dir")
    job_id = stage.submit(jobs, inputs={"file": [address("dir"), address("linked")]})
    stage.order(job_id)
    work = stage.work(job_id)
    (work / "dir" / "new").write_text("new")
    (work / "empty").mkdir()
    os.mkfifo(work / "fifo")
    (work / "b\udcff").write_text("strange")
    launcher.ends[job_id] = DONE
    wait_for(tenant, job_id)

    out = home / "out"
    assert {"dir", "empty", "b\udcff"} == set(_names_in(out))
    assert _names_in(out / "dir") == ["new"]
    assert not work.exists()


def test_archive_into_what_is_there(
    stage: Stage, tenant: Tenant, jobs: Jobs, launcher: FakeLauncher, home: Path
) -> None:
    """An archive folder that exists is added to, and files of a name replaced."""
    (home / "out").mkdir()
    (home / "out" / "kept").write_text("kept")
    (home / "out" / "made").write_text("old")
    job_id = stage.submit(jobs)
    stage.order(job_id)
    (stage.work(job_id) / "made").write_text("new")
    launcher.ends[job_id] = DONE
    wait_for(tenant, job_id)

    assert tuple((home / "out" / name).read_text() for name in ("kept", "made")) == (
        "kept",
        "new",
    )


def test_follow_no_link_while_archiving(
    stage: Stage, tenant: Tenant, jobs: Jobs, launcher: FakeLauncher, home: Path
) -> None:
    """A job's links to the outside bring nothing from there."""
    secret = tenant.settings.data / "secret"
    secret.mkdir()
    (secret / "key").write_text("key")
    job_id = stage.submit(jobs)
    stage.order(job_id)
    work = stage.work(job_id)
    (work / "abs").symlink_to(secret / "key")
    (work / "folder").symlink_to("../../../secret")
    launcher.ends[job_id] = DONE
    wait_for(tenant, job_id)

    assert _names_in(home / "out") == ["folder"]
    assert (home / "out" / "folder").is_symlink()
    with pytest.raises(Forbidden):
        jobs.outputs.open(jobs.get(USER, job_id), "folder/key")


def test_archive_to_a_full_disk(
    stage: Stage, tenant: Tenant, jobs: Jobs, launcher: FakeLauncher, home: Path
) -> None:
    """On a full disk archiving fails, the job says so and keeps its outputs."""
    job_id = stage.submit(jobs)
    stage.order(job_id)
    (stage.work(job_id) / "made").write_text("new")

    def full(_fd: int, _data: Any) -> int:
        raise OSError(errno.ENOSPC, "full")

    tenant.files.storage.write = full
    launcher.ends[job_id] = DONE
    job = wait_for(tenant, job_id)

    assert job["status"] == Status.FAILED
    assert "Archiving failed: The storage is full" in job["message"]
    assert stage.statuses(job_id)[-3:] == ["ARCHIVING", "ARCHIVING_FAILED", "FAILED"]
    assert _names_in(home / "out") == []
    paths = [item["path"] for item in jobs.outputs.list(job, "", 100, 0)]
    assert "/made" in paths


def test_archive_where_a_file_is(
    stage: Stage, tenant: Tenant, jobs: Jobs, launcher: FakeLauncher, home: Path
) -> None:
    """A file in the way of the archive fails the job after its own message."""
    (home / "out").write_text("a file")
    job_id = stage.submit(jobs)
    stage.order(job_id)
    launcher.ends[job_id] = Exit("exited", 2)
    job = wait_for(tenant, job_id)

    assert job["message"] == "The job's program ended with exit code 2."
    assert "ARCHIVING_FAILED" in stage.statuses(job_id)
    assert (home / "out").read_text() == "a file"


def _names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())

"""A disk without room: of the machine, and at home."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.scenes import FORK_SSH, SLURM_HERE, Scene, over_ssh
from agave_local.services.jobs.shells.words import FULL
from agave_local.services.jobs.testing import STORAGE
from sshlink.testing import SshServer

pytestmark = [
    pytest.mark.needs("slurm", "sshd", "bubblewrap", "tmpfs"),
    pytest.mark.usefixtures("with_slurm"),
]
Mount = Callable[[Path, int], Path]
KIB = 1024


@pytest.fixture(name="mount")
def _mount() -> Iterator[Mount]:
    """Yield what puts a small disk at a place; it is gone at the end."""
    with ExitStack() as stack:

        def mount(place: Path, kib: int) -> Path:
            place.mkdir(parents=True, exist_ok=True)
            command = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs"]
            subprocess.run([*command, str(place)], check=True)
            stack.callback(subprocess.run, ["umount", "--lazy", str(place)], check=True)
            return place

        yield mount


def _system(way: str, door: SshServer) -> dict[str, Any]:
    if way == FORK_SSH:
        return {"scheduler": "FORK", **over_ssh(door)}
    here = {"login": {"host": "localhost", "protocol": "LOCAL"}}
    return {"scheduler": "FORK" if way == "fork" else "SLURM", **here}


@pytest.fixture(name="small")
def _small(
    mount: Mount,
    way: str,
    door: SshServer,
    enter: Callable[..., Scene],
    tmp_path: Path,
) -> Scene:
    """Return a scene whose machine has room for little."""
    place = mount(tmp_path / "disk", 512)
    return enter(way, {**_system(way, door), "workDir": str(place)})


@pytest.mark.parametrize("way", [FORK_SSH, SLURM_HERE])
def test_no_room_for_inputs(small: Scene) -> None:
    """A job that can't be sent fails, says what is full, and leaves nothing there."""
    address = small.upload("large", b"x" * 1024 * KIB)

    job = small.wait(small.submit("true", inputs={"files": [address]}))

    assert (job["status"], job["message"]) == ("FAILED", FULL)
    small.wait_until_tidy()


@pytest.mark.parametrize("way", [FORK_SSH, SLURM_HERE])
def test_disk_is_filled_by_the_program(small: Scene) -> None:
    """The program's own complaint and code come home, though nothing else fits."""
    job_id = small.submit(
        "echo begun\n"
        "head -c 2000000 /dev/zero >filling && exit 0\n"
        "until ! echo more >>rest; do :; done; exit 9"
    )

    job = small.wait(job_id)

    assert (job["status"], job["exitCode"]) == ("FAILED", 9), job
    assert small.read(job_id, "job.out") == b"begun\n"
    small.wait_until_tidy()


@pytest.mark.parametrize("way", [FORK_SSH, "fork"])
def test_no_room_in_the_archive(
    way: str,
    door: SshServer,
    mount: Mount,
    enter: Callable[..., Scene],
    tmp_path: Path,
) -> None:
    """What can't be archived is told of, and can still be read as the job's."""
    mount(tmp_path / "data" / "storage", 512)
    scene = enter(way, _system(way, door))
    job_id = scene.submit("echo first >a; head -c 1000000 /dev/zero >large")

    job = scene.wait(job_id)

    assert job["status"] == "FAILED"
    assert job["message"].startswith("Archiving failed: The storage is full")
    assert "ARCHIVING_FAILED" in scene.statuses(job_id)
    assert scene.read(job_id, "a") == b"first\n"
    assert len(scene.read(job_id, "large")) == 1_000_000
    scene.wait_until_tidy()


@pytest.mark.parametrize("way", [FORK_SSH, "fork"])
def test_archive_can_not_be_written(
    way: str, door: SshServer, mount: Mount, enter: Callable[..., Scene]
) -> None:
    """After a few tries the job fails; its program does not run a second time."""
    scene = enter(way, _system(way, door))
    storage = scene.agave.tenant.settings.data / "storage" / STORAGE
    # Nothing can be renamed to another disk.
    mount(storage / "anna" / "out", 512)
    job_id = scene.submit("echo once >>log")

    job = scene.wait(job_id)

    assert job["status"] == "FAILED"
    assert job["message"] == (
        "Archiving failed: The local tenant could not read or write a file."
    )
    assert scene.read(job_id, "log") == b"once\n"
    assert scene.statuses(job_id).count("RUNNING") == 1
    scene.wait_until_tidy()


def test_no_room_to_fetch(
    door: SshServer, mount: Mount, enter: Callable[..., Scene], tmp_path: Path
) -> None:
    """A job waits with its outputs until there is room for them at home."""
    jobs = mount(tmp_path / "data" / "jobs", 512)
    scene = enter(FORK_SSH, _system(FORK_SSH, door))
    job_id = scene.submit("head -c 600000 /dev/zero >large; echo once >>log")
    scene.wait_until_told(job_id, "The storage is full")
    assert scene.get(job_id)["status"] == "CLEANING_UP"

    subprocess.run(["mount", "-o", "remount,size=4m", str(jobs)], check=True)

    job = scene.wait(job_id)
    assert job["status"] == "FINISHED", job["message"]
    assert scene.read(job_id, "log") == b"once\n"
    assert len(scene.read(job_id, "large")) == 600_000

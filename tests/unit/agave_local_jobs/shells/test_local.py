"""What only the tenant's own machine has to mind."""

import os
import threading
import time
from pathlib import Path

import pytest

from agave_local.services.jobs.shells.errors import HostError
from agave_local.services.jobs.shells.local import LocalShell


def test_no_link_is_followed_on_the_way(far: Path, near: Path) -> None:
    """A job's folder can't be made to lead into the tenant's own."""
    (near / "secret").write_text("secret")
    (near / "inner").mkdir()
    (far / "way").symlink_to(near)
    shell = LocalShell()

    for ask in (
        lambda: shell.read(str(far / "way/secret")),
        lambda: shell.entry(str(far / "way/secret")),
        lambda: shell.entries(str(far / "way")),
        lambda: shell.entries(str(far / "way/inner")),
        lambda: shell.write(str(far / "way/new"), b"x"),
        lambda: shell.make_folder(str(far / "way/new")),
        lambda: shell.send(near, str(far / "way/inner")),
        lambda: shell.fetch(str(far / "way"), far, 100),
        lambda: shell.read(str(far / "../near/secret")),
    ):
        with pytest.raises(FileNotFoundError):
            ask()
    shell.remove(str(far / "way/secret"))

    assert sorted(path.name for path in near.iterdir()) == ["inner", "secret"]


def test_links_to_the_operators_folders_are(tmp_path: Path) -> None:
    """Whatever way the operator has named is gone."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "scratch").symlink_to("disk")
    shell = LocalShell(grounds=[f"{tmp_path}/scratch/", ""])

    shell.make_folder(str(tmp_path / "scratch/job"))
    shell.write(str(tmp_path / "scratch/job/file"), b"x")

    assert (tmp_path / "disk/job/file").read_bytes() == b"x"
    assert shell.read(str(tmp_path / "scratch/job/file")) == b"x"
    with pytest.raises(FileNotFoundError):
        LocalShell().read(str(tmp_path / "scratch/job/file"))


def test_reading_while_the_way_is_swapped(far: Path, near: Path) -> None:
    """However fast a folder becomes a link, nothing outside is read."""
    (near / "file").write_text("secret")
    (far / "mine").mkdir()
    (far / "mine/file").write_text("mine")
    stop = threading.Event()

    def swap() -> None:
        way, spare = far / "way", far / "spare"
        while not stop.is_set():
            (far / "mine").rename(way)
            way.rename(far / "mine")
            spare.symlink_to(near)
            spare.rename(way)
            way.unlink()

    thread = threading.Thread(target=swap)
    thread.start()
    found = set()
    try:
        for _ in range(2000):
            try:
                found.add(LocalShell().read(str(far / "way/file")))
            except (FileNotFoundError, HostError):
                continue
    finally:
        stop.set()
        thread.join()

    assert found <= {b"mine"}


def test_environment_of_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script gets what it needs to find programs, and no secret of the tenant's."""
    monkeypatch.setenv("SECRET", "hidden")
    monkeypatch.setenv("SLURM_CONF", "/some/slurm.conf")

    said = LocalShell().run("env").out.decode()

    assert "hidden" not in said
    assert "SLURM_CONF=/some/slurm.conf" in said
    assert f"PATH={os.environ['PATH']}" in said
    assert LocalShell({"ONLY": "this"}).run("echo $ONLY").out == b"this\n"


def test_command_that_hangs_is_killed(far: Path) -> None:
    """With all that it has started, so that nothing is left behind."""
    with pytest.raises(HostError):
        LocalShell().run(f"sleep 30 & echo $! > {far}/pid; wait", seconds=0.3)

    pid = int((far / "pid").read_text())
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(pid)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has buried does not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"

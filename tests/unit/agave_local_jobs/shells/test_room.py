"""Machines without room, and folders that take nothing."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agave_local.errors import InsufficientStorage
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.errors import HostDenied, HostError, HostFull

MIB = 1 << 20


def mounted(folder: Path) -> bool:
    """Mount a file system of one MiB; tell whether that may be done here."""
    folder.mkdir()
    command = [
        "mount",
        "-t",
        "tmpfs",
        "-o",
        "size=1m,nr_inodes=40",
        "none",
        str(folder),
    ]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.fixture(name="tiny")
def _tiny(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with room for one MiB and for few files."""
    folder = tmp_path / "tiny"
    if os.geteuid() != 0 or not mounted(folder):
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_full_disk_is_said(shell: Shell, tiny: Path) -> None:
    """A file that does not fit is refused in words, and leaves no half of itself."""
    shell.write(str(tiny / "fits"), b"before")

    with pytest.raises(HostFull, match="room"):
        shell.write(str(tiny / "fits"), bytes(2 * MIB))

    assert [path.name for path in tiny.iterdir()] == ["fits"]
    assert (tiny / "fits").read_bytes() == b"before"


@pytest.mark.parametrize("sizes", [[2 * MIB], [1000] * 60, [30_000] * 38])
def test_tree_that_does_not_fit(
    shell: Shell, tiny: Path, near: Path, sizes: list[int]
) -> None:
    """Too many bytes or too many files: the machine is full, and that may be mended."""
    for number, size in enumerate(sizes):
        (near / str(number)).write_bytes(bytes(size))

    with pytest.raises(HostFull, match="room"):
        shell.send(near, str(tiny / "job"))


def test_folder_that_does_not_fit(shell: Shell, tiny: Path) -> None:
    """A folder needs room as well."""
    with pytest.raises(HostFull):
        shell.make_folder(str(tiny / "/".join(["deep"] * 50)))


def test_file_system_that_takes_nothing(shell: Shell, tiny: Path, near: Path) -> None:
    """Read-only is no right to write."""
    (near / "file").write_text("x")
    subprocess.run(["mount", "-o", "remount,ro", tiny], check=True)

    with pytest.raises(HostDenied):
        shell.write(str(tiny / "file"), b"x")
    with pytest.raises(HostDenied):
        shell.make_folder(str(tiny / "folder"))
    with pytest.raises(HostDenied):
        shell.send(near, str(tiny))


def test_what_can_not_be_removed(shell: Shell, tiny: Path) -> None:
    """It is said, and nothing hangs."""
    (tiny / "file").touch()
    subprocess.run(["mount", "-o", "remount,ro", tiny], check=True)

    with pytest.raises(HostDenied):
        shell.remove(str(tiny / "file"))


def test_folder_of_somebody_else(shell: Shell) -> None:
    """What the account may not write is said so; `/proc` takes files of nobody."""
    with pytest.raises((HostDenied, HostError, FileNotFoundError)):
        shell.write("/proc/ipt-test", b"x")
    with pytest.raises((HostDenied, HostError, FileNotFoundError)):
        shell.make_folder("/sys/ipt-test")


def test_name_that_is_too_long(shell: Shell, far: Path) -> None:
    """It is the job's trouble, and no trouble of the machine's room."""
    with pytest.raises(HostError) as caught:
        shell.write(str(far / ("x" * 300)), b"x")
    assert not isinstance(caught.value, HostFull | HostDenied)
    assert list(far.iterdir()) == []


def test_tenant_that_is_full(shell: Shell, far: Path, tiny: Path) -> None:
    """A fetched tree that does not fit here is no fault of a machine far away."""
    (far / "file").write_bytes(bytes(2 * MIB))

    with pytest.raises((InsufficientStorage, HostFull)):
        shell.fetch(str(far), tiny / "job", 1 << 30)

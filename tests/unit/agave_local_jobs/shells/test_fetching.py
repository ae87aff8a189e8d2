"""Folders that change between being listed and being read."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.shells.budget import Budget
from agave_local.services.jobs.shells.fetching import Fetching
from agave_local.services.jobs.shells.ground import Ground
from sshlink import SMALL, SshFileError, SshFiles, SshLink, read_private_key
from sshlink.testing import SshServer

pytestmark = pytest.mark.needs("sshd")


class Changing:
    """The files of a machine, on which something happens once a folder was listed.

    Args:
        files: of the machine.
        change: what happens.
    """

    def __init__(self, files: SshFiles, change: Callable[[], object]) -> None:
        self._files = files
        self._change = change

    def entries(self, path: bytes) -> Any:
        """List a folder, and change what is in it."""
        found = list(self._files.entries(path))
        self._change()
        return found

    def __getattr__(self, name: str) -> Any:
        """Do the rest as it is."""
        return getattr(self._files, name)


@pytest.fixture(name="files")
def _files(ssh_server: SshServer) -> Iterator[SshFiles]:
    key = read_private_key(ssh_server.key)
    link = SshLink.connect(ssh_server.address, host_key=ssh_server.host_key, proof=key)
    with closing(link), closing(link.files(10.0)) as files:
        yield files


def fetch(files: Any, far: Path, near: Path) -> list[str]:
    """Copy a folder; return the names that arrived."""
    with Ground.at(near) as target:
        Fetching(files, Budget()).folder(str(far).encode(), target)
    return sorted(path.name for path in near.iterdir())


@pytest.fixture(name="changed")
def _changed(far: Path) -> list[Path]:
    """Return files of all kinds, beside one that stays."""
    (far / "stays").write_text("here")
    (far / "small").write_text("x")
    (far / "large").write_bytes(bytes(SMALL + 1))
    (far / "link").symlink_to("small")
    return [far / name for name in ("small", "large", "link")]


def test_files_that_go(
    files: SshFiles, far: Path, near: Path, changed: list[Path]
) -> None:
    """What is gone meanwhile is left out, and the rest comes."""

    def go() -> None:
        for path in changed:
            path.unlink()

    assert fetch(Changing(files, go), far, near) == ["stays"]


def test_files_that_become_folders(
    files: SshFiles, far: Path, near: Path, changed: list[Path]
) -> None:
    """What is no file any more is no file here either."""

    def turn() -> None:
        for path in changed:
            path.unlink()
            path.mkdir()

    fetch(Changing(files, turn), far, near)

    assert (near / "stays").read_text() == "here"
    assert not (near / "link").exists()
    assert all(
        not path.stat().st_size for path in near.iterdir() if path != near / "stays"
    )


def test_folder_that_goes(files: SshFiles, far: Path, near: Path) -> None:
    """An empty one is left of it."""
    (far / "inner").mkdir()
    there = [far / "inner"]

    def go() -> None:
        while there:
            there.pop().rmdir()

    assert fetch(Changing(files, go), far, near) == ["inner"]


def test_file_that_can_not_be_read(
    files: SshFiles, far: Path, near: Path, changed: list[Path]
) -> None:
    """A disk that fails is told, and is no file that went."""
    assert changed

    class Failing(Changing):
        def read(self, *_: object) -> Iterator[bytes]:
            """Fail in the middle."""
            yield b"begun"
            raise SshFileError("disk error")

    with pytest.raises(SshFileError, match="disk error"):
        fetch(Failing(files, lambda: None), far, near)


def test_too_many_files(files: SshFiles, far: Path, near: Path) -> None:
    """A folder with more files than anybody needs is refused, by number."""
    for number in range(6):
        (far / str(number)).touch()

    with Ground.at(near) as target, pytest.raises(Exception, match="more than 5 files"):
        Fetching(files, Budget(most_entries=5)).folder(str(far).encode(), target)

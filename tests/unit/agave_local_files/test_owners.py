"""Whose the files are that a tenant run by root makes."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from agave_local.services.files.owners import give_folder, give_tree, make_home
from agave_local.services.files.storage import Ground, Storage
from agave_local.services.files.upload import Upload

OWNER = (12345, 23456)
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give files away"
)


@pytest.fixture(name="base")
def _base(tmp_path: Path) -> Path:
    """Return a storage system's folder with the home of somebody who is not root."""
    home = tmp_path / "system/anna"
    home.mkdir(parents=True)
    os.chown(home, *OWNER)
    return tmp_path / "system"


@pytest.fixture(name="storage")
def _storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / ".incoming")


@pytest.fixture(name="home_fd")
def _home_fd(base: Path) -> Iterator[int]:
    descriptor = os.open(base / "anna", os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


@pytest.fixture(name="not_root")
def _not_root(home_fd: int) -> Iterator[None]:
    del home_fd  # made as root
    os.seteuid(OWNER[0])
    try:
        yield
    finally:
        os.seteuid(0)


def _at(base: Path, path: str) -> Ground:
    return Ground(base, tuple(path.split("/")), 1)


def _owner(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_uid, found.st_gid


def test_new_folders_belong_to_the_owner_of_theirs(
    base: Path, storage: Storage
) -> None:
    """Each of several that are made at once does."""
    storage.make_folder(_at(base, "anna/one/two"))

    assert _owner(base / "anna/one") == OWNER
    assert _owner(base / "anna/one/two") == OWNER


def test_uploads_belong_to_the_owner_of_the_folder(
    base: Path, storage: Storage
) -> None:
    """A new file, and one that takes the place of root's."""
    (base / "anna/old").write_text("root's")
    for name in ("new", "old"):
        with Upload(storage, _at(base, "anna"), "token", 99) as upload:
            sink = upload.open()
            sink.write(b"hi")
            upload.place(sink, name)

        assert _owner(base / "anna" / name) == OWNER


def test_copies_belong_to_the_owner_of_the_target(base: Path, storage: Storage) -> None:
    """A whole tree does, with its links, and the source stays whose it was."""
    (base / "bob/tree/inner").mkdir(parents=True)
    (base / "bob/tree/inner/file").write_text("hi")
    (base / "bob/tree/link").symlink_to("inner/file")

    storage.copy(_at(base, "bob/tree"), _at(base, "anna"))

    for path in ("tree", "tree/inner", "tree/inner/file", "tree/link"):
        assert _owner(base / "anna" / path) == OWNER
    assert _owner(base / "bob/tree/inner/file") == (0, 0)


def test_what_is_there_already_stays_whose_it_is(base: Path, storage: Storage) -> None:
    """Moved or renamed: to give it away by its name is a race with a user's shell."""
    (base / "anna/file").write_text("hi")
    (base / "anna/folder").mkdir()

    storage.move(_at(base, "anna/file"), _at(base, "anna/folder"))
    storage.rename(_at(base, "anna/folder"), "other")

    assert _owner(base / "anna/other") == (0, 0)
    assert _owner(base / "anna/other/file") == (0, 0)


def test_home_belongs_to_the_owner_of_the_system(base: Path) -> None:
    """An operator who gives the folder of homes away gives each new one, too."""
    os.chown(base, *OWNER)
    make_home(base, "carl")
    make_home(base, "carl")

    assert _owner(base / "carl") == OWNER
    assert stat.S_IMODE((base / "carl").stat().st_mode) & 0o700 == 0o700


def test_file_with_the_name_of_a_home_is_an_error(base: Path) -> None:
    """It is neither replaced nor taken for one."""
    (base / "carl").write_text("")

    with pytest.raises(FileExistsError):
        make_home(base, "carl")


def test_link_is_given_away_and_not_followed(
    base: Path, tmp_path: Path, home_fd: int
) -> None:
    """What it leads to stays whose it is, and folders are not entered through it."""
    (tmp_path / "platform").mkdir()
    (tmp_path / "platform/secret").write_text("root's")
    (base / "anna/link").symlink_to(tmp_path / "platform")

    give_tree(home_fd, "link", home_fd)
    with pytest.raises(OSError, match="Not a directory"):
        give_folder(home_fd, "link")

    assert _owner(base / "anna/link") == OWNER
    assert _owner(tmp_path / "platform") == (0, 0)
    assert _owner(tmp_path / "platform/secret") == (0, 0)


def test_folder_that_was_swapped_in_stays_whose_it_is(base: Path, home_fd: int) -> None:
    """Only root's own is given away where a folder was just made."""
    (base / "anna/swapped").mkdir()
    os.chown(base / "anna/swapped", 999, 999)

    give_folder(home_fd, "swapped")

    assert _owner(base / "anna/swapped") == (999, 999)


@pytest.mark.usefixtures("not_root")
def test_tenant_that_is_not_root_gives_nothing_away(home_fd: int) -> None:
    """It could not, and everything it makes is its own."""
    os.mkdir("mine", dir_fd=home_fd)
    give_folder(home_fd, "mine")
    give_tree(home_fd, "mine", home_fd)

    found = os.stat("mine", dir_fd=home_fd)
    assert (found.st_uid, found.st_gid) == (OWNER[0], 0)

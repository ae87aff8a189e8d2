"""Reading and changing files below a trusted folder."""

import errno
import os
from pathlib import Path

import pytest

from agave_local.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    InsufficientStorage,
    NotFound,
)
from agave_local.services.files.errors import speaking_of
from agave_local.services.files.storage import Ground, Storage
from agave_local.services.files.tree import (
    MAX_TREE_DEPTH,
    Copier,
    remove_if_there,
    write_all,
)
from agave_local.services.files.walk import FOLDER_FLAGS


class FullDisk:
    """A disk that takes so many bytes and no more."""

    def __init__(self, room: int, number: int = errno.ENOSPC) -> None:
        self._room = room
        self._number = number

    def __call__(self, fd: int, data: bytes | memoryview) -> int:
        """Write what there is room for."""
        if self._room == 0:
            raise OSError(self._number, "full")
        taken = os.write(fd, data[: self._room])
        self._room -= taken
        return taken


@pytest.fixture(name="base")
def _base(tmp_path: Path) -> Path:
    base = tmp_path / "system"
    (base / "dir" / "sub").mkdir(parents=True)
    (base / "dir" / "b.txt").write_text("bb")
    (base / "dir" / "sub" / "c.txt").write_text("ccc")
    (base / "a.txt").write_text("a")
    return base


@pytest.fixture(name="storage")
def _storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / ".incoming")


def _at(base: Path, path: str) -> Ground:
    return Ground(base, tuple(path.split("/")) if path else ())


def test_list_a_folder(base: Path, storage: Storage) -> None:
    """A folder comes first as a dot, then what is in it, by name."""
    found = storage.entries(_at(base, "dir"))

    assert [(e.name, e.is_folder, e.parts) for e in found] == [
        (".", True, ("dir",)),
        ("b.txt", False, ("dir", "b.txt")),
        ("sub", True, ("dir", "sub")),
    ]
    assert found[1].size == 2


@pytest.mark.parametrize(
    ("limit", "offset", "names"),
    [
        (1, 0, ["."]),
        (2, 1, ["b.txt", "sub"]),
        (5, 2, ["sub"]),
        (0, 0, []),
        (None, 9, []),
    ],
)
def test_list_a_page(
    base: Path, storage: Storage, limit: int | None, offset: int, names: list[str]
) -> None:
    """The dot counts as an entry of a page."""
    found = storage.entries(_at(base, "dir"), limit, offset)

    assert names == [entry.name for entry in found]


def test_list_a_file(base: Path, storage: Storage) -> None:
    """A file lists itself."""
    [entry] = storage.entries(_at(base, "dir/b.txt"))

    assert (entry.name, entry.is_folder, entry.size) == ("b.txt", False, 2)


def test_list_links(base: Path, storage: Storage) -> None:
    """A link shows what it leads to, or that it can't be read."""
    (base / "dir" / "good").symlink_to("sub")
    (base / "dir" / "out").symlink_to("/etc/passwd")
    (base / "dir" / "dangling").symlink_to("nowhere")
    os.mkfifo(base / "dir" / "fifo")

    found = {entry.name: entry for entry in storage.entries(_at(base, "dir"))}

    assert found["good"].is_folder
    assert found["good"].readable
    for name in ("out", "dangling", "fifo"):
        assert not found[name].readable


def test_list_a_name_that_is_not_utf8(base: Path, storage: Storage) -> None:
    """A strange name is shown rather than hidden."""
    (base / "dir" / "x\udcff").write_text("")

    names = [entry.name for entry in storage.entries(_at(base, "dir"))]

    assert "x�" in names


@pytest.mark.parametrize("path", ["none", "dir/none", "a.txt/x", "none/x"])
def test_miss_a_file(base: Path, storage: Storage, path: str) -> None:
    """What is not there is told by its path from the root."""
    with pytest.raises(NotFound, match=f"/{path}"):
        storage.entries(_at(base, path))


def test_read_a_folder(base: Path, storage: Storage) -> None:
    """A folder can't be read as a file."""
    with pytest.raises(BadRequest, match="is a folder"):
        storage.open(_at(base, "dir"))


def test_make_folders(base: Path, storage: Storage) -> None:
    """Folders above are made too; one that is there is no error."""
    assert storage.make_folder(_at(base, "dir/x/y/z"))
    assert (base / "dir/x/y/z").is_dir()
    assert not storage.make_folder(_at(base, "dir/x/y"))


def test_make_a_folder_over_a_file(base: Path, storage: Storage) -> None:
    """A file is not replaced by a folder, nor passed through."""
    with pytest.raises(Conflict):
        storage.make_folder(_at(base, "a.txt"))
    with pytest.raises(NotFound):
        storage.make_folder(_at(base, "a.txt/x"))

    assert (base / "a.txt").read_text() == "a"


def test_remove_a_tree(base: Path, storage: Storage) -> None:
    """A folder goes with all that is in it, links without what they lead to."""
    (base / "dir" / "link").symlink_to("../a.txt")
    (base / "dir" / "up").symlink_to("..")

    storage.remove(_at(base, "dir"))

    assert _names_in(base) == ["a.txt"]


def test_remove_a_link(base: Path, storage: Storage) -> None:
    """A link goes, even one that leads outside; its target stays."""
    (base / "link").symlink_to("../../etc")
    (base / "to").symlink_to("dir")

    storage.remove(_at(base, "link"))
    storage.remove(_at(base, "to"))

    assert (base / "dir" / "b.txt").exists()
    assert not (base / "to").is_symlink()


def test_remove_nothing(base: Path, storage: Storage) -> None:
    """What is not there can't be removed, and the root never can."""
    with pytest.raises(NotFound):
        storage.remove(_at(base, "none"))
    with pytest.raises(BadRequest):
        storage.remove(_at(base, ""))
    with pytest.raises(NotFound):
        storage.remove(_at(base, "a.txt/x"))


def test_rename(base: Path, storage: Storage) -> None:
    """A file gets another name in its folder."""
    target = storage.rename(_at(base, "dir/b.txt"), "new.txt")

    assert target.parts == ("dir", "new.txt")
    assert (base / "dir" / "new.txt").read_text() == "bb"


@pytest.mark.parametrize("name", ["sub", "b.txt"])
def test_rename_to_a_taken_name(base: Path, storage: Storage, name: str) -> None:
    """A name that is taken is not taken away."""
    with pytest.raises(Conflict, match=name):
        storage.rename(_at(base, "dir/b.txt"), name)


@pytest.mark.parametrize("name", ["../x", "..", "a/b", ""])
def test_rename_to_another_folder(base: Path, storage: Storage, name: str) -> None:
    """A new name is no path."""
    with pytest.raises(BadRequest):
        storage.rename(_at(base, "dir/b.txt"), name)


def test_rename_nothing(base: Path, storage: Storage) -> None:
    """What is not there can't be renamed."""
    with pytest.raises(NotFound):
        storage.rename(_at(base, "none"), "x")


def test_rename_a_link(base: Path, storage: Storage) -> None:
    """A link is renamed itself."""
    (base / "link").symlink_to("a.txt")

    storage.rename(_at(base, "link"), "other")

    assert (base / "other").is_symlink()
    assert (base / "a.txt").exists()


def test_move(base: Path, storage: Storage) -> None:
    """Something moves to a new name, or into a folder."""
    storage.move(_at(base, "a.txt"), _at(base, "dir"))
    storage.move(_at(base, "dir/sub"), _at(base, "other"))

    assert (base / "dir" / "a.txt").read_text() == "a"
    assert (base / "other" / "c.txt").read_text() == "ccc"


def test_copy_a_tree(base: Path, storage: Storage) -> None:
    """A copy has everything but FIFOs; permission bits stay, links stay links."""
    (base / "dir" / "run").write_text("#!")
    (base / "dir" / "run").chmod(0o4755)
    (base / "dir" / "link").symlink_to("b.txt")
    os.mkfifo(base / "dir" / "fifo")

    storage.copy(_at(base, "dir"), _at(base, "copy"))

    copy = base / "copy"
    assert (_names_in(copy)) == ["b.txt", "link", "run", "sub"]
    assert (copy / "sub" / "c.txt").read_text() == "ccc"
    assert (copy / "run").stat().st_mode & 0o7777 == 0o755
    assert (copy / "link").readlink() == Path("b.txt")
    assert not list(storage.incoming.iterdir())


@pytest.mark.parametrize("verb", ["copy", "move"])
def test_refuse_a_taken_place(base: Path, storage: Storage, verb: str) -> None:
    """Neither a copy nor a move replaces anything."""
    act = storage.copy if verb == "copy" else storage.move
    (base / "dir" / "a.txt").write_text("mine")

    with pytest.raises(Conflict):
        act(_at(base, "a.txt"), _at(base, "dir"))
    with pytest.raises(Conflict):
        act(_at(base, "dir/sub"), _at(base, "a.txt"))
    with pytest.raises(BadRequest, match="into itself"):
        act(_at(base, "dir"), _at(base, "dir/sub"))
    with pytest.raises(BadRequest, match="into itself"):
        act(_at(base, "dir"), _at(base, "dir"))
    with pytest.raises(NotFound):
        act(_at(base, "none"), _at(base, "other"))
    with pytest.raises(NotFound):
        act(_at(base, "a.txt"), _at(base, "no/where"))

    assert (base / "dir" / "a.txt").read_text() == "mine"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_copy_to_a_full_disk(base: Path, tmp_path: Path, number: int) -> None:
    """Where the disk is full nothing of a copy stays."""
    storage = Storage(tmp_path / ".incoming", FullDisk(3, number))

    with pytest.raises(InsufficientStorage, match="full"):
        storage.copy(_at(base, "dir"), _at(base, "copy"))

    assert _names_in(base) == ["a.txt", "dir"]
    assert not list(storage.incoming.iterdir())


def test_write_to_a_disk_that_takes_nothing() -> None:
    """A disk that takes nothing is full, not slow."""
    with pytest.raises(OSError, match="nothing was taken"):
        write_all(1, b"x", lambda _fd, _data: 0)


def test_copy_too_much(base: Path, tmp_path: Path) -> None:
    """A copier stops at its limit."""
    folder = os.open(base, FOLDER_FLAGS)
    try:
        with pytest.raises(BadRequest, match="more than 4 bytes"):
            Copier(most_bytes=4).copy(folder, "dir", folder, "copy")
    finally:
        os.close(folder)
    del tmp_path


def test_refuse_a_deep_tree(base: Path, storage: Storage) -> None:
    """A tree that is too deep is not copied; it can be removed all the same."""
    folder = os.open(base / "dir" / "sub", FOLDER_FLAGS)
    for _ in range(3 * MAX_TREE_DEPTH):
        os.mkdir("d", dir_fd=folder)
        deeper = os.open("d", FOLDER_FLAGS, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(folder)

    with pytest.raises(BadRequest, match="deeper"):
        storage.copy(_at(base, "dir"), _at(base, "copy"))
    before = sorted(path.name for path in base.iterdir())
    storage.remove(_at(base, "dir"))

    before.remove("dir")
    assert sorted(path.name for path in base.iterdir()) == before


def test_sweep(base: Path, storage: Storage) -> None:
    """What an earlier process left half written is removed."""
    storage.sweep()
    storage.incoming.mkdir()
    (storage.incoming / "half").write_text("")
    (storage.incoming / "tree").mkdir()
    (storage.incoming / "tree" / "x").write_text("")

    storage.sweep()

    assert not list(storage.incoming.iterdir())
    folder = os.open(base, FOLDER_FLAGS)
    remove_if_there(folder, "gone")
    os.close(folder)


def test_tell_errors_by_the_path() -> None:
    """What the system says is told by the caller's path; the unknown stays."""
    with pytest.raises(Forbidden, match="permissions of /x"), speaking_of("/x"):
        raise PermissionError(errno.EACCES, "no")
    with pytest.raises(OSError, match="broken"), speaking_of("/x"):
        raise OSError(errno.EIO, "broken")


def _names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())

"""Walking a folder that its owner changes at the same time."""

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agave_local.errors import BadRequest, Conflict, Forbidden, LocalTenantError
from agave_local.services.files.storage import Ground, Storage
from agave_local.services.files.walk import (
    FOLDER_FLAGS,
    open_file,
    walk,
    walk_to_parent,
)


@pytest.fixture(name="base")
def _base(tmp_path: Path) -> Path:
    """Return a system's folder with the homes of anna and bob."""
    base = tmp_path / "system"
    for name in ("anna/in/deep", "bob"):
        (base / name).mkdir(parents=True)
    (base / "anna" / "in" / "file").write_text("anna's")
    (base / "bob" / "secret").write_text("bob's secret")
    (tmp_path / "outside").write_text("outside")
    return base


@pytest.fixture(name="storage")
def _storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / ".incoming")


def _read(storage: Storage, base: Path, *parts: str) -> bytes:
    file = storage.open(Ground(base, ("anna", *parts), 1))
    try:
        return file.read(0, 100)
    finally:
        file.close()


def test_read_a_plain_file(base: Path, storage: Storage) -> None:
    """A plain file is read."""
    assert _read(storage, base, "in", "file") == b"anna's"


@pytest.mark.parametrize(
    "target", ["in/file", "./in/./file", "in/deep/../file", "in//file", "hop"]
)
def test_follow_a_link_inside(base: Path, storage: Storage, target: str) -> None:
    """A link that stays in the home is followed, through other links too."""
    (base / "anna" / "hop").symlink_to("in/file")
    (base / "anna" / "link").symlink_to(target)

    assert _read(storage, base, "link") == b"anna's"


def test_follow_a_link_to_a_folder(base: Path, storage: Storage) -> None:
    """A link in the middle of a path is followed like one at its end."""
    (base / "anna" / "in" / "deep" / "up").symlink_to("../../in")

    assert _read(storage, base, "in", "deep", "up", "file") == b"anna's"


@pytest.mark.parametrize(
    "target",
    [
        "../bob/secret",
        "/etc/passwd",
        "in/../../bob/secret",
        "../anna/in/file",
        "../../outside",
        "../..",
    ],
)
def test_refuse_a_link_outside(base: Path, storage: Storage, target: str) -> None:
    """A link that leads out of the home is refused, even if it comes back."""
    (base / "anna" / "link").symlink_to(target)

    with pytest.raises(Forbidden, match="symbolic link"):
        _read(storage, base, "link")


def test_refuse_a_loop_of_links(base: Path, storage: Storage) -> None:
    """Links that lead to each other end the walk."""
    (base / "anna" / "a").symlink_to("b")
    (base / "anna" / "b").symlink_to("a")

    with pytest.raises(Forbidden):
        _read(storage, base, "a")


def test_refuse_a_link_that_grows_deep(base: Path, storage: Storage) -> None:
    """A link whose text is deeper than any path may be is refused."""
    deep = base / "anna"
    for _ in range(40):
        deep = deep / "d"
        deep.mkdir()
    (deep / "again").symlink_to("/".join([".."] * 40 + ["d"] * 40))
    (base / "anna" / "long").symlink_to("d/" * 40 + "x/" * 100)

    with pytest.raises(LocalTenantError):
        _read(storage, base, "long")


def test_refuse_a_home_that_is_a_link(base: Path, storage: Storage) -> None:
    """A home itself is never a link."""
    (base / "eve").symlink_to("bob")

    with pytest.raises(LocalTenantError):
        storage.open(Ground(base, ("eve", "secret"), 1))


def test_refuse_what_is_no_file(base: Path, storage: Storage) -> None:
    """A FIFO, a socket and a folder are refused at once, where an open would hang."""
    os.mkfifo(base / "anna" / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(base / "anna" / "sock"))

        for name in ("fifo", "sock", "in"):
            with pytest.raises(BadRequest, match=name):
                _read(storage, base, name)


def test_refuse_a_device(base: Path, storage: Storage) -> None:
    """A device is refused."""
    try:
        os.mknod(base / "anna" / "zero", 0o20666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("this user makes no devices")

    with pytest.raises(BadRequest, match="regular"):
        _read(storage, base, "zero")


def test_refuse_a_link_to_a_fifo(base: Path, storage: Storage) -> None:
    """A link does not help a FIFO."""
    os.mkfifo(base / "anna" / "fifo")
    (base / "anna" / "link").symlink_to("fifo")

    with pytest.raises(BadRequest, match="regular"):
        _read(storage, base, "link")


def test_open_nothing_but_a_file(base: Path) -> None:
    """The last name is never followed, whatever it has become."""
    (base / "anna" / "link").symlink_to("in/file")
    folder = os.open(base / "anna", FOLDER_FLAGS)
    try:
        with pytest.raises(Conflict, match="changed"):
            open_file(folder, "link", "/anna/link")
    finally:
        os.close(folder)


def test_walk_through_a_file(base: Path) -> None:
    """A file is not a folder."""
    jail = os.open(base, FOLDER_FLAGS)
    try:
        with pytest.raises(NotADirectoryError):
            walk(jail, ["anna", "in", "file", "more"], "x")
        with pytest.raises(NotADirectoryError):
            walk_to_parent(jail, ("anna", "in", "file", "more"), "x")
        with pytest.raises(BadRequest, match="itself"):
            walk_to_parent(jail, (), "x")
    finally:
        os.close(jail)


def test_give_descriptors_back(
    base: Path, storage: Storage, open_descriptors: Callable[[], int]
) -> None:
    """No way to fail keeps a descriptor."""
    (base / "anna" / "link").symlink_to("../bob/secret")
    before = open_descriptors()
    for parts in (("link",), ("in", "file"), ("in",), ("none",), ("in", "file", "x")):
        for _ in range(3):
            try:
                _read(storage, base, *parts)
            except LocalTenantError:
                continue

    assert open_descriptors() == before


def test_nothing_from_outside_in_a_race(base: Path, storage: Storage) -> None:
    """While a folder and a link to bob's are swapped, nothing of bob's is read."""
    home = base / "anna"
    (home / "real").mkdir()
    (home / "real" / "secret").write_text("anna's own")
    (home / "evil").symlink_to("../bob")
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            (home / "real").rename(home / "way")
            (home / "way").rename(home / "real")
            (home / "evil").rename(home / "way")
            (home / "way").rename(home / "evil")

    thread = threading.Thread(target=swap)
    thread.start()
    seen = set()
    try:
        for _ in range(4000):
            try:
                seen |= _sizes(storage, base)
                seen.add(_read(storage, base, "way", "secret"))
            except LocalTenantError:
                continue
    finally:
        over.set()
        thread.join()

    assert seen == {b"anna's own", b"10"}


def _sizes(storage: Storage, base: Path) -> set[bytes]:
    found = storage.entries(Ground(base, ("anna", "way"), 1))
    return {str(entry.size).encode() for entry in found if not entry.is_folder}

"""Folders that are sent and fetched, however hostile their makers are."""

import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agave_local.errors import PayloadTooLarge
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.errors import HostError

AWKWARD = 'it\'s\n"one" of $HOME; \udcff\udcfe'
OLD = 1_000_000_000
PLENTY = 1 << 30

Copy = Callable[[Path, Path], None]


@pytest.fixture(name="copy", params=["send", "fetch"])
def _copy(request: pytest.FixtureRequest, shell: Shell) -> Copy:
    """Return what copies a folder, in one of the two directions."""
    if request.param == "send":
        return lambda source, target: shell.send(source, str(target))
    return lambda source, target: shell.fetch(str(source), target, PLENTY)


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> Path:
    """Return a folder with a little of everything that is copied."""
    tree = tmp_path / "tree"
    (tree / "inner" / AWKWARD).mkdir(parents=True)
    (tree / "empty").mkdir()
    (tree / "nothing").touch()
    (tree / "program").write_bytes(b"#!/bin/sh\n")
    (tree / "program").chmod(0o4755)
    (tree / "inner" / "large").write_bytes(os.urandom(3_000_000))
    (tree / "inner" / AWKWARD / AWKWARD).write_bytes(b"awkward")
    (tree / "inner" / "link").symlink_to(f"{AWKWARD}/{AWKWARD}")
    (tree / "inner" / "up").symlink_to("../program")
    for number in range(70):
        (tree / f"small{number}").write_bytes(b"x" * number * 100)
    for path in tree.rglob("*"):
        if path.is_file():
            os.utime(path, (OLD, OLD), follow_symlinks=False)
    return tree


def shape(folder: Path) -> dict[str, object]:
    """Return all that is in a folder, as far as it is copied."""
    found: dict[str, object] = {}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        status = path.lstat()
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_dir():
            found[name] = None
        else:
            runs = bool(status.st_mode & 0o100)
            found[name] = (path.read_bytes(), runs, int(status.st_mtime))
    return found


def test_trees_are_copied(copy: Copy, tree: Path, tmp_path: Path) -> None:
    """Content, names, links, times and the right to execute are the same."""
    copy(tree, tmp_path / "copy")

    assert shape(tmp_path / "copy") == shape(tree)
    assert stat.S_IMODE((tmp_path / "copy/program").stat().st_mode) in (0o700, 0o755)


def test_what_is_there_is_left_alone(copy: Copy, tree: Path, tmp_path: Path) -> None:
    """Doing it again copies only what is not there, or is another one."""
    target = tmp_path / "copy"
    copy(tree, target)
    same, changed, cut = target / "small7", target / "small8", target / "inner/large"
    number = same.stat().st_ino
    changed.write_bytes(b"y" * 800)
    cut.write_bytes(b"cut")
    (target / "small9").unlink()

    copy(tree, target)

    assert shape(target) == shape(tree)
    assert same.stat().st_ino == number


def test_other_files_stay(copy: Copy, tree: Path, tmp_path: Path) -> None:
    """What is only in the target stays there."""
    (tmp_path / "copy/inner").mkdir(parents=True)
    (tmp_path / "copy/inner/mine").write_text("mine")
    copy(tree, tmp_path / "copy")

    assert (tmp_path / "copy/inner/mine").read_text() == "mine"


@pytest.fixture(name="hostile")
def _hostile(tmp_path: Path) -> Iterator[Path]:
    """Return a folder that somebody has made who wants to get out of it."""
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    for name, target in {
        "absolute": "/etc/passwd",
        "out": "../victim",
        "far-out": "a/../../victim",
        "nowhere": "../../../../../../../../etc",
        "root": "/",
    }.items():
        (hostile / name).symlink_to(target)
    os.mkfifo(hostile / "pipe")
    os.mkfifo(hostile / "new\nline")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(hostile / "socket"))
        if os.geteuid() == 0:
            os.mknod(hostile / "device", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        (hostile / "good").write_text("good")
        yield hostile


def test_nothing_but_files_is_copied(copy: Copy, hostile: Path, tmp_path: Path) -> None:
    """Links out of the folder, pipes, sockets and devices are left out."""
    (tmp_path / "victim").write_text("safe")
    copy(hostile, tmp_path / "copy")

    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["good"]


def test_links_in_the_target_are_not_followed(
    copy: Copy, tree: Path, tmp_path: Path
) -> None:
    """A link in the place of a folder or a file is replaced by it."""
    target, outside = tmp_path / "copy", tmp_path / "outside"
    target.mkdir()
    outside.mkdir()
    (outside / "victim").write_text("safe")
    (target / "inner").symlink_to(outside)
    (target / "program").symlink_to(outside / "victim")
    (target / "small7").symlink_to(outside / "new")
    os.mkfifo(target / "nothing")

    copy(tree, target)

    assert shape(target) == shape(tree)
    assert shape(outside) == {
        "victim": (b"safe", False, int((outside / "victim").stat().st_mtime))
    }


def test_files_in_the_place_of_folders(copy: Copy, tree: Path, tmp_path: Path) -> None:
    """A file where a folder should be gives way, and so does an empty folder."""
    target = tmp_path / "copy"
    target.mkdir()
    (target / "inner").touch()
    (target / "program").mkdir()
    copy(tree, target)

    assert shape(target) == shape(tree)


@pytest.mark.parametrize("sizes", [[200_000], [1000] * 150])
def test_fetching_has_a_limit(
    shell: Shell, far: Path, near: Path, sizes: list[int]
) -> None:
    """More bytes than a job may have are refused, in one file or in many."""
    for number, size in enumerate(sizes):
        (far / str(number)).write_bytes(b"x" * size)

    with pytest.raises(PayloadTooLarge, match="MiB"):
        shell.fetch(str(far), near, 100_000)
    shell.fetch(str(far), near, 200_000)
    with pytest.raises(PayloadTooLarge, match="MiB"):
        shell.fetch(str(far), near, 100_000)


def test_sparse_giant_is_refused(shell: Shell, far: Path, near: Path) -> None:
    """What a file claims to be is counted as it comes, and ends in time."""
    with (far / "giant").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(PayloadTooLarge):
        shell.fetch(str(far), near, 1 << 20)
    assert (near / "giant").stat().st_size <= 1 << 20


def test_bottomless_folder_is_refused(shell: Shell, far: Path, near: Path) -> None:
    """Folders in each other without end are no reason to go on without end."""
    (far / "/".join(["d"] * 150)).mkdir(parents=True)

    with pytest.raises(PayloadTooLarge, match="deep"):
        shell.fetch(str(far), near, PLENTY)


def test_file_that_grows_while_it_is_read(shell: Shell, far: Path, near: Path) -> None:
    """It is copied as it was when it was seen, and the copying ends."""
    growing, stop = far / "growing", threading.Event()
    growing.write_bytes(b"x" * 100_000)

    def grow() -> None:
        with growing.open("ab", buffering=0) as file:
            while not stop.wait(0.0005):
                file.write(b"y" * 4096)

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        shell.fetch(str(far), near, PLENTY)
    finally:
        stop.set()
        thread.join()

    size = (near / "growing").stat().st_size
    assert 100_000 <= size <= growing.stat().st_size
    shell.fetch(str(far), near, PLENTY)
    assert (near / "growing").read_bytes() == growing.read_bytes()


def test_names_that_change_while_they_are_read(
    shell: Shell, far: Path, near: Path, tmp_path: Path
) -> None:
    """Files that become links, folders or nothing lead nowhere else."""
    secret = tmp_path / "secret"
    secret.write_text("secret" * 10_000)
    stop = threading.Event()

    def swap() -> None:
        name, spare = far / "swapped", far / "spare"
        while not stop.is_set():
            for make in (
                lambda: spare.write_text("mine" * 10_000),
                lambda: spare.symlink_to(secret),
            ):
                make()
                spare.rename(name)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(20):
            shell.fetch(str(far), near, PLENTY)
    finally:
        stop.set()
        thread.join()

    assert {path.name for path in near.iterdir()} <= {"swapped", "spare"}
    assert secret.read_text() == "secret" * 10_000


def test_fetching_what_is_not_there(shell: Shell, far: Path, near: Path) -> None:
    """A missing folder is missing, and a file is no folder."""
    (far / "file").touch()

    for name in ("none", "file"):
        with pytest.raises((FileNotFoundError, HostError)):
            shell.fetch(str(far / name), near, PLENTY)

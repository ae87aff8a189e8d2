"""A user's shell that swaps everything while the tenant, as root, works in the home."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agave_local.errors import LocalTenantError
from agave_local.services.files.storage import Ground, Storage
from agave_local.services.files.upload import Upload

ANNA, BOB = 12345, 23456
SECONDS = 1.0
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give files away"
)
SWAPPING = """
import os, random, sys
os.setgroups([])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[2]))
names = ["new", "new/a", "new/a/b", "up", "up/file", "tree", "tree/x", "moved"]
links = ["../../platform", "../bob", sys.argv[1], "."]
doings = (
    lambda name: os.rename(name, f"old{random.random()}"),
    lambda name: os.rename(random.choice(names), name),
    lambda name: os.symlink(random.choice(links), name),
    lambda name: os.link(random.choice(names), name),
    lambda name: os.unlink(name),
    lambda name: os.mkdir(name),
    lambda name: os.mkfifo(name),
    lambda name: os.close(os.open(name, os.O_CREAT | os.O_WRONLY | os.O_NONBLOCK)),
)
while True:
    try:
        random.choice(doings)(random.choice(names))
    except OSError:
        pass
"""


@pytest.fixture(name="system")
def _system(tmp_path: Path) -> Path:
    """Return the folder of two homes, with the platform's own files near by."""
    for name, owner in (("anna", ANNA), ("bob", BOB)):
        (tmp_path / "system" / name).mkdir(parents=True)
        os.chown(tmp_path / "system" / name, owner, owner)
    (tmp_path / "platform/deep").mkdir(parents=True)
    (tmp_path / "platform/deep/key").write_text("secret")
    return tmp_path / "system"


@pytest.fixture(name="swapping")
def _swapping(system: Path) -> Iterator[None]:
    platform = str(system.parent / "platform/deep")
    attackers = [
        subprocess.Popen(
            [sys.executable, "-I", "-c", SWAPPING, platform, str(ANNA)],
            cwd=system / "anna",
        )
        for _ in range(2)
    ]
    yield
    for attacker in attackers:
        assert attacker.poll() is None
        attacker.kill()
        attacker.wait()


def look(folder: Path) -> list[tuple[str, int, int, int, float]]:
    """Return what is in a folder, whose it is, and when it changed."""
    found = []
    for path in sorted([folder, *folder.rglob("*")]):
        state = path.lstat()
        found.append(
            (str(path), state.st_uid, state.st_mode, state.st_size, state.st_ctime)
        )
    return found


def doings(storage: Storage, system: Path) -> list[Callable[[], object]]:
    """Return what the tenant does in the home."""

    def at(path: str) -> Ground:
        return Ground(system, tuple(path.split("/")), 1)

    def upload() -> None:
        with Upload(storage, at("anna/up"), f"token-{time.monotonic_ns()}", 99) as new:
            sink = new.open()
            sink.write(b"hi")
            new.place(sink, "file")

    return [
        upload,
        lambda: storage.make_folder(at("anna/new/a/b")),
        lambda: storage.copy(at("anna/tree"), at("anna/moved")),
        lambda: storage.copy(at("anna/tree"), at("bob/tree")),
        lambda: storage.move(at("anna/tree"), at("anna/moved")),
        lambda: storage.rename(at("anna/new"), "moved"),
        lambda: storage.remove(at("anna/moved")),
        lambda: storage.remove(at("bob/tree")),
    ]


@pytest.mark.usefixtures("swapping")
def test_nothing_outside_the_home_changes(system: Path) -> None:
    """Neither the platform's files nor, but for whole copies, another home."""
    platform = system.parent / "platform"
    before = look(platform)
    works = doings(Storage(system.parent / ".incoming"), system)
    done = 0
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        for work in works:
            try:
                work()
            except (LocalTenantError, OSError):
                continue
            done += 1

    assert done > 10
    assert look(platform) == before
    assert {owner for _, owner, *_ in look(system / "bob")} == {BOB}

"""A backup of everything, and the way back."""

import io
import json
import os
import stat
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest

from agave_local.lock import DataInUse, locked
from agave_local.records.backup import BackupRefused, Made, _add_file, back_up
from agave_local.records.migrations import CannotOpen
from agave_local.records.restore import _put_in_place, restore
from agave_local.records.store import Store

from .backups import fill, write


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Path:
    return fill(tmp_path / "data")


def _picture(folder: Path) -> dict[str, Any]:
    """Return what a folder holds: kinds, permissions, times and contents."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        shown = str(path.relative_to(folder))
        status = path.lstat()
        if path.is_symlink():
            found[shown] = str(path.readlink())
        elif path.is_dir():
            found[shown] = stat.filemode(status.st_mode)
        elif not shown.endswith(("tenant.sqlite", "-wal", "-shm")):
            mode = stat.filemode(status.st_mode)
            found[shown] = (mode, status.st_mtime, path.read_bytes())
    return found


@pytest.mark.parametrize("name", ["all.tar", "all.tar.gz", "all.tgz"])
def test_there_and_back(data: Path, tmp_path: Path, name: str) -> None:
    """What was backed up comes back with its contents, permissions and times."""
    expected = _picture(data)
    for shown in ("storage/.incoming", "storage/.incoming/half", "run/tenant.json"):
        del expected[shown]

    made = back_up(data, tmp_path / name)
    old = restore(tmp_path / name, tmp_path / "new" / "data")

    assert old is None
    assert made.changed == made.left_out == []
    found = _picture(tmp_path / "new" / "data")
    supervisor = found.pop("jobs/1/control/supervisor.json")
    del expected["jobs/1/control/supervisor.json"]
    assert expected == found
    empty = tmp_path / "new" / "data" / "storage" / "ipt.storage" / "empty"
    assert empty.stat().st_mtime == 1_000_000_001
    # No process of another time is taken for one of ours.
    assert json.loads(supervisor[2])["pid"] == 0
    for tenant, inside in (("", "data"), ("tenants/OTHER", "OTHER")):
        store = Store(tmp_path / "new" / "data" / tenant / "tenant.sqlite")
        assert store.find("profile") == [{"username": "anna", "in": inside}]
        store.close()


def test_only_its_owner_reads_a_backup(data: Path, tmp_path: Path) -> None:
    """A backup has secrets, so it is for its owner only, and leaves nothing beside."""
    back_up(data, tmp_path / "all.tar")

    assert (tmp_path / "all.tar").stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in tmp_path.iterdir()) == ["all.tar", "data"]
    assert sorted(p.name for p in (data / "run").iterdir()) == ["binary", "tenant.json"]


def test_what_cannot_be_kept_is_told(data: Path, tmp_path: Path) -> None:
    """Pipes, and links where the tenant makes none, are left out by name."""
    os.mkfifo(data / "storage" / "ipt.storage" / "pipe")
    (data / "jobs" / "1" / "control" / "link").symlink_to("/etc/passwd")
    (data / "storage" / "system").symlink_to("/")

    made = back_up(data, tmp_path / "all.tar")

    assert sorted(made.left_out) == [
        "jobs/1/control/link",
        "storage/ipt.storage/pipe",
        "storage/system",
    ]
    assert restore(tmp_path / "all.tar", tmp_path / "new") is None


def test_a_backup_under_way_sees_one_moment(tmp_path: Path) -> None:
    """Records that are written together are all in a backup, or none of them."""
    data = tmp_path / "data"
    data.mkdir()
    store = Store(data / "tenant.sqlite")
    store.put("pair", "0", {"parent": "a"})
    store.put("pair", "0b", {"parent": "b"})
    ended = threading.Event()

    def write() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            with store.transaction():
                store.put("pair", f"{number}", {"parent": "a", "x": "x" * 500})
                store.put("pair", f"{number}b", {"parent": "b", "x": "x" * 500})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            back_up(data, tmp_path / f"{number}.tar")
    finally:
        ended.set()
        writer.join()
        store.close()

    for number in range(5):
        restore(tmp_path / f"{number}.tar", tmp_path / f"{number}")
        found = Store(tmp_path / f"{number}" / "tenant.sqlite")
        assert found.count("pair", parent="a") == found.count("pair", parent="b") > 0
        found.close()


def test_a_file_that_shrinks_is_told(data: Path, tmp_path: Path) -> None:
    """A file that becomes shorter while it is read does not break the backup."""
    shown = "storage/ipt.storage/growing"

    class Shrinking(io.FileIO):
        def read(self, _size: int | None = -1) -> bytes:
            return b""

    made = Made()
    (data / shown).write_bytes(b"x" * 100)
    with (
        tarfile.open(tmp_path / "x.tar", "w") as tar,
        Shrinking(data / shown) as file,
    ):
        _add_file(tar, made, shown, file)

    assert made.changed == [shown]
    with tarfile.open(tmp_path / "x.tar") as tar:
        member = tar.extractfile(shown)
        assert member is not None
        assert member.read() == bytes(100)


def test_force_keeps_the_old_folder_aside(data: Path, tmp_path: Path) -> None:
    """A folder in use by nobody is replaced only where asked, and kept."""
    back_up(data, tmp_path / "all.tar")
    write(data / "storage" / "ipt.storage" / "later.txt", "later")

    with pytest.raises(BackupRefused, match="is not empty; with --force it is kept"):
        restore(tmp_path / "all.tar", data)
    old = restore(tmp_path / "all.tar", data, force=True)

    assert old is not None
    assert (old / "storage" / "ipt.storage" / "later.txt").exists()
    assert not (data / "storage" / "ipt.storage" / "later.txt").exists()
    assert (data / "storage" / "ipt.storage" / "run.sh").exists()


def test_an_empty_folder_needs_no_force(data: Path, tmp_path: Path) -> None:
    """A folder without anything in it is filled."""
    back_up(data, tmp_path / "all.tar")
    (tmp_path / "new").mkdir()

    assert restore(tmp_path / "all.tar", tmp_path / "new", force=True) is None
    assert (tmp_path / "new" / "tenant.sqlite").exists()


def test_a_working_tenant_is_not_replaced(data: Path, tmp_path: Path) -> None:
    """While a tenant works in the folder nothing is brought back there."""
    back_up(data, tmp_path / "all.tar")

    with locked(data), pytest.raises(DataInUse):
        restore(tmp_path / "all.tar", data, force=True)

    assert sorted(p.name for p in tmp_path.iterdir()) == ["all.tar", "data"]


def test_a_rename_that_fails_takes_nothing(data: Path, tmp_path: Path) -> None:
    """Where the new folder can't be put in place the old one is there again."""
    with pytest.raises(FileNotFoundError):
        _put_in_place(tmp_path / "nothing", data, force=True)

    assert (data / "tenant.sqlite").exists()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("there.tar", "is there already; nothing is overwritten"),
        ("nowhere/all.tar", "cannot be written: No such file or directory"),
        ("data/storage/all.tar", "would become a part of itself"),
    ],
)
def test_refused_backup(data: Path, tmp_path: Path, target: str, message: str) -> None:
    """A backup that cannot be made is refused, and nothing is left."""
    (tmp_path / "there.tar").write_text("mine")

    with pytest.raises(BackupRefused, match=message):
        back_up(data, tmp_path / target)

    assert (tmp_path / "there.tar").read_text() == "mine"


def test_no_tenant(tmp_path: Path) -> None:
    """A folder without records is told."""
    with pytest.raises(BackupRefused, match="There is no tenant in"):
        back_up(tmp_path, tmp_path / "all.tar")


def test_a_damaged_database_is_not_backed_up(data: Path, tmp_path: Path) -> None:
    """Damage is found by the backup, before somebody relies on it."""
    path = data / "tenant.sqlite"
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 4] = b"\xa5" * 4096 * 3
    path.write_bytes(content)

    with pytest.raises(CannotOpen, match="is damaged"):
        back_up(data, tmp_path / "all.tar")
    path.write_bytes(b"z" * 9000)
    with pytest.raises(CannotOpen, match="is damaged"):
        back_up(data, tmp_path / "all.tar")


def test_a_database_that_cannot_be_read(data: Path, tmp_path: Path) -> None:
    """Where the database cannot be read now, that is what is said."""
    (data / "tenant.sqlite-wal").mkdir()

    with pytest.raises(BackupRefused, match="The database cannot be copied: unable"):
        back_up(data, tmp_path / "all.tar")

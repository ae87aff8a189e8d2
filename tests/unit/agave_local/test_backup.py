"""A backup of everything, and the way back."""

import gzip
import hashlib
import io
import json
import os
import stat
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agave_local.lock import DataInUse, locked
from agave_local.records.backup import BackupRefused, Made, _add_file, back_up
from agave_local.records.migrations import CannotOpen
from agave_local.records.restore import _put_in_place, restore
from agave_local.records.store import Store


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(mode)


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Path:
    """A folder with something of every kind, and a second tenant in it."""
    data = tmp_path / "data"
    for tenant in (data, data / "tenants" / "OTHER"):
        _write(tenant / "secrets" / "abaco.key", "key", 0o600)
        _write(tenant / "run" / "binary" / "message", "binary")
        for own in (tenant, tenant.parent, tenant / "run", tenant / "run" / "binary"):
            own.chmod(0o700)
        store = Store(tenant / "tenant.sqlite")
        store.put("profile", "anna", {"username": "anna", "in": tenant.name})
        store.close()
    _write(data / "storage" / "ipt.storage" / "anna" / "färbung \udcff.txt", "file")
    _write(data / "storage" / "ipt.storage" / "run.sh", "#!/bin/sh\n", 0o755)
    _write(data / "storage" / ".incoming" / "half", "half")
    _write(data / "storage" / "ipt.storage" / ".incoming" / "kept", "kept")
    (data / "storage" / "ipt.storage" / "empty").mkdir()
    (data / "storage" / "ipt.storage" / "link").symlink_to("run.sh")
    (data / "storage" / "ipt.storage" / "folder").symlink_to("anna")
    _write(data / "jobs" / "1" / "control" / "supervisor.json", '{"pid": 1}')
    _write(data / "jobs" / "1" / "work" / "out.txt", "out")
    _write(data / "run" / "tenant.json", "of this process only")
    os.utime(data / "storage" / "ipt.storage" / "run.sh", (1_000_000_000.5,) * 2)
    os.utime(data / "storage" / "ipt.storage" / "empty", (1_000_000_001,) * 2)
    return data


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
    _write(data / "storage" / "ipt.storage" / "later.txt", "later")

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


Change = Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]


def _rewrite(source: Path, target: Path, change: Change) -> None:
    """Make a file of a backup's members as somebody hostile would."""
    members = []
    with tarfile.open(source) as tar:
        for info in tar:
            file = tar.extractfile(info) if info.isreg() else None
            members.append((info, b"" if file is None else file.read()))
    change(members)
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in members:
            if info.isreg() and not info.issparse():
                info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def _adding(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Change:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        members.insert(2, (info, b"evil" if kind == tarfile.REGTYPE else b""))

    return change


def _all(*changes: Change) -> Change:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        for each in changes:
            each(members)

    return change


def _saying(**told: Any) -> Change:
    """Have the list of checksums say what the attacker wants."""

    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        info, content = members[-1]
        known = json.loads(content)
        for key, value in told.items():
            known[key] |= value
        members[-1] = (info, json.dumps(known).encode())

    return change


def _replacing(name: str, content: bytes) -> Change:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        for number, (info, _) in enumerate(members):
            if info.name == name:
                members[number] = (info, content)

    return change


def _dropping(name: str) -> Change:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members[:] = [each for each in members if each[0].name != name]

    return change


def _timed(name: str, mtime: str) -> Change:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        for info, _ in members:
            if info.name == name:
                info.mtime = 0
                info.pax_headers = {"mtime": mtime}

    return change


HEAD = {"format": 1, "layout": 1}
LINK = tarfile.SYMTYPE
HOSTILE: dict[str, Change] = {
    "out by dots": _adding("storage/../../out"),
    "absolute": _adding("/tmp/out"),  # noqa: S108 - which is refused
    "beside": _adding("out"),
    "a part's name as a prefix": _adding("storages/out"),
    "run, but not its messages": _adding("run/tenant.lock"),
    "empty name": _adding("storage//out"),
    "no tenant's code": _adding("tenants/../tenant.sqlite"),
    "a tenant's folder": _adding("tenants/X", tarfile.DIRTYPE),
    "too long": _adding("storage/s/" + "/".join(["x" * 200] * 30)),
    "a name too long": _adding("storage/s/" + "x" * 300),
    "a device": _adding("storage/s/device", tarfile.CHRTYPE),
    "a pipe": _adding("storage/s/pipe", tarfile.FIFOTYPE),
    "a hard link": _adding("storage/s/hard", tarfile.LNKTYPE, "tenant.sqlite"),
    "a link for a system": _adding("storage/s", LINK, "/"),
    "a link for a key": _adding("secrets/abaco.key2", LINK, "/etc/shadow"),
    "a link for a job's folder": _adding("jobs/1/work", LINK, "/"),
    "a link for a database": _adding("tenants/X/tenant.sqlite", LINK, "/etc/passwd"),
    "a folder for a database": _adding("tenants/X/tenant.sqlite", tarfile.DIRTYPE),
    "a link that was not told": _adding("storage/s/l", LINK, "/etc"),
    "a file that was not told": _adding("storage/s/f"),
    "a link and a file through it": _all(
        _adding("storage/s/l/out"),
        _adding("storage/s/l", LINK, "/tmp"),  # noqa: S108 - which is refused
    ),
    "a link below a link": _all(
        _adding("storage/s/l/m", LINK, "x"),
        _adding("storage/s/l", LINK, ".."),
        _saying(links={"storage/s/l": "..", "storage/s/l/m": "x"}),
    ),
    "a link twice": _all(
        _adding("storage/s/l", LINK, "a"),
        _adding("storage/s/l", LINK, "b"),
        _saying(links={"storage/s/l": "b"}),
    ),
    "a file twice": _adding("secrets/abaco.key"),
    "a file below a file": _adding("secrets/abaco.key/below"),
    "a sparse file": _adding("storage/s/sparse", tarfile.GNUTYPE_SPARSE),
    "a changed file": _replacing("secrets/abaco.key", b"other"),
    "a lost file": _dropping("secrets/abaco.key"),
    "no database": _dropping("tenant.sqlite"),
    "no head": _dropping("backup.json"),
    "no end": _dropping("checksums.json"),
    "another format": _replacing("backup.json", b'{"format": 2, "layout": 1}'),
    "no layout": _replacing("backup.json", b'{"format": 1}'),
    "a list for a head": _replacing("backup.json", b"[]"),
    "no JSON": _replacing("backup.json", b"{"),
    "deep JSON": _replacing("checksums.json", b"[" * 100_000),
    "a huge head": _replacing("backup.json", json.dumps(HEAD).encode() + b" " * 70_000),
    "no time": _timed("secrets/abaco.key", "nan"),
    "no time of a folder": _timed("secrets", "inf"),
    "something after the end": lambda members: members.append(
        (tarfile.TarInfo("storage/s/late"), b"")
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_backup(data: Path, tmp_path: Path, name: str) -> None:
    """What is not exactly a backup brings nothing back, inside or outside."""
    back_up(data, tmp_path / "all.tar")
    _rewrite(tmp_path / "all.tar", tmp_path / "evil.tar", HOSTILE[name])
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(BackupRefused):
        restore(tmp_path / "evil.tar", tmp_path / "new")

    assert before == sorted(tmp_path.rglob("*"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a whole backup"),
        (b"no tar" * 1000, "is not a whole backup"),
        (gzip.compress(b"no tar" * 1000), "is not a whole backup"),
        (b"\x1f\x8bxxxxxxxxxxxxxxxx", "cannot be restored"),
    ],
)
def test_no_backup_at_all(tmp_path: Path, content: bytes, message: str) -> None:
    """Any other file is refused."""
    (tmp_path / "file").write_bytes(content)

    with pytest.raises(BackupRefused, match=message):
        restore(tmp_path / "file", tmp_path / "new")
    with pytest.raises(BackupRefused, match="No such file"):
        restore(tmp_path / "missing", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["all.tar", "all.tar.gz"])
def test_half_a_backup(data: Path, tmp_path: Path, name: str) -> None:
    """A file that ends too early, wherever that is, brings nothing back."""
    back_up(data, tmp_path / name)
    content = (tmp_path / name).read_bytes()

    for share in range(1, 10):
        (tmp_path / "half").write_bytes(content[: len(content) * share // 10])
        with pytest.raises(BackupRefused, match="is not a whole backup"):
            restore(tmp_path / "half", tmp_path / "new")

    assert not (tmp_path / "new").exists()


def test_a_backup_of_a_later_release(data: Path, tmp_path: Path) -> None:
    """A backup whose layout is not known yet is refused before it is unpacked."""
    back_up(data, tmp_path / "all.tar")
    head = json.dumps({"format": 1, "layout": 99}).encode()
    _rewrite(
        tmp_path / "all.tar", tmp_path / "new.tar", _replacing("backup.json", head)
    )

    with pytest.raises(BackupRefused, match="A newer agave-local made"):
        restore(tmp_path / "new.tar", tmp_path / "new")


@pytest.mark.parametrize("content", [b"x" * 5000, None])
def test_a_backup_of_a_broken_database(
    data: Path, tmp_path: Path, content: bytes | None
) -> None:
    """A database that is not whole is noticed, though its checksum is right."""
    back_up(data, tmp_path / "all.tar")
    if content is None:
        broken = bytearray((data / "tenant.sqlite").read_bytes())
        broken[4096 * 2 : 4096 * 5] = b"\xa5" * 4096 * 3
        content = bytes(broken)
    digest = hashlib.sha256(content).hexdigest()
    change = _all(
        _replacing("tenant.sqlite", content), _saying(files={"tenant.sqlite": digest})
    )
    _rewrite(tmp_path / "all.tar", tmp_path / "evil.tar", change)

    with pytest.raises(BackupRefused, match=r"The database in .* is damaged"):
        restore(tmp_path / "evil.tar", tmp_path / "new")

"""Backups that somebody forged, cut off or damaged."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agave_local.records.backup import BackupRefused, back_up
from agave_local.records.restore import restore

from .backups import fill

Change = Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Path:
    return fill(tmp_path / "data")


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
        (gzip.compress(b"no tar" * 1000, mtime=0), "is not a whole backup"),
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

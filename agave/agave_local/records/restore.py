"""Brings a backup back, or nothing at all.

Everything is unpacked beside the data folder, compared with its checksums, and put in
place by one rename. Whoever made the file is not trusted with more than the folder:
no name leads out of it, and only users' own links are made, after everything else.
"""

import contextlib
import gzip
import hashlib
import json
import os
import sqlite3
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from agave_local.lock import locked
from agave_local.records.backup import (
    BINARY,
    CHECKSUMS,
    DATABASE,
    FORMAT,
    HEAD,
    PARTS,
    TENANTS,
    BackupRefused,
    may_be_link,
    sync_folder,
    within_tenant,
)
from agave_local.records.migrations import CURRENT

_CHUNK = 1 << 20
_LARGEST_HEAD = 1 << 16
_LARGEST_LIST = 1 << 30
_LONGEST_PATH = 4096
_NOT_WHOLE = "is not a whole backup of agave-local"
_GZIP = b"\x1f\x8b"
_BROKEN = (
    tarfile.TarError,
    EOFError,
    zlib.error,
    ValueError,
    OverflowError,
    RecursionError,
)
# Nobody is started or ended on the word of a file about processes of another time.
_SUPERVISOR = "supervisor.json"
_GONE = {"pid": 0, "started": "restored"}


def restore(source: Path, data: Path, *, force: bool = False) -> Path | None:
    """Bring a backup back into a data folder.

    Args:
        source: the backup.
        data: the folder; it is made where there is none.
        force: replace a tenant that is there; the old folder is kept aside.

    Returns:
        Where the old folder is now, if there was one.

    Raises:
        BackupRefused: the file is no whole backup, or there is a tenant already.
        DataInUse: a tenant works in the folder.
    """
    data = data.resolve()
    try:
        if not force and data.exists() and any(data.iterdir()):
            raise BackupRefused(
                f"{data} is not empty; with --force it is kept aside "
                "under another name."
            )
        data.parent.mkdir(parents=True, exist_ok=True)
        with (
            source.open("rb") as file,
            tempfile.TemporaryDirectory(
                dir=data.parent, prefix=f".{data.name}-restoring-"
            ) as name,
        ):
            new = Path(name) / "new"
            new.mkdir(mode=0o700)
            _Unpacking(new, source).run(file)
            for database in (
                new / DATABASE,
                *new.glob(f"{TENANTS}/*/{DATABASE}"),
            ):
                _check_database(database, source)
            os.sync()
            old = _put_in_place(new, data, force=force)
            sync_folder(data.parent)
            return old
    except OSError as error:
        why = error.strerror or str(error)
        raise BackupRefused(f"{source} cannot be restored: {why}.") from error


@contextlib.contextmanager
def _unzipped(file: IO[bytes]) -> Iterator[Any]:
    begin = file.read(len(_GZIP))
    file.seek(0)
    if begin != _GZIP:
        yield file
        return
    with gzip.GzipFile(fileobj=file, mode="rb") as plain:
        yield plain


def _put_in_place(new: Path, data: Path, *, force: bool) -> Path | None:
    if not (force and data.exists() and any(data.iterdir())):
        # Fails where somebody has begun to use the folder meanwhile.
        new.rename(data)
        return None
    with locked(data):
        moment = time.strftime("%Y%m%d-%H%M%S")
        old = data.with_name(f"{data.name}.before-{moment}")
        data.rename(old)
        try:
            new.rename(data)
        except OSError:
            old.rename(data)
            raise
    return old


def _check_database(path: Path, source: Path) -> None:
    connection = sqlite3.connect(path)
    try:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupRefused(f"The database in {source} is damaged.") from error
    finally:
        connection.close()
    if found != ("ok",):
        raise BackupRefused(f"The database in {source} is damaged.")


@dataclass
class _Unpacking:
    """Unpacks one backup into a folder of its own."""

    folder: Path
    source: Path
    checksums: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    folders: list[tuple[Path, tarfile.TarInfo]] = field(default_factory=list)

    def run(self, file: IO[bytes]) -> None:
        """Unpack everything and compare it with its checksums.

        Raises:
            BackupRefused: it is not what a backup has to be.
        """
        try:
            with (
                _unzipped(file) as plain,
                tarfile.open(fileobj=plain, mode="r|") as tar,
            ):
                members = iter(tar)
                self._read_head(tar, next(members, None))
                self._unpack(tar, members)
            self._finish()
        except _BROKEN as error:
            raise self._refusal() from error

    def _finish(self) -> None:
        for shown, target in self.links.items():
            path = self.folder / shown
            if any(str(parent) in self.links for parent in Path(shown).parents):
                raise self._refusal("it has a link below a link")
            self._make_way(path)
            path.symlink_to(target)
        for tenant in (self.folder, *self.folder.glob(f"{TENANTS}/*")):
            for supervisor in tenant.glob(f"jobs/*/control/{_SUPERVISOR}"):
                supervisor.write_text(json.dumps(_GONE), "utf-8")
        # A folder's time is that of its last change, so it comes last, inner first.
        for path, info in reversed(self.folders):
            path.chmod(info.mode & 0o777)
            os.utime(path, (info.mtime, info.mtime))

    def _read_head(self, tar: tarfile.TarFile, member: tarfile.TarInfo | None) -> None:
        head = self._read_object(tar, member, HEAD, _LARGEST_HEAD)
        if head.get("format") != FORMAT or not isinstance(head.get("layout"), int):
            raise self._refusal()
        if head["layout"] > CURRENT:
            raise BackupRefused(
                f"A newer agave-local made {self.source}; bring it back with that one."
            )

    def _unpack(self, tar: tarfile.TarFile, members: Iterator[tarfile.TarInfo]) -> None:
        for member in members:
            if member.name == CHECKSUMS:
                told = self._read_object(tar, member, CHECKSUMS, _LARGEST_LIST)
                is_last = next(members, None) is None
                found = {"files": self.checksums, "links": self.links}
                if is_last and told == found and DATABASE in self.checksums:
                    return
                raise self._refusal("some of it was changed or lost")
            self._take(tar, member)
        raise self._refusal("its end is missing")

    def _take(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        shown = member.name
        if not _is_place(shown):
            raise self._refusal("it has a file where none belongs")
        path = self.folder / shown
        if member.isdir() and within_tenant(shown) != DATABASE:
            self._make_way(path / "in")
            self.folders.append((path, member))
        elif member.issym() and may_be_link(shown) and shown not in self.links:
            self.links[shown] = member.linkname
        elif member.isreg() and not member.issparse():
            self._make_way(path)
            self.checksums[shown] = self._write(tar, member, path)
        else:
            raise self._refusal("it has something that is no file, folder or link")

    def _make_way(self, path: Path) -> None:
        """Make the folders above a path, for their owner only."""
        if not path.parent.is_dir():
            self._make_way(path.parent)
            path.parent.mkdir(mode=0o700)

    def _write(self, tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> str:
        source = tar.extractfile(member)
        if source is None:
            raise self._refusal()
        digest = hashlib.sha256()
        # Made anew, so nothing that is there already is written to or followed.
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW)
        with os.fdopen(opened, "wb") as file:
            while piece := source.read(_CHUNK):
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fchmod(opened, member.mode & 0o777)
            os.utime(opened, (member.mtime, member.mtime))
        return digest.hexdigest()

    def _read_object(
        self,
        tar: tarfile.TarFile,
        member: tarfile.TarInfo | None,
        name: str,
        most: int,
    ) -> dict[str, Any]:
        if member is None or member.name != name or not member.isreg():
            raise self._refusal()
        source = tar.extractfile(member)
        if source is None or member.size > most:
            raise self._refusal()
        found = json.loads(source.read())
        if not isinstance(found, dict):
            raise self._refusal()
        return found

    def _refusal(self, why: str = "") -> BackupRefused:
        because = f": {why}" if why else ""
        return BackupRefused(f"{self.source} {_NOT_WHOLE}{because}.")


def _is_place(path: str) -> bool:
    """Tell whether a backup may have something at a path."""
    parts = path.split("/")
    if len(path) > _LONGEST_PATH or any(
        part in {"", ".", ".."} or "\0" in part for part in parts
    ):
        return False
    inner = within_tenant(path)
    return (
        inner == DATABASE
        or inner.split("/")[0] in PARTS
        or f"{inner}/".startswith(f"{BINARY}/")
    )

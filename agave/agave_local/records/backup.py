"""One file with everything a tenant keeps, made while the tenant works.

backup.json ─▶ tenant.sqlite ─▶ secrets, storage, jobs, run/binary ─▶ checksums.json
               (each further tenant the same, below tenants/<code>/)

The database is copied as it was at one moment. Files are copied after that moment, so
a record of it has its file, unless somebody removed the file meanwhile; a file that
came later has no record yet. Binary messages are pinned at the very moment, so each
that waits in the copied database is there.
"""

import contextlib
import gzip
import hashlib
import io
import json
import os
import secrets
import shutil
import sqlite3
import stat
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from agave_local.clock import to_iso
from agave_local.records.migrations import CURRENT, damaged, is_damage

FORMAT = 1
HEAD, DATABASE, CHECKSUMS = "backup.json", "tenant.sqlite", "checksums.json"
BINARY = "run/binary"
TENANTS = "tenants"
PARTS = ("secrets", "storage", "jobs")
# Some user's shell can make folders in folders as long as it likes. What no restored
# tree could have, or no walk could reach, must not be the end of everybody's backup.
_LONGEST_PATH, _DEEPEST = 3072, 200
# Uploads that are under way.
_UNFINISHED = ".incoming"
_CHUNK = 1 << 20
_QUICK = 1
_NEW_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class BackupRefused(Exception):
    """A backup cannot be made or brought back; the message says why."""


@dataclass
class Made:
    """What a backup holds.

    Attributes:
        checksums: SHA-256 of each file, by its path in the backup.
        links: targets of symbolic links, by path.
        changed: files that became shorter while they were read.
        left_out: what is no file, folder or link, or could not be read, or is too
            deep.
    """

    checksums: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def back_up(data: Path, target: Path) -> Made:
    """Write a backup of a data folder, whose tenant may be working.

    Args:
        data: the folder.
        target: the new file, for its owner only; compressed where it ends in `gz`.

    Raises:
        BackupRefused: there is no tenant, or such a file already, or no room for it.
        CannotOpen: the tenant's database is damaged.
    """
    data, target = data.resolve(), target.absolute()
    if not (data / DATABASE).is_file():
        raise BackupRefused(f"There is no tenant in {data}.")
    if os.path.lexists(target):
        raise BackupRefused(f"{target} is there already; nothing is overwritten.")
    if any(target.is_relative_to(data / part) for part in (*PARTS, BINARY, TENANTS)):
        raise BackupRefused(f"{target} would become a part of itself.")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as name:
            made = _write(data, Path(name), gzipped=target.suffix in {".gz", ".tgz"})
            # A link is refused where a rename would overwrite.
            os.link(Path(name) / "new", target)
        sync_folder(target.parent)
    except OSError as error:
        why = error.strerror or str(error)
        raise BackupRefused(f"{target} cannot be written: {why}.") from error
    return made


def _write(data: Path, folder: Path, *, gzipped: bool) -> Made:
    made = Made()
    with contextlib.ExitStack() as stack:
        file = _open_new(folder / "new")
        stack.callback(file.close)
        stack.callback(_to_disk, file)
        packed: Any = file
        if gzipped:
            packed = stack.enter_context(gzip.GzipFile("", "wb", _QUICK, file))
        tar = stack.enter_context(
            tarfile.open(
                mode="w|",
                fileobj=packed,
                format=tarfile.PAX_FORMAT,
                bufsize=_CHUNK,
            )
        )
        _add_text(tar, HEAD, _head())
        _add_tenant(tar, made, data, folder / "copy", "")
        for other in sorted(data.glob(f"{TENANTS}/*/{DATABASE}")):
            copy = folder / f"copy-{other.parent.name}"
            shown = f"{TENANTS}/{other.parent.name}/"
            _add_tenant(tar, made, other.parent, copy, shown)
        _add_text(tar, CHECKSUMS, {"files": made.checksums, "links": made.links})
    return made


def _add_tenant(
    tar: tarfile.TarFile, made: Made, data: Path, copy: Path, shown: str
) -> None:
    with _moment(data, copy) as pinned:
        with copy.open("rb") as file:
            _add_file(tar, made, f"{shown}{DATABASE}", file)
        copy.unlink()
        for part in PARTS:
            _add_tree(tar, made, data / part, f"{shown}{part}")
        _add_tree(tar, made, pinned, f"{shown}{BINARY}")


def _open_new(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, _NEW_FLAGS, 0o600), "wb")


def _to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _head() -> dict[str, Any]:
    # A database may be of an earlier layout; whoever opens it brings it up to date.
    return {"format": FORMAT, "layout": CURRENT, "made": to_iso(time.time())}


@contextlib.contextmanager
def _moment(data: Path, copy: Path) -> Iterator[Path]:
    """Copy the database and pin the binary messages, as of one moment.

    Yields:
        The folder of the pinned messages.
    """
    pinned = data / "run" / f"backup-{secrets.token_hex(4)}"
    try:
        _copy_database(data, copy, pinned)
        yield pinned
    finally:
        shutil.rmtree(pinned, ignore_errors=True)


def _copy_database(data: Path, copy: Path, pinned: Path) -> None:
    source = data / DATABASE
    _open_new(copy).close()
    try:
        with (
            _connection(source) as writer,
            _connection(source) as reader,
            _connection(copy) as target,
        ):
            # Nobody begins or ends a message while it is held, which is not for long.
            writer.execute("BEGIN IMMEDIATE")
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            _pin(data / BINARY, pinned)
            writer.execute("ROLLBACK")
            reader.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
            found = target.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise damaged(source) from error
        raise BackupRefused(f"The database cannot be copied: {error}.") from error
    if found != ("ok",):
        raise damaged(source)


def _pin(source: Path, pinned: Path) -> None:
    """Make second names of files, which remain where the first ones are removed."""
    pinned.mkdir(parents=True, mode=0o700)
    if source.is_dir():
        for path in source.iterdir():
            with contextlib.suppress(FileNotFoundError):
                os.link(path, pinned / path.name, follow_symlinks=False)


@contextlib.contextmanager
def _connection(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _add_tree(tar: tarfile.TarFile, made: Made, top: Path, shown: str) -> None:
    """Add a folder with all that is in it, following no link."""
    if not top.is_dir():
        return

    def note(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            made.left_out.append(f"{shown}/…/{error.filename}")

    start = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for here, folders, names, fd in os.fwalk(".", dir_fd=start, onerror=note):
            at = shown if here == "." else f"{shown}/{here[2:]}"
            _add_folder(tar, at, os.fstat(fd))
            if within_tenant(at) == "storage" and _UNFINISHED in folders:
                folders.remove(_UNFINISHED)
            _prune(made, at, folders, names)
            # A link to a folder is listed with the folders.
            for name in (*names, *folders):
                with contextlib.suppress(FileNotFoundError):
                    _add_entry(tar, made, f"{at}/{name}", name, fd)
    finally:
        os.close(start)


def _prune(made: Made, at: str, folders: list[str], names: list[str]) -> None:
    """Leave out what is too deep in a folder, or has too long a path."""
    room = _LONGEST_PATH - len(os.fsencode(at)) - 1
    is_deepest = at.count("/") >= _DEEPEST
    for found in (folders, names):
        for name in [*found]:
            is_lower = is_deepest and found is folders
            if is_lower or len(os.fsencode(name)) > room:
                found.remove(name)
                made.left_out.append(f"{at}/{name}")


def _add_entry(
    tar: tarfile.TarFile, made: Made, shown: str, name: str, folder: int
) -> None:
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISDIR(found.st_mode):
        return
    if stat.S_ISLNK(found.st_mode) and may_be_link(shown):
        info = _info(shown, found, tarfile.SYMTYPE)
        info.linkname = made.links[shown] = os.readlink(name, dir_fd=folder)
        tar.addfile(info)
        return
    if stat.S_ISREG(found.st_mode):
        try:
            opened = os.open(name, _FILE_FLAGS, dir_fd=folder)
        except PermissionError:
            made.left_out.append(shown)
            return
        with os.fdopen(opened, "rb") as file:
            if stat.S_ISREG(os.fstat(opened).st_mode):
                _add_file(tar, made, shown, file)
                return
    made.left_out.append(shown)


def within_tenant(path: str) -> str:
    """Return a path of a backup as its tenant knows it."""
    first, _, rest = path.partition("/")
    return rest.partition("/")[2] if first == TENANTS else path


def may_be_link(path: str) -> bool:
    """Tell whether a path of a backup may be a symbolic link.

    Only users make them, in their files and where their jobs work; the tenant itself
    trusts the way to everything else.
    """
    parts = within_tenant(path).split("/")
    return (parts[0] == "storage" and len(parts) > 2) or (  # noqa: PLR2004 - storage/<system>/…
        parts[0] == "jobs" and len(parts) > 3 and parts[2] == "work"  # noqa: PLR2004 - jobs/<id>/<folder>/…
    )


def _add_folder(tar: tarfile.TarFile, shown: str, found: os.stat_result) -> None:
    tar.addfile(_info(shown, found, tarfile.DIRTYPE))


def _add_file(tar: tarfile.TarFile, made: Made, shown: str, file: IO[bytes]) -> None:
    found = os.fstat(file.fileno())
    info = _info(shown, found, tarfile.REGTYPE)
    info.size = found.st_size
    source = _Exactly(file, info.size)
    tar.addfile(info, source)
    made.checksums[shown] = source.digest
    if source.is_short:
        made.changed.append(shown)


def _info(shown: str, found: os.stat_result, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(shown)
    info.type = kind
    info.mode = stat.S_IMODE(found.st_mode) & 0o777
    info.mtime = found.st_mtime
    return info


def _add_text(tar: tarfile.TarFile, name: str, body: object) -> None:
    text = json.dumps(body).encode()
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(text), 0o600, int(time.time())
    tar.addfile(info, io.BytesIO(text))


class _Exactly(io.RawIOBase):
    """A file as long as it was, also where it has become shorter since."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        super().__init__()
        self._file = file
        self._left = size
        self._hash = hashlib.sha256()
        self.is_short = False

    @property
    def digest(self) -> str:
        """SHA-256 of what was read."""
        return self._hash.hexdigest()

    def read(self, size: int = -1) -> bytes:
        """Return the next piece."""
        wanted = min(self._left, _CHUNK if size < 0 else size)
        piece = self._file.read(wanted)
        if len(piece) < wanted:
            self.is_short = True
            piece += bytes(wanted - len(piece))
        self._left -= wanted
        self._hash.update(piece)
        return piece


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

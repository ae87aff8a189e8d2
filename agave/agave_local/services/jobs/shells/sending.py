"""Copying a folder of ours to the machine, over SFTP.

What is there with the same size and time already is left as it is, so that doing it
again mends a copy that was broken off.  Small files go many at once.
"""

import os
import stat

from agave_local.services.jobs.shells.budget import Budget
from agave_local.services.jobs.shells.ground import (
    Ground,
    is_executable,
    pieces,
    stays_inside,
)
from sshlink import (
    MOST_AT_ONCE,
    SMALL,
    Attributes,
    NewFile,
    Open,
    SshFiles,
    write_all,
)

_FILE, _FOLDER, _RUN = 0o600, 0o700, 0o700
_NEW = Open.WRITE | Open.CREATE | Open.NEW


class Sending:
    """One folder here that is copied to the machine.

    Args:
        files: of the machine.
        budget: what may be copied.
    """

    def __init__(self, files: SshFiles, budget: Budget) -> None:
        self._files = files
        self._budget = budget

    def folder(self, source: Ground, path: bytes, depth: int = 0) -> None:
        """Copy all that is in a folder into one that is there.

        Raises:
            LocalTenantError: it is more than may be copied.
            OSError: the machine takes it not.
        """
        there = dict(self._files.entries(path))
        small: list[NewFile] = []
        for name in source.names():
            self._budget.meet(depth)
            self._entry(source, path, name, there, small, depth)
            if len(small) >= MOST_AT_ONCE:
                write_all(self._files, small)
                small.clear()
        write_all(self._files, small)

    def _entry(  # noqa: PLR0917 - one entry of one folder, and what is known of both
        self,
        source: Ground,
        path: bytes,
        name: str,
        there: dict[bytes, Attributes],
        small: list[NewFile],
        depth: int,
    ) -> None:
        found = source.look(name)
        mode = found.st_mode if found else 0
        place, known = _join(path, name), there.get(os.fsencode(name))
        if stat.S_ISDIR(mode):
            with source.inner(name) as inner:
                self._make(place, known)
                self.folder(inner, place, depth + 1)
        elif stat.S_ISLNK(mode):
            text = source.link_target(name)
            if stays_inside(text, depth):
                self._clear(place, known)
                self._files.symlink(place, os.fsencode(text))
        elif found is not None and stat.S_ISREG(mode):
            wanted = _wanted(found)
            if not _is_same(known, found, wanted):
                self._clear(place, known)
                self._file(source, name, NewFile(place, b"", wanted), small)

    def _file(
        self, source: Ground, name: str, new: NewFile, small: list[NewFile]
    ) -> None:
        with source.opened(name) as fd:
            size = os.fstat(fd).st_size
            if size <= SMALL:
                content = b"".join(pieces(fd, size))
                small.append(NewFile(new.path, content, new.known))
                return
            with self._files.open(new.path, _NEW) as handle:
                self._files.write(handle, pieces(fd, size))
            # Its time comes last: a copy that was broken off has another one.
            self._files.set(new.path, new.known)

    def _make(self, place: bytes, known: Attributes | None) -> None:
        if known is not None and known.is_folder:
            return
        self._clear(place, known)
        self._files.mkdir(place, _FOLDER)

    def _clear(self, place: bytes, known: Attributes | None) -> None:
        if known is not None and known.is_folder:
            self._files.rmdir(place)
        elif known is not None:
            self._files.remove(place)


def make_folders(files: SshFiles, path: str) -> None:
    """Make a folder and those above it, with mode 700.

    Raises:
        OSError: it can't be made, or something else is there.
    """
    parts = [part for part in path.split("/") if part]
    missing = 0
    while missing < len(parts):
        try:
            known = files.stat("/" + "/".join(parts[: len(parts) - missing]))
        except FileNotFoundError:
            missing += 1
            continue
        if not known.is_folder:
            raise NotADirectoryError(path)
        break
    for count in range(len(parts) - missing, len(parts)):
        here = "/" + "/".join(parts[: count + 1])
        try:
            files.mkdir(here, _FOLDER)
        except OSError:
            # Another thread, or another tenant, may have made it just now.
            if not _is_folder(files, here):
                raise


def _is_folder(files: SshFiles, path: str) -> bool:
    try:
        return files.stat(path).is_folder
    except FileNotFoundError:
        return False


def _wanted(found: os.stat_result) -> Attributes:
    mode = _RUN if is_executable(found.st_mode) else _FILE
    return Attributes(size=found.st_size, mode=mode, modified=int(found.st_mtime))


def _is_same(
    known: Attributes | None, found: os.stat_result, wanted: Attributes
) -> bool:
    return (
        known is not None
        and known.is_file
        and known.size == found.st_size
        and known.modified == wanted.modified
        and stat.S_IMODE(known.mode or 0) == wanted.mode
    )


def _join(path: bytes, name: str) -> bytes:
    return path + b"/" + os.fsencode(name)

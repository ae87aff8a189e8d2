"""Copying a folder of the machine here, over SFTP.

What is here with the same size and time already is left as it is, so that doing it
again mends a copy that was broken off.  Small files come many at once.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice

from agave_local.services.files.errors import speaking_of
from agave_local.services.jobs.shells.budget import Budget
from agave_local.services.jobs.shells.ground import (
    Ground,
    if_there,
    is_executable,
    stays_inside,
)
from sshlink import (
    MOST_AT_ONCE,
    SMALL,
    Attributes,
    Open,
    SshFileError,
    SshFiles,
    read_all,
)

_HERE = "the job's folder"
_FILE, _FOLDER, _RUN = 0o644, 0o755, 0o755


class Fetching:
    """One tree of the machine that is copied into a folder here.

    Args:
        files: of the machine.
        budget: what may be copied.
    """

    def __init__(self, files: SshFiles, budget: Budget) -> None:
        self._files = files
        self._budget = budget

    def folder(self, path: bytes, target: Ground, depth: int = 0) -> None:
        """Copy all that is in a folder.

        Raises:
            LocalTenantError: it is more than may be copied, or can't be kept here.
            OSError: the machine lets nobody read it.
        """
        small: list[tuple[str, Attributes]] = []
        inner: list[str] = []
        for name, known in self._entries(path, depth):
            if known.is_folder:
                inner.append(name)
            elif known.is_link:
                self._link(path, target, name, depth)
            elif not known.is_file or self._has(target, name, known):
                continue
            elif (known.size or 0) <= SMALL:
                small.append((name, known))
            else:
                with self._as_seen(_join(path, name)) as place:
                    self._large(place, target, name, known)
        for some in _batches(small):
            self._small(path, target, some)
        for name in inner:
            with ExitStack() as opened:
                with _keeping():
                    made = opened.enter_context(target.made(name, _FOLDER))
                with if_there():
                    self.folder(_join(path, name), made, depth + 1)

    def _entries(self, path: bytes, depth: int) -> list[tuple[str, Attributes]]:
        found = []
        for name, known in self._files.entries(path):
            self._budget.meet(depth, len(path) + len(name) + 1)
            found.append((os.fsdecode(name), known))
        return sorted(found, key=lambda entry: entry[0])

    def _has(self, target: Ground, name: str, known: Attributes) -> bool:
        runs = is_executable(known.mode or 0)
        size, modified = known.size or 0, known.modified or 0
        if not target.has(name, size, modified, executable=runs):
            return False
        self._budget.spend(size)
        return True

    def _link(self, path: bytes, target: Ground, name: str, depth: int) -> None:
        try:
            text = os.fsdecode(self._files.readlink(_join(path, name)))
        except (FileNotFoundError, SshFileError):
            # It is a link no more.
            return
        if stays_inside(text, depth):
            with _keeping():
                target.make_link(name, text)

    def _large(
        self, place: bytes, target: Ground, name: str, known: Attributes
    ) -> None:
        with self._files.open(place, Open.READ) as handle:
            # No more than it had when it was looked at: it may be growing.
            data = self._files.read(handle, 0, known.size or 0)
            self._keep(target, name, known, data)

    def _small(
        self, path: bytes, target: Ground, some: list[tuple[str, Attributes]]
    ) -> None:
        wanted = [(_join(path, name), known.size or 0) for name, known in some]
        read = read_all(self._files, wanted)
        for (name, known), data in zip(some, read, strict=True):
            with self._as_seen(_join(path, name)):
                if isinstance(data, OSError):
                    raise data
                self._keep(target, name, known, [data])

    @contextmanager
    def _as_seen(self, place: bytes) -> Iterator[bytes]:
        """Pass over a file that went, or became something else, since it was listed."""
        try:
            yield place
        except FileNotFoundError:
            return
        except SshFileError:
            with suppress(FileNotFoundError):
                if self._files.lstat(place).is_file:
                    raise

    def _keep(
        self, target: Ground, name: str, known: Attributes, data: Iterable[bytes]
    ) -> None:
        mode = _RUN if is_executable(known.mode or 0) else _FILE
        try:
            with _keeping(), target.new_file(name, mode, known.modified or 0) as write:
                for piece in _of_machine(data):
                    self._budget.spend(len(piece))
                    write(piece)
        except _MachineTrouble as trouble:
            raise trouble.error from None


def _join(path: bytes, name: str) -> bytes:
    return path + b"/" + os.fsencode(name)


def _batches(
    small: list[tuple[str, Attributes]],
) -> Iterator[list[tuple[str, Attributes]]]:
    rest = iter(small)
    while some := list(islice(rest, MOST_AT_ONCE)):
        yield some


class _MachineTrouble(Exception):
    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


def _of_machine(data: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from data
    except OSError as error:
        raise _MachineTrouble(error) from error


@contextmanager
def _keeping() -> Iterator[None]:
    """Tell what goes wrong here from what goes wrong on the machine."""
    with speaking_of(_HERE):
        yield

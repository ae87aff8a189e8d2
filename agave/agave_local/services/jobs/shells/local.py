"""The tenant's own machine."""

import errno
import os
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from agave_local.errors import PayloadTooLarge
from agave_local.services.files.tree import remove
from agave_local.services.jobs.shells.base import COMMAND_SECONDS, Done, Entry
from agave_local.services.jobs.shells.budget import Budget
from agave_local.services.jobs.shells.errors import (
    HostDenied,
    HostError,
    HostFull,
    HostSilent,
)
from agave_local.services.jobs.shells.ground import (
    GONE,
    Ground,
    if_there,
    is_executable,
    kind_of,
    pieces,
    stays_inside,
    write_whole,
)
from agave_local.services.jobs.shells.scripts import removal
from agave_local.services.jobs.shells.words import (
    DENIED,
    FULL,
    TOO_LONG,
    TOO_MUCH,
    TROUBLE,
)

MOST_PRINTED = 16 << 20
MOST_READ = 64 << 20
REMOVE_SECONDS = 600.0
# What a script needs of the tenant's own environment; the rest may hold secrets.
_PASSED = frozenset(
    {"HOME", "LANG", "LOGNAME", "PATH", "SLURM_CONF", "TMPDIR", "TZ", "USER"}
)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class LocalShell:
    """Commands and files of this machine; implements `Shell`.

    What a job makes here it makes with the tenant's own rights.  So no link is followed
    on any path, but on the way to the folders that the operator has named.

    Args:
        environment: of the commands; None for what they need of our own.
        grounds: folders that the operator has named.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        grounds: Iterable[str] = (),
    ) -> None:
        found = {ground.rstrip("/") for ground in grounds} - {""}
        self._grounds = sorted(found, key=len, reverse=True)
        own = {name: value for name, value in os.environ.items() if name in _PASSED}
        self._environment = own if environment is None else dict(environment)

    def run(
        self, script: str, *, stdin: bytes = b"", seconds: float = COMMAND_SECONDS
    ) -> Done:
        """Run a script; what it leaves behind may live on."""
        # Files, not pipes: nobody waits for a program that holds its output open.
        with (
            _translated(),
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            given.write(stdin)
            given.seek(0)
            process = subprocess.Popen(
                ["/bin/sh", "-c", script],
                stdin=given,
                stdout=out,
                stderr=err,
                env=self._environment,
                cwd="/",
                start_new_session=True,
            )
            code = _wait(process, seconds)
            return Done(code, _printed(out), _printed(err))

    def make_folder(self, path: str) -> None:
        """Make a folder and those above it."""
        with _translated(), Ground.above(self._real(path), make=0o700) as (above, name):
            with suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=above.fd)
            with above.inner(name):
                pass

    def write(self, path: str, content: bytes, mode: int = 0o600) -> None:
        """Put a file in place."""
        with _translated(), Ground.above(self._real(path)) as (above, name):
            write_whole(above, name, content, mode)

    def read(self, path: str, start: int = 0, count: int | None = None) -> bytes:
        """Return a part of a regular file."""
        with (
            _translated(),
            Ground.above(self._real(path)) as (above, name),
            above.opened(name) as fd,
        ):
            left = max(os.fstat(fd).st_size - start, 0)
            if count is None and left > MOST_READ:
                raise PayloadTooLarge("A file is too large to be read at once.")
            os.lseek(fd, start, os.SEEK_SET)
            return b"".join(pieces(fd, left if count is None else count))

    def entry(self, path: str) -> Entry:
        """Return what is at a path."""
        if not path.strip("/"):
            return _to_entry("/", Path("/").stat())
        with _translated(), Ground.above(self._real(path)) as (above, name):
            found = os.stat(name, dir_fd=above.fd, follow_symlinks=False)
            return _to_entry(name, found)

    def entries(self, path: str) -> list[Entry]:
        """Return what is in a folder."""
        with _translated(), self._folder(path) as ground:
            found = ((name, ground.look(name)) for name in ground.names())
            return [_to_entry(name, known) for name, known in found if known]

    def send(self, local: Path, remote: str) -> None:
        """Copy a folder."""
        self.make_folder(remote)
        with _translated(), Ground.at(local) as source, self._folder(remote) as target:
            _Copy(Budget(), 0o600, 0o700).folder(source, target)

    def fetch(self, remote: str, local: Path, most_bytes: int) -> None:
        """Copy a folder."""
        with _translated(), self._folder(remote) as source:
            local.mkdir(mode=0o755, exist_ok=True)
            with Ground.at(local) as target:
                _Copy(Budget(most_bytes), 0o644, 0o755).folder(source, target)

    def remove(self, path: str) -> None:
        """Remove a file or a folder."""
        real = self._real(path)
        with _translated():
            try:
                _remove(real)
            except PermissionError:
                # Its maker may have taken the right to change it from itself.
                self.run(removal(real), seconds=REMOVE_SECONDS)
                _remove(real)

    def close(self) -> None:
        """Do nothing: nobody signed in."""

    def _real(self, path: str) -> str:
        """Follow the links on the way to a folder that the operator has named."""
        for ground in self._grounds:
            if path == ground or path.startswith(f"{ground}/"):
                return os.path.realpath(ground) + path[len(ground) :]
        return path

    @contextmanager
    def _folder(self, path: str) -> Iterator[Ground]:
        with (
            Ground.above(self._real(path)) as (above, name),
            above.inner(name) as ground,
        ):
            yield ground


class _Copy:
    """One tree that is copied.

    Args:
        budget: what may be copied.
        file_mode: of files; the right to execute is added where they have it.
        folder_mode: of folders.
    """

    def __init__(self, budget: Budget, file_mode: int, folder_mode: int) -> None:
        self._budget = budget
        self._file_mode = file_mode
        self._folder_mode = folder_mode

    def folder(self, source: Ground, target: Ground, depth: int = 0) -> None:
        """Copy all that is in a folder."""
        for name in source.names():
            self._budget.meet(depth)
            with if_there():
                self._entry(source, target, name, depth)

    def _entry(self, source: Ground, target: Ground, name: str, depth: int) -> None:
        found = source.look(name)
        mode = found.st_mode if found else 0
        if stat.S_ISDIR(mode):
            with (
                source.inner(name) as inner,
                target.made(name, self._folder_mode) as made,
            ):
                self.folder(inner, made, depth + 1)
        elif stat.S_ISLNK(mode):
            text = source.link_target(name)
            if stays_inside(text, depth):
                target.make_link(name, text)
        elif found is not None and stat.S_ISREG(mode):
            self._file(source, target, name, found)

    def _file(
        self, source: Ground, target: Ground, name: str, found: os.stat_result
    ) -> None:
        runs, modified = is_executable(found.st_mode), int(found.st_mtime)
        if target.has(name, found.st_size, modified, executable=runs):
            self._budget.spend(found.st_size)
            return
        mode = self._file_mode | (self._folder_mode & 0o111 if runs else 0)
        with (
            source.opened(name) as reader,
            target.new_file(name, mode, modified) as write,
        ):
            for piece in pieces(reader, found.st_size):
                self._budget.spend(len(piece))
                write(piece)


def _remove(path: str) -> None:
    with if_there(), Ground.above(path) as (above, name):
        remove(above.fd, name)


def _to_entry(name: str, found: os.stat_result) -> Entry:
    return Entry(name, kind_of(found.st_mode), found.st_size, found.st_mtime)


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> int:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise HostSilent(TOO_LONG) from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _printed(file: IO[bytes]) -> bytes:
    size = file.seek(0, os.SEEK_END)
    if size > MOST_PRINTED:
        raise HostError(TOO_MUCH)
    file.seek(0)
    return file.read()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in GONE:
            raise FileNotFoundError(error.errno, "no such file") from error
        if error.errno in _FULL:
            raise HostFull(FULL) from error
        if error.errno in _DENIED:
            raise HostDenied(DENIED) from error
        raise HostError(TROUBLE) from error

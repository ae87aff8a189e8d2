"""Reading what a job makes while it is still on another machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from agave_local.errors import BadRequest, LocalTenantError, NotFound, Unavailable
from agave_local.services.files.body import Readable
from agave_local.services.files.paths import Parts, to_shown
from agave_local.services.files.storage import Entry
from agave_local.services.jobs.remote.folders import remote_folders
from agave_local.services.jobs.remote.silence import Silences
from agave_local.services.jobs.remote.trips import Trip
from agave_local.services.jobs.shells.base import Entry as There
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.errors import HostError

# Bytes a second, of a machine that is not taken for one that hangs.
SLOWEST = 32 * 1024
RETRY_AFTER = 5


class RemoteFile:
    """A file of another machine, read piece by piece as it is wanted.

    Args:
        read: returns a part of it.
        found: what is there.
        again: opens it where it is by now.
    """

    fd = -1

    def __init__(
        self,
        read: Callable[[int, int], bytes],
        found: There,
        again: Callable[[], Readable],
    ) -> None:
        self._read = read
        self._again = again
        self._moved: Readable | None = None
        self.size = found.size
        self.modified = found.modified
        self.tag = f"{int(found.modified):x}-{found.size:x}"

    def read(self, start: int, count: int) -> bytes:
        """Return at most `count` bytes from `start` on; nothing once it is gone."""
        # Where the answer has begun, that it ends too early is all one can tell.
        with suppress(LocalTenantError, HostError):
            try:
                if self._moved is None:
                    return self._read(start, count)
            except FileNotFoundError:
                self._moved = self._again()
            return self._moved.read(start, count)
        return b""

    def close(self) -> None:
        """Give back what is held."""
        if self._moved is not None:
            self._moved.close()


class RemoteOutputs:
    """Lists and opens the files of jobs that are away.

    Args:
        shell_of: signs in to the machine of a job.
        silences: know which machines do not answer.
    """

    def __init__(self, shell_of: Callable[[Trip], Shell], silences: Silences) -> None:
        self._shell_of = shell_of
        self._silences = silences

    def entries(self, trip: Trip, parts: Parts, limit: int, offset: int) -> list[Entry]:
        """Return what is in a folder of a job, itself first.

        Raises:
            NotFound: there is no such folder, or nothing yet.
            Unavailable: the machine does not answer.
        """
        with _in_words():
            shell = self._shell_of(trip)
            found = self._silences.read(trip, lambda: _look(shell, trip, parts))
            return found[offset : offset + limit]

    def open(
        self, trip: Trip, parts: Parts, again: Callable[[], Readable]
    ) -> RemoteFile:
        """Open a file of a job.

        Args:
            trip: of the job.
            parts: path of the file.
            again: opens it where it is when it is here no more.

        Raises:
            BadRequest: it is no regular file.
            NotFound: there is none.
            Unavailable: the machine does not answer.
        """
        with _in_words():
            shell = self._shell_of(trip)

            def look() -> tuple[str, There]:
                path = _walk(shell, trip, parts)
                return path, shell.entry(path)

            path, found = self._silences.read(trip, look)
            if found.kind != "file":
                raise BadRequest(f"{'/'.join(parts) or '.'} is not a regular file.")

            def read(start: int, count: int) -> bytes:
                return self._silences.read(
                    trip, lambda: shell.read(path, start, count), count / SLOWEST
                )

            return RemoteFile(read, found, again)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("The job has no such output, or not yet.") from error
    except NotADirectoryError as error:
        raise NotFound("The job has no such output.") from error
    except HostError as error:
        raise Unavailable(error.message, RETRY_AFTER) from error


def _look(shell: Shell, trip: Trip, parts: Parts) -> list[Entry]:
    """Return what is at a path in a job's folder: itself, and what is in it."""
    path = _walk(shell, trip, parts)
    itself = shell.entry(path)
    if itself.kind != "folder":
        return [_to_entry(itself, parts)]
    own = Entry(".", parts, is_folder=True, size=0, modified=itself.modified)
    inside = [
        _to_entry(entry, (*parts, to_shown(entry.name)))
        for entry in shell.entries(path)
    ]
    return [own, *inside]


def _walk(shell: Shell, trip: Trip, parts: Parts) -> str:
    """Return a path in a job's folder; links on the way there may lead out of it."""
    path = remote_folders(trip).work
    for count, part in enumerate(parts):
        if count and shell.entry(path).kind != "folder":
            raise FileNotFoundError(path)
        path = f"{path}/{part}"
    return path


def _to_entry(found: There, parts: Parts) -> Entry:
    return Entry(
        to_shown(found.name),
        parts,
        is_folder=found.kind == "folder",
        size=found.size,
        modified=found.modified,
        readable=found.kind in {"file", "folder"},
    )

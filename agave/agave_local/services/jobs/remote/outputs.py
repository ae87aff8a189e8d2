"""Reading what a job makes while it is still on another machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agave_local.errors import BadRequest, NotFound, Unavailable
from agave_local.services.files.paths import Parts
from agave_local.services.files.storage import Entry
from agave_local.services.jobs.remote.folders import remote_folders
from agave_local.services.jobs.remote.trips import Trip
from agave_local.services.jobs.shells.base import Entry as There
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.errors import HostError


class RemoteFile:
    """A file of another machine, read piece by piece as it is wanted.

    Args:
        shell: the machine.
        path: on it.
        found: what is there.
    """

    fd = -1

    def __init__(self, shell: Shell, path: str, found: There) -> None:
        self._shell = shell
        self._path = path
        self.size = found.size
        self.modified = found.modified
        self.tag = f"{int(found.modified):x}-{found.size:x}"

    def read(self, start: int, count: int) -> bytes:
        """Return at most `count` bytes from `start` on; nothing once it is gone."""
        try:
            return self._shell.read(self._path, start, count)
        except (FileNotFoundError, HostError):
            # The answer has begun: that it ends too early is all one can tell.
            return b""

    def close(self) -> None:
        """Nothing is held."""


class RemoteOutputs:
    """Lists and opens the files of jobs that are away.

    Args:
        shell_of: signs in to the machine of a job.
    """

    def __init__(self, shell_of: Callable[[Trip], Shell]) -> None:
        self._shell_of = shell_of

    def entries(self, trip: Trip, parts: Parts, limit: int, offset: int) -> list[Entry]:
        """Return what is in a folder of a job, itself first.

        Raises:
            NotFound: there is no such folder, or nothing yet.
            Unavailable: the machine does not answer.
        """
        with _in_words():
            shell, path = self._shell_of(trip), _path(trip, parts)
            itself = shell.entry(path)
            if itself.kind != "folder":
                return [_to_entry(itself, parts)][offset : offset + limit]
            own = Entry(".", parts, is_folder=True, size=0, modified=itself.modified)
            inside = [
                _to_entry(entry, (*parts, entry.name)) for entry in shell.entries(path)
            ]
            return [own, *inside][offset : offset + limit]

    def open(self, trip: Trip, parts: Parts) -> RemoteFile:
        """Open a file of a job.

        Raises:
            BadRequest: it is no regular file.
            NotFound: there is none.
            Unavailable: the machine does not answer.
        """
        with _in_words():
            shell, path = self._shell_of(trip), _path(trip, parts)
            found = shell.entry(path)
            if found.kind != "file":
                raise BadRequest(f"{'/'.join(parts) or '.'} is not a regular file.")
            return RemoteFile(shell, path, found)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("The job has no such output, or not yet.") from error
    except NotADirectoryError as error:
        raise NotFound("The job has no such output.") from error
    except HostError as error:
        raise Unavailable(error.message) from error


def _path(trip: Trip, parts: Parts) -> str:
    return "/".join((remote_folders(trip).work, *parts))


def _to_entry(found: There, parts: Parts) -> Entry:
    return Entry(
        found.name,
        parts,
        is_folder=found.kind == "folder",
        size=found.size,
        modified=found.modified,
        readable=found.kind in {"file", "folder"},
    )

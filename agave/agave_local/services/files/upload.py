"""A file on its way in: written aside, then put in place in one step."""

import os
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from agave_local.errors import BadRequest, PayloadTooLarge
from agave_local.services.files.errors import speaking_of
from agave_local.services.files.owners import give_tree
from agave_local.services.files.paths import read_name
from agave_local.services.files.storage import Ground, Storage
from agave_local.services.files.tree import Write, remove_if_there, write_all
from agave_local.services.files.walk import FOLDER_FLAGS

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Names:
    """Names of one uploaded file.

    Attributes:
        new: the one to give it.
        sent: the one that it was sent under.
    """

    new: str
    sent: str


class Sink:
    """Takes the bytes of one file that is being received.

    Args:
        upload: that it belongs to.
        fd: of the new file; belongs to the sink.
        name: of the new file, aside.
    """

    def __init__(self, upload: "Upload", fd: int, name: str) -> None:
        self._upload = upload
        self._fd = fd
        self.name = name

    def write(self, data: bytes | memoryview) -> int:
        """Write a piece.

        Raises:
            InsufficientStorage: the disk is full.
            PayloadTooLarge: the request has grown too long.
        """
        self._upload.count(len(data))
        with speaking_of(self._upload.shown):
            write_all(self._fd, data, self._upload.write)
        return len(data)

    def close(self) -> None:
        """Give the descriptor back; twice does no harm."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class Upload:
    """Receives the files of one request; what is not placed is removed at the end.

    Args:
        storage: where to write.
        ground: the target: a folder that the file goes into, or a file to replace.
        token: unguessable start of the names aside.
        most_bytes: of all files together.
    """

    def __init__(
        self, storage: Storage, ground: Ground, token: str, most_bytes: int
    ) -> None:
        self._storage = storage
        self._ground = ground
        self._token = token
        self._most = most_bytes
        self._received = 0
        self._sinks: list[Sink] = []
        self._folder = -1

    @property
    def shown(self) -> str:
        """The target as the caller knows it."""
        return self._ground.shown

    @property
    def write(self) -> Write:
        """What writes to the disk."""
        return self._storage.write

    def __enter__(self) -> Self:
        self._storage.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = os.open(self._storage.incoming, FOLDER_FLAGS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for sink in self._sinks:
            sink.close()
            remove_if_there(self._folder, sink.name)
        os.close(self._folder)

    def count(self, size: int) -> None:
        """Note bytes that have come in.

        Raises:
            PayloadTooLarge: there are too many by now.
        """
        self._received += size
        self.check_room(self._received)

    def check_room(self, size: int) -> None:
        """Refuse a number of bytes that is too large.

        Raises:
            PayloadTooLarge: it is.
        """
        if size > self._most:
            raise PayloadTooLarge(f"An upload has at most {self._most} bytes.")

    def open(self) -> Sink:
        """Begin a file aside.

        Raises:
            LocalTenantError: it can't be made.
        """
        name = f"{self._token}-{len(self._sinks)}"
        with speaking_of(self.shown):
            fd = os.open(name, _NEW_FILE, 0o644, dir_fd=self._folder)
        sink = Sink(self, fd, name)
        self._sinks.append(sink)
        return sink

    def place(self, sink: Sink, name: str) -> tuple[Ground, bool]:
        """Put a finished file in its place, replacing the one that was there.

        Args:
            sink: the file.
            name: for it, where the target is a folder.

        Returns:
            Where it is, and whether there was one.

        Raises:
            Conflict: there is a folder of that name.
            LocalTenantError: there is no such target.
        """
        sink.close()
        with self._storage.at(self._ground) as spot:
            if spot.name is None:
                target = self._ground.below(read_name(name))
                final = target.parts[-1]
            else:
                # The target is a file, which gives way.
                target, final = self._ground, spot.name
            replaced = _is_there(spot.fd, final)
            with speaking_of(target.shown):
                give_tree(self._folder, sink.name, spot.fd)
                os.rename(sink.name, final, src_dir_fd=self._folder, dst_dir_fd=spot.fd)
        return target, replaced

    def check_target(self) -> None:
        """Refuse a target that does not exist, before anything is read.

        Raises:
            NotFound: it does not.
        """
        self._storage.entry(self._ground)


def _is_there(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


def choose_name(form_name: str | None, file_name: str | None) -> str:
    """Return the name that a caller means for an uploaded file.

    Browsers send the bare name; some clients send their own path before it.

    Raises:
        BadRequest: there is none.
    """
    if form_name:
        return read_name(form_name)
    bare = (file_name or "").replace("\\", "/").rsplit("/", 1)[-1]
    if not bare:
        raise BadRequest("The file has no name; send it as fileName.")
    return read_name(bare)

"""Copying and removing whole folders, by descriptors only, following no link."""

import errno
import os
import secrets
import stat
from collections.abc import Callable

from agave_local.errors import BadRequest
from agave_local.services.files.walk import FOLDER_FLAGS, open_file

CHUNK = 256 * 1024
MAX_TREE_DEPTH = 128
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

Write = Callable[[int, bytes | memoryview], int]


class Copier:
    """Copies files, folders and links as links; leaves out FIFOs, devices, sockets.

    Args:
        write: like `os.write`; another one in tests of a full disk.
        most_bytes: that may be copied in all; None for no limit.

    Attributes:
        copied: bytes so far.
    """

    def __init__(self, write: Write = os.write, most_bytes: int | None = None) -> None:
        self._write = write
        self._most = most_bytes
        self.copied = 0

    def copy(
        self, source: int, name: str, target: int, new_name: str, depth: int = 0
    ) -> None:
        """Copy one entry of a folder, with all that is in it.

        Args:
            source: folder of the entry.
            name: of the entry.
            target: folder of the copy, where `new_name` is free.
            new_name: of the copy.
            depth: folders above, of the tree that is copied.

        Raises:
            BadRequest: the tree is too deep or too large.
            OSError: it can't be read or written.
        """
        mode = os.stat(name, dir_fd=source, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            text = os.readlink(name, dir_fd=source)
            os.symlink(text, new_name, dir_fd=target)
        elif stat.S_ISDIR(mode):
            inner = os.open(name, FOLDER_FLAGS, dir_fd=source)
            try:
                os.mkdir(new_name, 0o755, dir_fd=target)
                self.copy_into(inner, target, new_name, depth + 1)
            finally:
                os.close(inner)
        elif stat.S_ISREG(mode):
            self.copy_file(source, name, target, new_name)

    def copy_into(
        self, source: int, target: int, new_name: str, depth: int = 0
    ) -> None:
        """Copy all that is in an open folder into a folder that is there.

        Args:
            source: the folder.
            target: folder that holds the other one.
            new_name: of the other one.
            depth: folders above, of the tree that is copied.

        Raises:
            BadRequest: the tree is too deep or too large.
            OSError: it can't be read or written.
        """
        check_depth(depth)
        copy = os.open(new_name, FOLDER_FLAGS, dir_fd=target)
        try:
            for entry in sorted(os.listdir(source)):
                self.copy(source, entry, copy, entry, depth)
        finally:
            os.close(copy)

    def copy_file(self, source: int, name: str, target: int, new_name: str) -> None:
        """Copy one regular file and its permission bits.

        Raises:
            BadRequest: it is not a regular file, or too large.
            OSError: it can't be read or written.
        """
        reader = open_file(source, name, name)
        try:
            mode = stat.S_IMODE(os.fstat(reader).st_mode) & 0o777
            writer = os.open(new_name, _NEW_FILE, mode | 0o600, dir_fd=target)
            try:
                self.pour(reader, writer)
            finally:
                os.close(writer)
        finally:
            os.close(reader)

    def pour(self, reader: int, writer: int) -> None:
        """Write all that can be read.

        Raises:
            BadRequest: there is too much.
            OSError: it can't be read or written.
        """
        while chunk := os.read(reader, CHUNK):
            self.copied += len(chunk)
            if self._most is not None and self.copied > self._most:
                raise BadRequest(f"There are more than {self._most} bytes to copy.")
            write_all(writer, chunk, self._write)


def write_all(writer: int, data: bytes | memoryview, write: Write = os.write) -> None:
    """Write every byte, however few are taken at once.

    Raises:
        OSError: they can't be written; a disk that takes none is full.
    """
    view = memoryview(data)
    while view:
        taken = write(writer, view)
        if taken == 0:
            raise OSError(errno.ENOSPC, "nothing was taken")
        view = view[taken:]


def remove(folder: int, name: str) -> None:
    """Remove an entry with all that is in it; a link goes, not what it points to.

    Raises:
        OSError: it can't be removed.
    """
    _Removal(folder).run(name)


class _Removal:
    """Removes a tree, however deep somebody's shell has made it.

    What is too far down for a descriptor each is lifted beside the tree, and removed
    after it.
    """

    def __init__(self, folder: int) -> None:
        self._folder = folder
        self._lifted: list[str] = []

    def run(self, name: str) -> None:
        self._remove(self._folder, name, 0)
        while self._lifted:
            self._remove(self._folder, self._lifted.pop(), 0)

    def _remove(self, folder: int, name: str, depth: int) -> None:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if not stat.S_ISDIR(mode):
            os.unlink(name, dir_fd=folder)
            return
        if depth > MAX_TREE_DEPTH:
            lifted = f".removed-{secrets.token_hex(16)}"
            os.rename(name, lifted, src_dir_fd=folder, dst_dir_fd=self._folder)
            self._lifted.append(lifted)
            return
        inner = os.open(name, FOLDER_FLAGS, dir_fd=folder)
        try:
            for entry in os.listdir(inner):  # noqa: PTH208 - a descriptor
                self._remove(inner, entry, depth + 1)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=folder)


def remove_if_there(folder: int, name: str) -> None:
    """Remove an entry that may be gone already."""
    try:
        remove(folder, name)
    except FileNotFoundError:
        return


def check_depth(depth: int) -> None:
    """Refuse a tree so deep that its descriptors run out.

    Raises:
        BadRequest: it is.
    """
    if depth > MAX_TREE_DEPTH:
        raise BadRequest(f"The folder is deeper than {MAX_TREE_DEPTH} levels.")

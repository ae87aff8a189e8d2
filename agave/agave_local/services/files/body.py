"""An open file, and its bytes on their way to a caller, piece by piece."""

import os
import re
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from agave_local.errors import RangeNotSatisfiable

CHUNK, PIECE = 64 * 1024, 256 * 1024
# Key of the WSGI environment for what sends a part of an open file by itself.
SEND_FILE: Final = "agave_local.send_file"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Readable(Protocol):
    """A file open for reading, wherever it is; whoever has it closes it.

    Attributes:
        fd: its descriptor; negative where it is none of this machine's.
        size: in bytes.
        modified: seconds since the epoch.
        tag: tells this content from any other.
    """

    fd: int
    size: int
    modified: float
    tag: str

    def read(self, start: int, count: int) -> bytes:
        """Return at most `count` bytes from `start` on."""
        ...

    def close(self) -> None:
        """Give back what is held; twice does no harm."""
        ...


class OpenFile:
    """A regular file open for reading; whoever has it closes it.

    Args:
        fd: its descriptor, which now belongs to this object.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        found = os.fstat(fd)
        self.size = found.st_size
        self.modified = found.st_mtime
        self.tag = f"{found.st_mtime_ns:x}-{found.st_size:x}-{found.st_ino:x}"

    def close(self) -> None:
        """Give the descriptor back; twice does no harm."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def read(self, start: int, count: int) -> bytes:
        """Return at most `count` bytes from `start` on."""
        return os.pread(self.fd, count, start)

    def pieces(self) -> Iterator[bytes]:
        """Return all bytes, piece by piece."""
        at = 0
        while piece := self.read(at, PIECE):
            at += len(piece)
            yield piece


class FileBody:
    """The bytes of a part of a file, for a WSGI server; closes the file.

    Args:
        file: open; belongs to this object from now on.
        start: first byte.
        count: of bytes.
        send: of the server, where it has one: sends so many bytes from an offset of
            a descriptor, after what was yielded so far.
    """

    def __init__(
        self,
        file: Readable,
        start: int,
        count: int,
        send: Callable[[int, int, int], None] | None = None,
    ) -> None:
        self._send = send if file.fd >= 0 else None
        self._file = file
        self._at = start
        self._left = count

    def __iter__(self) -> Iterator[bytes]:
        try:
            while self._left:
                chunk = self._file.read(self._at, min(CHUNK, self._left))
                if not chunk:
                    return  # the file became shorter; the caller sees it by length
                self._at += len(chunk)
                self._left -= len(chunk)
                yield chunk
                if self._send is not None and self._left:
                    self._send(self._file.fd, self._at, self._left)
                    return
        finally:
            self.close()

    def close(self) -> None:
        """Close the file; the server calls this when the caller has gone."""
        self._file.close()


def read_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Read a Range header of one range.

    Args:
        header: `bytes=first-last`, either of which may be missing.
        size: of the file.

    Returns:
        The first byte and the number of bytes; None for the whole file, also where
        the header is not one that we understand (RFC 9110, 14.2).

    Raises:
        RangeNotSatisfiable: the range lies beyond the file.
    """
    match = _RANGE.fullmatch((header or "").strip().replace(" ", ""))
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        start, end = max(size - int(last), 0), size - 1
    else:
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
        if last and int(last) < start:
            return None
    if start >= size:
        raise RangeNotSatisfiable(f"The file has {size} bytes only.")
    return start, end - start + 1

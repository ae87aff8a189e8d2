"""SFTP version 3, as OpenSSH speaks it: numbers, strings and attributes in bytes.

A packet is its length, a kind, and for all but the first the number of the request.
Names are bytes: a machine may have any.
"""

import stat
import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final, Self

from .errors import SshSilent

__all__ = [
    "MOST_PACKET",
    "Answer",
    "Ask",
    "Attributes",
    "Code",
    "Open",
    "Reader",
    "number",
    "packet",
    "place",
    "text",
    "to_bytes",
]

VERSION: Final = 3
# OpenSSH sends none that is larger; anything else is no SFTP.
MOST_PACKET: Final = 256 * 1024
_NUMBER: Final = struct.Struct(">I")
_PLACE: Final = struct.Struct(">Q")


class Ask(IntEnum):
    """What is asked for."""

    INIT = 1
    OPEN = 3
    CLOSE = 4
    READ = 5
    WRITE = 6
    LSTAT = 7
    FSTAT = 8
    SETSTAT = 9
    FSETSTAT = 10
    OPENDIR = 11
    READDIR = 12
    REMOVE = 13
    MKDIR = 14
    RMDIR = 15
    STAT = 17
    READLINK = 19
    SYMLINK = 20
    EXTENDED = 200


class Answer(IntEnum):
    """What is answered."""

    VERSION = 2
    STATUS = 101
    HANDLE = 102
    DATA = 103
    NAME = 104
    ATTRS = 105


class Code(IntEnum):
    """What a status says."""

    OK = 0
    EOF = 1
    NO_SUCH_FILE = 2
    PERMISSION_DENIED = 3
    FAILURE = 4
    BAD_MESSAGE = 5


class Open(IntFlag):
    """How a file is opened."""

    READ = 1
    WRITE = 2
    CREATE = 8
    EMPTY = 16
    NEW = 32


_SIZE, _OWNER, _MODE, _TIMES, _EXTENDED = 1, 2, 4, 8, 0x80000000


@dataclass(frozen=True)
class Attributes:
    """What is known of a file, or to be set; None is not told, or left alone.

    Attributes:
        size: In bytes.
        uid: Number of its owner.
        gid: Number of its group.
        mode: Its kind and permissions.
        modified: Seconds since the epoch.
    """

    size: int | None = None
    uid: int | None = None
    gid: int | None = None
    mode: int | None = None
    modified: int | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.mode or 0)

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.mode or 0)

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.mode or 0)

    def pack(self) -> bytes:
        """Return them as they are sent; the size is never set."""
        flags, parts = 0, b""
        if self.uid is not None and self.gid is not None:
            flags |= _OWNER
            parts += number(self.uid) + number(self.gid)
        if self.mode is not None:
            flags |= _MODE
            parts += number(self.mode)
        if self.modified is not None:
            flags |= _TIMES
            seconds = number(self.modified & 0xFFFFFFFF)
            parts += seconds + seconds
        return number(flags) + parts


class Reader:
    """Takes an answer apart.

    Args:
        data: The answer behind its number.
    """

    def __init__(self, data: memoryview) -> None:
        self._data = data

    def number(self) -> int:
        """Take a number."""
        return int(_NUMBER.unpack(self._take(_NUMBER.size))[0])

    def place(self) -> int:
        """Take a large number."""
        return int(_PLACE.unpack(self._take(_PLACE.size))[0])

    def text(self) -> bytes:
        """Take a string."""
        return bytes(self._take(self.number()))

    def attributes(self) -> Attributes:
        """Take what is known of a file."""
        flags = self.number()
        size = self.place() if flags & _SIZE else None
        uid, gid = (self.number(), self.number()) if flags & _OWNER else (None, None)
        mode = self.number() if flags & _MODE else None
        modified = (self.number(), self.number())[1] if flags & _TIMES else None
        for _ in range(self.number() if flags & _EXTENDED else 0):
            self.text()
            self.text()
        return Attributes(size, uid, gid, mode, modified)

    def _take(self, count: int) -> memoryview:
        if count > len(self._data):
            raise SshSilent("an answer of SFTP is cut off", begun=True)
        taken, self._data = self._data[:count], self._data[count:]
        return taken

    @classmethod
    def of(cls, data: bytes | bytearray) -> Self:
        """Begin with some bytes."""
        return cls(memoryview(bytes(data)))


def packet(kind: int, data: bytes) -> bytes:
    """Return a packet as it is sent."""
    return number(len(data) + 1) + bytes([kind]) + data


def number(value: int) -> bytes:
    """Return a number as it is sent."""
    return _NUMBER.pack(value)


def place(value: int) -> bytes:
    """Return a large number, such as a place in a file, as it is sent."""
    return _PLACE.pack(value)


def text(value: bytes) -> bytes:
    """Return a string as it is sent."""
    return number(len(value)) + value


def to_bytes(path: str | bytes) -> bytes:
    """Return a path as the machine knows it, whatever its bytes are."""
    return path if isinstance(path, bytes) else path.encode("utf-8", "surrogateescape")

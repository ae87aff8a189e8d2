"""Talking SFTP through a channel: requests by number, answers in any order."""

import contextlib
import errno
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import paramiko

from .errors import SshSilent, hang_up, translated
from .packets import (
    MOST_PACKET,
    VERSION,
    Answer,
    Ask,
    Code,
    Reader,
    number,
    packet,
)

__all__ = ["SshFileError", "Talk"]

_RECEIVE: Final = 256 * 1024


class SshFileError(OSError):
    """What SFTP has no word for: a full disk, a name too long, something in the way."""


class Talk:
    """Requests through one channel, for one thread at a time.

    A line that breaks is `SshSilent`, and then it is no use any more.

    Args:
        channel: Speaks SFTP.
        seconds: That any answer may take.
        clock: Seconds that only grow.

    Attributes:
        deadline: When all that is under way ends, by the clock; None for never.
    """

    def __init__(
        self,
        channel: paramiko.Channel,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._channel = channel
        self._seconds = seconds
        self._clock = clock
        self._buffer = bytearray()
        # What nobody asked for is not kept: it could be without end.
        self._asked: set[int] = set()
        self._said: dict[int, tuple[int, Reader]] = {}
        self._number = 0
        self._broken = False
        self.deadline: float | None = None
        self._greet()

    @property
    def is_usable(self) -> bool:
        """Whether anything can be asked here any more."""
        return not self._broken and not self._channel.closed

    def close(self) -> None:
        """Close the channel."""
        self._broken = True
        hang_up(self._channel)

    def ask(self, kind: Ask, *parts: bytes) -> int:
        """Ask for something, and wait for nothing; return the request's number.

        Raises:
            SshSilent: The line broke.
        """
        self._number = (self._number + 1) & 0xFFFFFFFF
        self._asked.add(self._number)
        self._send(packet(kind, number(self._number) + b"".join(parts)))
        return self._number

    def answer(self, ticket: int) -> tuple[int, Reader]:
        """Wait for the answer to a request; return its kind and the rest of it.

        Raises:
            OSError: It was refused.
            SshSilent: The line broke, or it does not come in time.
        """
        while ticket not in self._said:
            self._receive()
        kind, said = self._said.pop(ticket)
        if kind == Answer.STATUS:
            _check(said.number(), said)
        return kind, said

    def done(self, ticket: int) -> None:
        """Wait until a request is done.

        Raises:
            OSError: It was refused.
        """
        if self.answer(ticket)[0] != Answer.STATUS:
            raise self.nonsense()

    def forget(self, tickets: Iterable[int]) -> None:
        """Wait for answers that nobody wants any more."""
        for ticket in tickets:
            with contextlib.suppress(OSError, SshSilent):
                if not self._broken:
                    self.answer(ticket)

    def _greet(self) -> None:
        self._send(packet(Ask.INIT, number(VERSION)))
        kind, _ = self._next_packet()
        if kind != Answer.VERSION:
            raise self.nonsense()

    def _send(self, data: bytes) -> None:
        self._limit()
        with self._watched():
            self._channel.sendall(data)

    def _receive(self) -> None:
        kind, data = self._next_packet()
        said = Reader.of(data)
        ticket = said.number()
        if ticket not in self._asked:
            raise self.nonsense()
        self._asked.discard(ticket)
        self._said[ticket] = (kind, said)

    def _next_packet(self) -> tuple[int, bytes]:
        header = Reader.of(self._bytes(4))
        length = header.number()
        if not 0 < length <= MOST_PACKET + 1024:
            raise self.nonsense()
        whole = self._bytes(4 + length)
        del self._buffer[: 4 + length]
        return whole[4], whole[5:]

    def _bytes(self, count: int) -> bytes:
        """Return the next bytes, which stay in the buffer."""
        while len(self._buffer) < count:
            self._limit()
            with self._watched():
                more = self._channel.recv(_RECEIVE)
                if not more:
                    raise EOFError("the channel was closed")
            self._buffer += more
        return bytes(self._buffer[:count])

    def _limit(self) -> None:
        """Wait no longer than all of it may take.

        Raises:
            SshSilent: There is no time left.
        """
        left = self._seconds
        if self.deadline is not None:
            left = min(left, self.deadline - self._clock())
        if left <= 0:
            self._broken = True
            raise SshSilent("it takes too long", begun=True)
        self._channel.settimeout(left)

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            with translated(begun=True):
                yield
        except BaseException:
            self._broken = True
            raise

    def nonsense(self) -> SshSilent:
        """Return what is to be raised where the answer is none."""
        self._broken = True
        return SshSilent("the machine does not speak SFTP", begun=True)


def _check(code: int, said: Reader) -> None:
    """Raise what a status means.

    Raises:
        OSError: The machine refused something.
    """
    if code in (Code.OK, Code.EOF):
        return
    words = said.text().decode("utf-8", "replace")
    if code == Code.NO_SUCH_FILE:
        raise FileNotFoundError(errno.ENOENT, words)
    if code == Code.PERMISSION_DENIED:
        raise PermissionError(errno.EACCES, words)
    raise SshFileError(errno.EIO, words)

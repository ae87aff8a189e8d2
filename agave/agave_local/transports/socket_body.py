"""The body of a request, read from its connection by the thread that answers it."""

import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

PATIENCE_S: Final = 60.0
# A body that comes slower than this holds a thread for nothing.
_GRACE_S, _LEAST_BYTES_PER_S = 20.0, 512
_LINGER_S, _LINGER_PAUSE_S = 20.0, 2.0
# Nobody who sends a large body that slowly keeps a thread after the refusal.
_LINGER_GRACE_S, _LINGER_BYTES_PER_S = 1.0, 1 << 18
_DISCARDED = 1 << 18


class SocketBody:
    """The body of one request, read from the connection by whoever answers it.

    Args:
        connection: not blocking.
        begun: what came in together with the headers.
        length: of the whole body.
        ask: asks a caller that waits for a word to send the body; None for one
            that sends it anyway.
        now: tells the time in seconds, from any beginning.

    Attributes:
        left: bytes that nobody has read yet.
    """

    def __init__(
        self,
        connection: socket.socket,
        begun: bytes,
        length: int,
        ask: Callable[[], None] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._began = now()
        self._received = 0
        self._connection = connection
        self._begun = begun
        self._ask = None if begun else ask
        self._patience = PATIENCE_S
        self.left = length

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Put what has come into a buffer; wait where there is nothing.

        Returns:
            How many bytes; 0 at the end of the body.

        Raises:
            OSError: the connection ended, or was silent too long.
        """
        view = memoryview(buffer)[: self.left]
        if not view:
            return 0
        if self._begun:
            count = min(len(view), len(self._begun))
            view[:count] = self._begun[:count]
            self._begun = self._begun[count:]
        else:
            count = self._receive(view)
        self.left -= count
        return count

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, or all that are left."""
        wanted = self.left if size < 0 else min(size, self.left)
        data = bytearray(wanted)
        view = memoryview(data)
        while view:
            view = view[self.readinto(view) :]
        return bytes(data)

    def readline(self, size: int = -1) -> bytes:
        """Return one line, as WSGI wants it of an input; slow, nobody calls it."""
        line = bytearray()
        while (size < 0 or len(line) < size) and not line.endswith(b"\n"):
            byte = self.read(1)
            if not byte:
                break
            line += byte
        return bytes(line)

    def discard(self) -> None:
        """Take in what nobody reads, for a while, so that the answer gets through.

        A socket closed with unread bytes resets the connection, and the caller,
        still sending, would see that instead of the refusal.
        """
        if self._ask is not None:
            return  # it has not begun to send
        began, left = self._now(), self.left
        self._patience = _LINGER_PAUSE_S
        buffer = bytearray(_DISCARDED)
        with suppress(OSError):
            while self.left and (seconds := self._now() - began) < _LINGER_S:
                least = (seconds - _LINGER_GRACE_S) * _LINGER_BYTES_PER_S
                if left - self.left < least:
                    return
                self.readinto(buffer)

    def _receive(self, view: memoryview) -> int:
        ask, self._ask = self._ask, None
        if ask is not None:
            ask()
        while True:
            try:
                count = self._connection.recv_into(view)
            except BlockingIOError:
                wait(self._connection, select.POLLIN, self._patience)
                continue
            if not count:
                raise ConnectionResetError("the body ended early")
            self._received += count
            self._check_pace()
            return count

    def _check_pace(self) -> None:
        seconds = self._now() - self._began - _GRACE_S
        if self._received < seconds * _LEAST_BYTES_PER_S:
            raise TimeoutError("the body comes too slowly")


def wait(connection: socket.socket, event: int, seconds: float) -> None:
    """Wait until a socket can be read or written.

    Raises:
        TimeoutError: it can't for so long.
    """
    poll = select.poll()
    poll.register(connection, event)
    if not poll.poll(max(seconds, 0) * 1000):
        raise TimeoutError("the other side is silent")

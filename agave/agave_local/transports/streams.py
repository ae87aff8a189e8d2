"""Large bodies straight between the socket and the view, not through waitress.

waitress keeps a whole request body in a temporary file before it calls the
application, and sends answers from its one loop thread in pieces.  For files of a
gigabyte that writes everything twice.  Here the thread that answers an upload reads
the body from the socket itself, and the one that answers a download calls `sendfile`:

    headers ─▶ `StreamingParser` says "complete" ─▶ a thread ─▶ `SocketBody.readinto`
    view's `FileBody` ─▶ `StreamingTask.send_file` ─▶ `os.sendfile`

waitress's loop leaves a socket alone while its request is being answered (nothing to
write, and no look-ahead), so for that time the thread has it to itself.
"""

import os
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from waitress.adjustments import Adjustments
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask
from waitress.utilities import Error

from agave_local.services.files.body import SEND_FILE

# Bodies of fewer bytes are quicker through waitress, and hold no thread meanwhile.
SMALLEST: Final = 1 << 20
_STREAMED = ("/files/", "/postits/")
# Larger ones are not kept by waitress, where nobody knows yet who sends them.
MOST_BUFFERED: Final = 64 << 20
_PATIENCE_S = 60.0
# A body that comes slower than this holds a thread for nothing.
_GRACE_S, _LEAST_BYTES_PER_S = 20.0, 512
_LINGER_S, _LINGER_PAUSE_S = 20.0, 2.0
_DISCARDED = 1 << 18
_TOGETHER = 1 << 16
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


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
        self._patience = _PATIENCE_S
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
        end = self._now() + _LINGER_S
        self._patience = _LINGER_PAUSE_S
        buffer = bytearray(_DISCARDED)
        with suppress(OSError):
            while self.left and self._now() < end:
                self.readinto(buffer)

    def _receive(self, view: memoryview) -> int:
        ask, self._ask = self._ask, None
        if ask is not None:
            ask()
        while True:
            try:
                count = self._connection.recv_into(view)
            except BlockingIOError:
                _wait(self._connection, select.POLLIN, self._patience)
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


class Busy(Error):  # type: ignore[misc]  # waitress has no types
    """There is no thread for a large upload now."""

    code = 503
    reason = "Service Unavailable"


class StreamingParser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Takes a large upload as complete when its headers are.

    Args:
        adj: waitress's settings.
        channel: that the request comes through; None for a request made here.
    """

    expect_continue: bool = False
    error: Error | None = None

    def __init__(
        self, adj: Adjustments, channel: "StreamingChannel | None" = None
    ) -> None:
        super().__init__(adj)
        self._channel = channel
        self.stream: SocketBody | None = None

    def received(self, data: bytes) -> int:
        """Take in data, as waitress's own does; tell how much was used."""
        before = self.headers_finished
        count: int = super().received(data)
        expects = self.expect_continue
        if before or not self.headers_finished or not self._is_streamed():
            return count
        channel = self._channel
        if channel is None:
            return count
        if not channel.slots.acquire(blocking=False):
            if self.content_length > MOST_BUFFERED:
                self.error = Busy("too many uploads at once")
                self.completed = True
            return count
        self.stream = SocketBody(
            channel.socket,
            data[count:],
            self.content_length,
            channel.ask if expects else None,
        )
        self.expect_continue = False
        self.completed = True
        return len(data)

    def get_body_stream(self) -> Any:
        """Return what the application reads."""
        return super().get_body_stream() if self.stream is None else self.stream

    def close(self) -> None:
        """Give back what the request holds; twice does no harm."""
        super().close()
        channel, self._channel = self._channel, None
        if self.stream is not None and channel is not None:
            channel.slots.release()

    def _is_streamed(self) -> bool:
        return (
            self.error is None
            and not self.chunked
            and self.content_length >= SMALLEST
            and any(word in self.path for word in _STREAMED)
        )


class StreamingTask(WSGITask):  # type: ignore[misc]  # waitress has no types
    """Answers one request; sends files itself, and reads what was left unread."""

    wrote_header: bool

    def get_environment(self) -> Mapping[str, Any]:
        """Return the WSGI environment, with a way to send a file."""
        environ: dict[str, Any] = super().get_environment()
        environ[SEND_FILE] = self.send_file
        return environ

    def write(self, data: bytes) -> None:
        """Write a piece of the answer; head and body together where that is all."""
        whole = self.complete and not self.wrote_header and self.has_body
        size = len(data)
        if not (whole and size == self.content_length and 0 < size <= _TOGETHER):
            super().write(data)
            return
        head = self.build_response_header()
        self.wrote_header = True
        self.content_bytes_written += size
        # One packet instead of two, and the caller is woken once.
        self.channel.write_soon(head + data)

    def send_file(self, fd: int, start: int, count: int) -> None:
        """Send a part of an open file, after all that was written before.

        Raises:
            ClientDisconnected: the caller has gone, or takes nothing.
        """
        connection = self.channel.flush()
        try:
            while count:
                try:
                    sent = os.sendfile(connection.fileno(), fd, start, count)
                except BlockingIOError:
                    _wait(connection, select.POLLOUT, _PATIENCE_S)
                    continue
                if not sent:
                    return  # the file became shorter; the caller sees it by length
                start, count = start + sent, count - sent
                self.content_bytes_written += sent
        except OSError as error:
            raise ClientDisconnected from error

    def build_response_header(self) -> bytes:
        """Write the head; what was not read of the body ends the connection."""
        stream = getattr(self.request, "stream", None)
        if stream is not None and stream.left:
            self.set_close_on_finish()
        head: bytes = super().build_response_header()
        return head

    def finish(self) -> None:
        """End the answer."""
        super().finish()
        stream = getattr(self.request, "stream", None)
        if stream is not None and stream.left:
            self.channel.flush()
            stream.discard()


class StreamingChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection whose large uploads and downloads bypass waitress.

    Attributes:
        slots: one for each upload that may hold a thread at a time; further ones
            are taken in by waitress's loop first.
    """

    task_class = StreamingTask
    slots = threading.BoundedSemaphore(1)

    def parser_class(self, adj: Adjustments) -> StreamingParser:
        """Return a parser for the next request."""
        return StreamingParser(adj, self)

    def ask(self) -> None:
        """Ask the caller to send the body."""
        self.write_soon(_CONTINUE)
        self.flush()

    def flush(self) -> socket.socket:
        """Send all that was written so far; the connection's thread calls this.

        Returns:
            The connection, into which the thread may now write by itself.

        Raises:
            ClientDisconnected: the caller has gone, or takes nothing.
        """
        connection: socket.socket | None = self.socket
        end = time.monotonic() + _PATIENCE_S
        try:
            while connection is not None and self.connected and self.total_outbufs_len:
                with self.outbuf_lock:
                    # The loop may have closed it just before.
                    if self.connected:
                        self._flush_some(do_close=False)
                if self.total_outbufs_len:
                    _wait(connection, select.POLLOUT, end - time.monotonic())
        except OSError as error:
            raise ClientDisconnected from error
        if connection is None or not self.connected:
            raise ClientDisconnected
        return connection

    def cancel(self) -> None:
        """Give up all that waits."""
        for request in self.requests:
            request.close()
        super().cancel()

    def close(self) -> None:
        """Close the connection as the server stops, and the files of its buffers."""
        with self.outbuf_lock:
            for buffer in self.outbufs:
                buffer.close()
            if self.request is not None:
                self.request.close()
            super().close()


def make_channel_class(uploads: int) -> type[StreamingChannel]:
    """Return the class of one server's connections.

    Args:
        uploads: how many may hold a thread at a time.
    """
    slots = threading.BoundedSemaphore(uploads)
    return type("Channel", (StreamingChannel,), {"slots": slots})


def _wait(connection: socket.socket, event: int, seconds: float) -> None:
    """Wait until a socket can be read or written.

    Raises:
        TimeoutError: it can't for so long.
    """
    poll = select.poll()
    poll.register(connection, event)
    if not poll.poll(max(seconds, 0) * 1000):
        raise TimeoutError("the other side is silent")

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
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from waitress.adjustments import Adjustments
from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask
from waitress.utilities import Error

from agave_local.services.files.body import SEND_FILE
from agave_local.transports.socket_body import PATIENCE_S, SocketBody, wait

# Bodies of fewer bytes are quicker through waitress, and hold no thread meanwhile.
SMALLEST: Final = 1 << 20
_STREAMED = ("/files/", "/postits/")
# Larger ones are not kept by waitress, where nobody knows yet who sends them.
MOST_BUFFERED: Final = 64 << 20
_TOGETHER = 1 << 16
_SENDING_S = 0.001
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True)
class Readers:
    """How patient a thread is with those who read its answers.

    Attributes:
        wait_s: that it waits for them to take anything of a file.
        grace_s: after which they have to be brisk.
        brisk: bytes a second; files for slower ones are left to waitress's loop,
            which needs no thread for them.
        reading_s: that it looks on while a long answer that is no file is read.
        least_read: bytes to be taken in that time.
    """

    wait_s: float = 2.0
    grace_s: float = 5.0
    brisk: float = 1 << 20
    reading_s: float = 10.0
    least_read: int = 10 << 16


class Busy(Error):  # type: ignore[misc]  # waitress has no types
    """There is no thread for a large upload now."""

    code = 503
    reason = "Service Unavailable"


class StreamingParser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Takes a large upload as complete when its headers are.

    Args:
        adj: waitress's settings.
        channel: that the request comes through; None for a request made here.

    Attributes:
        is_known: whether its sender may have a body kept before anybody looks at it.
    """

    is_known = True

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
            if self.content_length > MOST_BUFFERED or not self.is_known:
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
            and (not self.is_known or any(word in self.path for word in _STREAMED))
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
        readers: Readers = self.channel.readers
        began, sent = time.monotonic(), 0
        try:
            connection = self.channel.drain(readers.wait_s)
            while sent < count:
                _check_brisk(readers, sent, time.monotonic() - began)
                try:
                    size = os.sendfile(
                        connection.fileno(), fd, start + sent, count - sent
                    )
                except BlockingIOError:
                    wait(connection, select.POLLOUT, readers.wait_s)
                    continue
                if not size:
                    return  # the file became shorter; the caller sees it by length
                sent += size
                self.content_bytes_written += size
        except TimeoutError:
            self._hand_over(fd, start + sent, count - sent)
        except OSError as error:
            raise ClientDisconnected from error

    def _hand_over(self, fd: int, start: int, count: int) -> None:
        """Leave the rest of a file to waitress's loop, and be free for others.

        What a caller has asked for behind it is not answered: each such file would
        be held open until they have read the one before.
        """
        self.set_close_on_finish()
        rest = _Rest(os.fdopen(os.dup(fd), "rb"))
        rest.seek(start)
        self.content_bytes_written += rest.prepare(count)
        if rest.remain:
            self.channel.write_soon(rest)
        else:
            rest.close()

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


def _check_brisk(readers: Readers, sent: int, seconds: float) -> None:
    """Find out that a reader takes so little that a thread is too much for them.

    Raises:
        TimeoutError: they do.
    """
    if sent < (seconds - readers.grace_s) * readers.brisk:
        raise TimeoutError("the reader is slow")


class _Rest(ReadOnlyFileBasedBuffer):  # type: ignore[misc]  # waitress has no types
    """A part of a file that the loop sends; an error where the file became shorter.

    The loop would ask for the missing bytes again and again.
    """

    def get(self, numbytes: int = -1, skip: bool = False) -> bytes:  # noqa: FBT001, FBT002 - waitress's own
        """Return some of the bytes that are left."""
        data: bytes = super().get(numbytes, skip)
        if self.remain and not data:
            raise ConnectionAbortedError("the file became shorter")
        return data


class StreamingChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection whose large uploads and downloads bypass waitress.

    Attributes:
        slots: one for each upload that may hold a thread at a time; further ones
            are taken in by waitress's loop first.
        readers: how patient it is with them.
    """

    task_class = StreamingTask
    readers = Readers()
    slots = threading.BoundedSemaphore(1)

    def parser_class(self, adj: Adjustments) -> StreamingParser:
        """Return a parser for the next request."""
        return StreamingParser(adj, self)

    def writable(self) -> bool:
        """Tell waitress's loop whether it has to send something.

        While a thread is sending, there is nothing to do for the loop, which would
        ask again and again, and take the interpreter from those who work.
        """
        if self.total_outbufs_len and self.outbuf_lock.acquire(timeout=_SENDING_S):
            self.outbuf_lock.release()
        return bool(super().writable())

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
        try:
            return self.drain(PATIENCE_S)
        except OSError as error:
            raise ClientDisconnected from error

    def drain(self, patience: float) -> socket.socket:
        """Send all that was written so far; see `flush`.

        Raises:
            ClientDisconnected: the caller has gone.
            TimeoutError: the caller does not take it in that time.
        """
        connection: socket.socket | None = self.socket
        end = time.monotonic() + patience
        while connection is not None and self.connected and self.total_outbufs_len:
            with self.outbuf_lock:
                # The loop may have closed it just before.
                if self.connected:
                    self._flush_some(do_close=False)
            if self.total_outbufs_len:
                wait(connection, select.POLLOUT, end - time.monotonic())
        if connection is None or not self.connected:
            raise ClientDisconnected
        return connection

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Wait until a reader has taken most of what was written.

        Raises:
            ClientDisconnected: they take so little that it would never end.
        """
        while self.total_outbufs_len > self.adj.outbuf_high_watermark:
            before = self.total_outbufs_len
            try:
                self.drain(self.readers.reading_s)
            except OSError as error:
                taken = before - self.total_outbufs_len
                if isinstance(error, TimeoutError) and taken >= self.readers.least_read:
                    continue
                self.will_close = True
                raise ClientDisconnected from error

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

"""A client's socket: bytes in, bytes out, and nobody ever waits for it.

open ─▶ finish: what is pending goes out, what comes is thrown away ─▶ closed
"""

import contextlib
import socket
import sys
from typing import TYPE_CHECKING, Any, Protocol

from .loop import READ, WRITE

if TYPE_CHECKING:
    from collections.abc import Callable

    from .loop import Loop, Timer

RECEIVE_BYTES = 64 * 1024
FINISH_SECONDS = 3.0


class Listener(Protocol):
    """Who is told what happens on a channel."""

    def on_data(self, data: bytes) -> None:
        """Take bytes that came."""
        ...

    def on_drained(self) -> None:
        """Take note that everything was sent."""
        ...

    def on_closed(self) -> None:
        """Take note of the end; nothing follows."""
        ...


class Channel:
    """A socket that is not waited for.

    `send` never calls back, so that it may be called from anywhere; a connection
    that turns out to be broken ends in the loop's next turn.

    Attributes:
        busy: Whether bytes wait for the peer, or none can be sent any more.  Who
            sends only while it is false is kept from piling up memory.
        heard: When something came last.
    """

    def __init__(self, loop: "Loop", peer: socket.socket, listener: Listener) -> None:
        self.busy = False
        self.heard = loop.now()
        self._loop = loop
        self._peer = peer
        self._listener = listener
        self._outgoing = bytearray()
        self._open = True
        self._finishing = False
        self._paused: Timer | None = None
        self._giving_up: Timer | None = None
        peer.settimeout(0)
        # A key's echo must not wait for an acknowledgement of the one before.
        with contextlib.suppress(OSError):
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._watch()

    @property
    def reading(self) -> bool:
        """Whether what comes is passed on."""
        return self._open and not self._finishing and self._paused is None

    def send(self, data: bytes) -> None:
        """Send bytes; what the peer does not take now is kept."""
        if not self._open or self._finishing:
            return
        if self._outgoing:
            self._outgoing += data
            return
        try:
            sent = self._peer.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._break()
            return
        if sent < len(data):
            self._outgoing += memoryview(data)[sent:]
            self.busy = True
            self._watch()

    def pause(self, seconds: float) -> None:
        """Read nothing for a while."""
        if self.reading:
            self._paused = self._loop.call_later(seconds, self._go_on)
            self._watch()

    def finish(self, seconds: float = FINISH_SECONDS) -> None:
        """Send what is pending, and close once the peer has taken it.

        What still comes is thrown away: to close upon unread bytes would throw away
        what the peer has not read yet.
        """
        if not self._open or self._finishing:
            return
        self._finishing = True
        if self._paused is not None:
            self._paused.cancel()
            self._paused = None
        self._giving_up = self._loop.call_later(seconds, self.close)
        if not self._outgoing:
            self._end_output()
        self.busy = True
        self._watch()

    def close(self) -> None:
        """End at once."""
        if not self._open:
            return
        self._open = False
        self.busy = True
        for timer in (self._paused, self._giving_up):
            if timer is not None:
                timer.cancel()
        self._loop.forget(self._peer.fileno())
        self._peer.close()
        self._outgoing = bytearray()
        self._listener.on_closed()

    def _watch(self) -> None:
        if self._open:
            events = READ if self._paused is None else 0
            if self._outgoing:
                events |= WRITE
            self._loop.watch(self._peer.fileno(), events, self._on_event)

    def _on_event(self, events: int) -> None:
        self._guard(self._serve, events)

    def _serve(self, events: int) -> None:
        if events & WRITE and self._outgoing:
            self._flush()
        if events & ~WRITE and self._open:
            self._receive()

    def _guard(self, action: "Callable[[Any], None]", value: object) -> None:
        """Log a fault of ours, and end this connection rather than serve it half."""
        try:
            action(value)
        except Exception:  # noqa: BLE001 - whatever it is
            sys.excepthook(*sys.exc_info())
            self.close()

    def _receive(self) -> None:
        try:
            data = self._peer.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self.heard = self._loop.now()
        if self.reading:
            self._listener.on_data(data)

    def _flush(self) -> None:
        try:
            sent = self._peer.send(self._outgoing)
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        del self._outgoing[:sent]
        if self._outgoing:
            return
        if self._finishing:
            self._end_output()
            self._watch()
            return
        self.busy = False
        self._watch()
        self._listener.on_drained()

    def _end_output(self) -> None:
        with contextlib.suppress(OSError):
            self._peer.shutdown(socket.SHUT_WR)

    def _go_on(self) -> None:
        self._paused = None
        self._watch()
        # What was received before the pause may hold more.
        self._guard(self._listener.on_data, b"")

    def _break(self) -> None:
        self.busy = True
        self._loop.call_later(0, self.close)

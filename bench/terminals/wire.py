"""A WebSocket client that adds little: one blocking socket, no thread, no events.

The library's own client reads in a thread of its own, which would put two switches
of threads into every echo that is measured.  All servers are measured with this one.
"""

import base64
import os
import socket
import struct
import time
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
PATIENCE_S = 30.0
_RECEIVE_BYTES = 1 << 18
_END = b"\r\n\r\n"


class WireClosed(Exception):
    """The server ended the connection."""


class Wire:
    """One connection.

    Attributes:
        socket: What it goes over.
    """

    def __init__(self, url: str, subprotocol: str = "") -> None:
        """Connect.

        Raises:
            WireClosed: The server refused the handshake.
        """
        address = urlsplit(url)
        self._buffer = bytearray(2 * _RECEIVE_BYTES)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0
        self.socket = socket.create_connection(
            (address.hostname, address.port), PATIENCE_S
        )
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [
            f"GET {address.path or '/'} HTTP/1.1",
            f"Host: {address.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
        ]
        if subprotocol:
            lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self._read_head()

    def send(self, kind: int, payload: bytes) -> None:
        """Send one frame."""
        mask = os.urandom(4)
        size = len(payload)
        if size < 126:  # noqa: PLR2004 - RFC 6455, 5.2
            head = bytes((0x80 | kind, 0x80 | size))
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | kind, 0xFE, size)
        else:
            head = struct.pack("!BBQ", 0x80 | kind, 0xFF, size)
        self.socket.sendall(head + mask + masked(payload, mask))

    def receive(self, timeout: float = PATIENCE_S) -> tuple[int, bytes]:
        """Return kind and payload of the next text or binary frame.

        Raises:
            TimeoutError: None came in time.
            WireClosed: None will come.
        """
        deadline = time.monotonic() + timeout
        while True:
            frame = self._take()
            if frame is None:
                self._fill(deadline)
            elif frame[0] == PING:
                self.send(PONG, frame[1])
            elif frame[0] == CLOSE:
                raise WireClosed(frame[1][2:].decode(errors="replace"))
            elif frame[0] != PONG:
                return frame

    def has_frame(self) -> bool:
        """Return whether `receive` would return without reading from the socket."""
        return self._measure() is not None

    def close(self) -> None:
        """End the connection without a word, as a broken line does."""
        self.socket.close()

    def _take(self) -> tuple[int, bytes] | None:
        place = self._measure()
        if place is None:
            return None
        kind = self._buffer[self._start] & 0x0F
        begin, self._start = place
        payload = bytes(self._view[begin : self._start])
        if self._start == self._end:
            self._start = self._end = 0
        return kind, payload

    def _measure(self) -> tuple[int, int] | None:
        """Return where the next frame's payload begins and ends, if it is all here."""
        start, here = self._start, self._end - self._start
        if here < 2:  # noqa: PLR2004 - the shortest head
            return None
        size, head = self._buffer[start + 1], 2
        if size == 126:  # noqa: PLR2004 - RFC 6455, 5.2
            head = 4
        elif size == 127:  # noqa: PLR2004 - RFC 6455, 5.2
            head = 10
        if here < head:
            return None
        if head > 2:  # noqa: PLR2004 - an extended length
            size = int.from_bytes(self._view[start + 2 : start + head], "big")
        begin = start + head
        return (begin, begin + size) if begin + size <= self._end else None

    def _fill(self, deadline: float) -> None:
        if len(self._buffer) - self._end < _RECEIVE_BYTES:
            self._make_room()
        self.socket.settimeout(max(0.001, deadline - time.monotonic()))
        count = self.socket.recv_into(self._view[self._end :], _RECEIVE_BYTES)
        if not count:
            raise WireClosed("the server closed the connection")
        self._end += count

    def _make_room(self) -> None:
        kept = bytes(self._view[self._start : self._end])
        if len(kept) > len(self._buffer) // 2:
            self._buffer = bytearray(2 * len(self._buffer))
            self._view = memoryview(self._buffer)
        self._view[: len(kept)] = kept
        self._start, self._end = 0, len(kept)

    def _read_head(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while (end := self._buffer.find(_END, 0, self._end)) < 0:
            self._fill(deadline)
        line = bytes(self._view[:end]).split(b"\r\n")[0]
        if b" 101 " not in line:
            self.close()
            raise WireClosed(line.decode(errors="replace"))
        self._start = end + len(_END)


def masked(payload: bytes, mask: bytes) -> bytes:
    """Return the payload as a client has to send it."""
    size = len(payload)
    pattern = (mask * (size // 4 + 1))[:size]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(pattern, "big")
    return number.to_bytes(size, "big")

"""A client's connection to a terminal server: frames, deadlines, and how it ended."""

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from .protocol import SUBPROTOCOL

if TYPE_CHECKING:
    import socket

    from websockets.typing import Origin, Subprotocol


class TerminalClosed(Exception):
    """The server ended or refused the connection.

    Attributes:
        code: The close code, 0 where there was no orderly close.
        reason: The server's word for it.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code
        self.reason = reason


class Line:
    """A WebSocket that speaks the terminal protocol."""

    def __init__(self, connection: ClientConnection, opened: ExitStack) -> None:
        self._connection = connection
        self._opened = opened

    @classmethod
    def open(cls, url: str, origin: str | None, timeout: float) -> Self:
        """Connect.

        Raises:
            TerminalClosed: The server refused.
            TimeoutError: It did not answer in time.
        """
        subprotocol: Subprotocol = SUBPROTOCOL  # type: ignore[assignment]
        page: Origin | None = origin  # type: ignore[assignment]
        opened = ExitStack()
        try:
            connection = opened.enter_context(
                connect(
                    url,
                    origin=page,
                    subprotocols=[subprotocol],
                    compression=None,
                    open_timeout=timeout,
                    max_size=None,
                    # The protocol's own window limits what is on its way here;
                    # a full queue would keep a close from being seen.
                    max_queue=None,
                    proxy=None,
                )
            )
        except InvalidHandshake as error:
            raise TerminalClosed(0, str(error)) from error
        return cls(connection, opened)

    @property
    def socket(self) -> "socket.socket":
        """What is below, for who wants to break it."""
        return self._connection.socket

    def send(self, frame: str | bytes) -> None:
        """Send a frame.

        Raises:
            TerminalClosed: The connection is gone.
        """
        try:
            self._connection.send(frame)
        except ConnectionClosed as error:
            raise how_it_ended(error) from error

    def receive(self, deadline: float) -> str | bytes:
        """Return the next frame.

        Args:
            deadline: How long to wait for it, as `time.monotonic` counts.

        Raises:
            TerminalClosed: The connection ended.
            TimeoutError: None came in time.
        """
        try:
            return self._connection.recv(max(0.0, deadline - time.monotonic()))
        except ConnectionClosed as error:
            raise how_it_ended(error) from error

    def close(self) -> None:
        """End the connection."""
        self._opened.close()


def how_it_ended(error: ConnectionClosed) -> TerminalClosed:
    """Return what the server said when it closed, if it did."""
    close = error.rcvd
    return TerminalClosed(close.code, close.reason) if close else TerminalClosed(0, "")

"""The WebSocket side: admit a client, read its frames, end in good order.

handshake ─▶ origin ─▶ hello ─▶ ticket ─▶ welcome ─▶ frames both ways ─▶ exit
"""

import asyncio
import contextlib
import logging
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from .hub import Hub
from .pace import Pace
from .protocol import (
    FRAME_BYTES,
    SUBPROTOCOL,
    VERSION,
    BadFrame,
    Close,
    Hello,
    Resize,
    encode,
    read_control,
    read_hello,
)
from .shell import InputStuck
from .ticket import OriginRefused, TicketChecker, TicketRefused
from .viewer import Viewer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from websockets.http11 import Request, Response
    from websockets.typing import Subprotocol

    from .launch import Launch

log = logging.getLogger("webterm")

HELLO_SECONDS = 10.0
MOST_VIEWERS = 16
MOST_CONNECTIONS = 64
INPUT_BYTES_A_SECOND = 1 << 20
INPUT_FRAMES_A_SECOND = 500
# More frames than a second's worth over the limit is no longer a person.
MOST_FRAMES_AHEAD_SECONDS = 2.0
HEARTBEAT_SECONDS = 20
CLOSE_SECONDS = 3


class TerminalServer:
    """Serves one hub to WebSocket clients."""

    def __init__(
        self,
        launch: "Launch",
        hub: Hub,
        *,
        now: "Callable[[], float]" = time.time,
        hello_seconds: float = HELLO_SECONDS,
    ) -> None:
        self._launch = launch
        self._hub = hub
        self._tickets = TicketChecker(launch, now=now)
        self._hello_seconds = hello_seconds
        self._connections = 0

    async def listen(self, listener: "socket.socket") -> Server:
        """Serve on a socket that listens already."""
        # websockets reports every port scan with a trace.
        quiet = logging.getLogger("webterm.websockets")
        quiet.setLevel(logging.CRITICAL)
        subprotocol: Subprotocol = SUBPROTOCOL  # type: ignore[assignment]
        return await serve(
            self.handle,
            sock=listener,
            process_request=self.answer,
            subprotocols=[subprotocol],
            compression=None,
            max_size=FRAME_BYTES,
            max_queue=4,
            open_timeout=self._hello_seconds,
            ping_interval=HEARTBEAT_SECONDS,
            ping_timeout=HEARTBEAT_SECONDS,
            close_timeout=CLOSE_SECONDS,
            server_header=None,
            logger=quiet,
        )

    def answer(
        self, connection: ServerConnection, request: "Request"
    ) -> "Response | None":
        """Answer what is not a terminal: the readiness check, and wrong paths."""
        if request.path == "/ready":
            return connection.respond(HTTPStatus.OK, f"ready {self._launch.launch}\n")
        if request.path != "/":
            return connection.respond(HTTPStatus.NOT_FOUND, "There is only /.\n")
        if self._connections >= MOST_CONNECTIONS:
            return connection.respond(
                HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections.\n"
            )
        return None

    async def handle(self, connection: ServerConnection) -> None:
        """Serve one client from handshake to end."""
        self._connections += 1
        try:
            with contextlib.suppress(ConnectionClosed):
                viewer = await self._admit(connection)
                if viewer is not None:
                    await self._converse(connection, viewer)
        finally:
            self._connections -= 1

    async def _admit(self, connection: ServerConnection) -> Viewer | None:
        request = connection.request
        origin = None if request is None else request.headers.get("Origin")
        try:
            self._tickets.check_origin(origin)
            async with asyncio.timeout(self._hello_seconds):
                hello = read_hello(await connection.recv())
            self._tickets.check(hello.ticket, origin)
        except TimeoutError:
            await self._refuse(
                connection, Close.LATE, "hello_late", "No hello came in time."
            )
        except BadFrame as error:
            await self._refuse(connection, Close.BAD_FRAME, "bad_frame", str(error))
        except OriginRefused as error:
            await self._refuse(connection, Close.ORIGIN, error.code, str(error))
        except TicketRefused as error:
            await self._refuse(connection, Close.TICKET, error.code, str(error))
        else:
            return await self._welcome(connection, hello)
        return None

    async def _welcome(
        self, connection: ServerConnection, hello: Hello
    ) -> Viewer | None:
        if self._hub.viewers >= MOST_VIEWERS:
            await self._refuse(
                connection,
                Close.FULL,
                "too_many_viewers",
                "The terminal is open in too many places. Close one of them.",
            )
            return None
        size = Resize(hello.rows, hello.columns)
        viewer = Viewer(connection, self._hub.ring, seen=hello.seen, size=size)
        self._hub.attach(viewer)
        try:
            await connection.send(self._greeting(viewer))
        except ConnectionClosed:
            self._hub.detach(viewer)
            raise
        log.info("a viewer came, %d watch", self._hub.viewers)
        return viewer

    def _greeting(self, viewer: Viewer) -> str:
        return encode(
            "welcome",
            version=VERSION,
            launch=self._launch.launch,
            writer=viewer is self._hub.writer,
            viewers=self._hub.viewers,
            skipped=viewer.skipped,
            **{"from": viewer.sent},
        )

    async def _refuse(
        self, connection: ServerConnection, close: Close, code: str, message: str
    ) -> None:
        log.info("refused a client: %s", code)
        await connection.send(encode("error", code=code, message=message))
        await connection.close(close, code)

    async def _converse(self, connection: ServerConnection, viewer: Viewer) -> None:
        pump = asyncio.create_task(viewer.pump())
        try:
            await self._read_frames(connection, viewer)
        except BadFrame as error:
            await self._refuse(connection, Close.BAD_FRAME, "bad_frame", str(error))
        except TooFast as error:
            await self._refuse(connection, Close.TOO_FAST, "too_fast", str(error))
        except InputStuck:
            message = "The program does not read what is typed."
            await self._refuse(connection, Close.TOO_FAST, "input_stuck", message)
        finally:
            self._hub.detach(viewer)
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await pump
            log.info("a viewer left, %d watch", self._hub.viewers)

    async def _read_frames(self, connection: ServerConnection, viewer: Viewer) -> None:
        bytes_pace = Pace(INPUT_BYTES_A_SECOND, INPUT_BYTES_A_SECOND)
        frames_pace = Pace(INPUT_FRAMES_A_SECOND, INPUT_FRAMES_A_SECOND)
        async for frame in connection:
            if frames_pace.spend(1) > MOST_FRAMES_AHEAD_SECONDS:
                raise TooFast("Too many frames a second.")
            if isinstance(frame, str):
                self._hub.obey(viewer, read_control(frame))
                continue
            # A large paste is slowed down, not refused.
            await asyncio.sleep(bytes_pace.spend(len(frame)))
            self._hub.typed(viewer, frame)


class TooFast(Exception):
    """A client floods the server; the message says with what."""

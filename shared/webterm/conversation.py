"""One connection from its first byte to its last.

request ─▶ hello ─▶ frames both ways ─▶ closing ─▶ closed
    └─▶ a plain answer, and closed
"""

from enum import Enum, auto
from typing import TYPE_CHECKING

from .channel import Channel
from .frames import (
    BINARY,
    CLOSE,
    CODE_BYTES,
    PING,
    PONG,
    TEXT,
    FrameError,
    FrameReader,
    Message,
    encode_close,
    encode_frame,
)
from .handshake import (
    HandshakeError,
    answer_plainly,
    answer_upgrade,
    read_request,
)
from .pace import Pace, patience_with
from .protocol import (
    FRAME_BYTES,
    HELLO_BYTES,
    SUBPROTOCOL,
    BadFrame,
    Close,
    Refusal,
    encode,
    read_control,
    read_hello,
)
from .shell import MOST_PENDING_INPUT, InputStuck
from .ticket import OriginRefused, TicketRefused

if TYPE_CHECKING:
    import socket

    from .hub import Hub
    from .loop import Loop
    from .server import TerminalServer
    from .viewer import Viewer

INPUT_BYTES_A_SECOND = 1 << 20
INPUT_FRAMES_A_SECOND = 500
# More frames than a second's worth over the limit is no longer a person.
MOST_FRAMES_AHEAD_SECONDS = 2.0
FREE_ACK_BYTES = 4096
HEARTBEAT_SECONDS = 20.0
# A client that is merely stalled for a while keeps its connection.
SILENCE_SECONDS = 60.0


class Stage(Enum):
    """How far a conversation is."""

    REQUEST = auto()
    HELLO = auto()
    FRAMES = auto()
    CLOSING = auto()


class Conversation:
    """Speaks HTTP, then WebSocket, then our protocol, with one client.

    Attributes:
        address: Where the client is.
        origin: The page that it is, None for a program.
        viewer: What it became when its ticket was accepted.
    """

    def __init__(
        self,
        server: "TerminalServer",
        hub: "Hub",
        loop: "Loop",
        peer: "socket.socket",
        address: str,
    ) -> None:
        self.address = address
        self.origin: str | None = None
        self.viewer: Viewer | None = None
        self._server = server
        self._hub = hub
        self._loop = loop
        self._channel = Channel(loop, peer, self)
        self._stage = Stage.REQUEST
        self._received = bytearray()
        self._frames = FrameReader(HELLO_BYTES)
        self._frame_pace = Pace(INPUT_FRAMES_A_SECOND, INPUT_FRAMES_A_SECOND, loop.now)
        self._byte_pace = Pace(INPUT_BYTES_A_SECOND, INPUT_BYTES_A_SECOND, loop.now)
        self._timer = loop.call_later(server.patience, self._late)

    @property
    def busy(self) -> bool:
        """Whether something sent before still waits."""
        return self._channel.busy

    def send_text(self, text: str) -> None:
        """Send a text frame."""
        self._channel.send(encode_frame(TEXT, text.encode()))

    def send_bytes(self, *parts: bytes) -> None:
        """Send a binary frame."""
        self._channel.send(encode_frame(BINARY, *parts))

    def close(self, code: int, reason: str) -> None:
        """Close in good order."""
        self._end(encode_close(code, reason))

    def abort(self) -> None:
        """End at once."""
        self._channel.close()

    def on_data(self, data: bytes) -> None:
        """Take bytes from the client."""
        try:
            if self._stage is Stage.REQUEST:
                data = self._read_request(data)
            if self._stage in {Stage.HELLO, Stage.FRAMES}:
                self._frames.feed(data)
                self._read_frames()
        except HandshakeError as error:
            self._server.refused(f"http_{error.status}")
            self._end(answer_plainly(error.status, str(error)))
        except Refusal as error:
            self._refuse(error.close, error.code, str(error))
        except FrameError as error:
            self._server.refused("bad_websocket")
            self.close(error.code, str(error))
        except BadFrame as error:
            self._refuse(Close.BAD_FRAME, "bad_frame", str(error))
        except OriginRefused as error:
            self._refuse(Close.ORIGIN, error.code, str(error))
        except TicketRefused as error:
            self._refuse(Close.TICKET, error.code, str(error))
        except InputStuck:
            message = "The program does not read what is typed."
            self._refuse(Close.TOO_FAST, "input_stuck", message)

    def on_drained(self) -> None:
        """Send on."""
        if self.viewer is not None:
            self._hub.drained(self.viewer)

    def on_closed(self) -> None:
        """Take leave."""
        self._stage = Stage.CLOSING
        self._timer.cancel()
        self._server.left(self)

    def _read_request(self, data: bytes) -> bytes:
        """Read and answer the request; return what came after it."""
        self._received += data
        request = read_request(self._received)
        if request is None:
            return b""
        self.origin = request.origin
        plain = self._server.answer_plainly(request)
        if plain:
            self._end(plain)
            return b""
        self._channel.send(answer_upgrade(request, SUBPROTOCOL))
        self._stage = Stage.HELLO
        self._server.check_origin(self.origin)
        self._timer.cancel()
        self._timer = self._loop.call_later(self._server.patience, self._late)
        rest, self._received = bytes(self._received), bytearray()
        return rest

    def _end(self, words: bytes) -> None:
        """Send the last words, and go once the client has taken them."""
        if self._stage is not Stage.CLOSING:
            self._stage = Stage.CLOSING
            self._timer.cancel()
            self._channel.send(words)
            self._channel.finish()

    def _read_frames(self) -> None:
        while self._channel.reading and (message := self._frames.read()) is not None:
            if self._frame_pace.spend(1) > MOST_FRAMES_AHEAD_SECONDS:
                raise Refusal(Close.TOO_FAST, "too_fast", "Too many frames a second.")
            if message.kind == CLOSE:
                self._end(encode_frame(CLOSE, message.data[:CODE_BYTES]))
            elif message.kind == PING:
                # Who takes nothing gets no answers piled up.
                if not self.busy:
                    self._channel.send(encode_frame(PONG, message.data))
            elif message.kind != PONG:
                self._read_message(message)

    def _read_message(self, message: Message) -> None:
        if self.viewer is None:
            hello = read_hello(message.text if message.kind == TEXT else message.data)
            self._server.admit(self, hello)
            self._frames.most = FRAME_BYTES
            self._stage = Stage.FRAMES
            self._timer.cancel()
            self._beat()
        elif message.kind == TEXT:
            seen = self.viewer.seen
            self._hub.obey(self.viewer, read_control(message.text))
            # Under a flood of output many are in order; so much has to be sent first.
            if self.viewer.seen - seen >= FREE_ACK_BYTES:
                self._frame_pace.spend(-1)
        else:
            self._hub.typed(self.viewer, message.data)
            # A large paste is slowed down, not refused.
            early = self._byte_pace.spend(len(message.data))
            fullness = self._hub.pending / MOST_PENDING_INPUT
            wait = max(early, patience_with(fullness))
            if wait > 0:
                self._channel.pause(wait)

    def _refuse(self, close: int, code: str, message: str) -> None:
        self._server.refused(code)
        self.send_text(encode("error", code=code, message=message))
        self.close(close, code)

    def _late(self) -> None:
        if self._stage is Stage.REQUEST:
            self._server.refused("request_late")
            self.abort()
        else:
            self._refuse(Close.LATE, "hello_late", "No hello came in time.")

    def _beat(self) -> None:
        if self._loop.now() - self._channel.heard > SILENCE_SECONDS:
            self.abort()
            return
        # Behind output that is not taken it would be late anyway.
        if not self.busy:
            self._channel.send(encode_frame(PING))
        self._timer = self._loop.call_later(HEARTBEAT_SECONDS, self._beat)

"""Who is let in, and how many; the ends of conversations.

accept ─▶ (a stranger, until its ticket is accepted) ─▶ viewer ─▶ gone
"""

import contextlib
import socket
import time
from collections import Counter
from typing import TYPE_CHECKING

from .conversation import Conversation
from .handshake import HandshakeError, answer_plainly
from .log import Refusals, write_line
from .loop import READ
from .protocol import VERSION, Close, Hello, Refusal, Resize, encode
from .ticket import TicketChecker
from .viewer import Viewer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .handshake import Request
    from .hub import Hub
    from .launch import Launch
    from .loop import Loop
    from .protocol import EndWarning

HELLO_SECONDS = 10.0
MOST_VIEWERS = 16
MOST_STRANGERS = 64
ACCEPT_AT_ONCE = 16
# Where the process has no descriptor left, to try again at once is a busy loop.
NO_DESCRIPTOR_SECONDS = 1.0
# The kernel keeps up to twice of it for a viewer that has stalled.
SEND_BUFFER_BYTES = 256 * 1024


class TerminalServer:
    """Serves one hub to WebSocket clients.

    Attributes:
        patience: How many seconds a client has for its request, and for its hello.
    """

    def __init__(
        self,
        launch: "Launch",
        loop: "Loop",
        hub: "Hub",
        listener: "socket.socket",
        *,
        warning: "Callable[[], EndWarning]",
        idle: "Callable[[], float]" = lambda: 0,
        now: "Callable[[], float]" = time.time,
        patience: float = HELLO_SECONDS,
    ) -> None:
        """Begin to listen.

        Args:
            launch: Whose terminal it is, and who may open it.
            loop: What calls.
            hub: What is served.
            listener: A socket that listens already.
            warning: Returns what a viewer that comes has to be told of the end.
            idle: Returns how many seconds ago the terminal was used.
            now: The time of day, for tickets.
            patience: How many seconds a client has for request and hello, each.
        """
        self.patience = patience
        self._launch = launch
        self._loop = loop
        self._hub = hub
        self._listener = listener
        self._warning = warning
        self._idle = idle
        self._tickets = TicketChecker(launch, now=now)
        self._refusals = Refusals(loop)
        # Oldest first.
        self._strangers: list[Conversation] = []
        self._viewers: list[Conversation] = []
        listener.settimeout(0)
        with contextlib.suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._listen()

    def answer_plainly(self, request: "Request") -> bytes:
        """Return the answer where the request is not for a terminal, else nothing.

        Raises:
            HandshakeError: There is nothing there.
        """
        if request.path == "/ready":
            return answer_plainly(200, f"ready {self._launch.launch}")
        if request.path == f"/idle/{self._launch.launch}":
            return answer_plainly(200, f"idle {int(self._idle())}")
        if request.path != "/":
            raise HandshakeError(404, "There is only /.")
        return b""

    def check_origin(self, origin: str | None) -> None:
        """Refuse pages of other sites.

        Raises:
            OriginRefused: It is one.
        """
        self._tickets.check_origin(origin)

    def admit(self, conversation: Conversation, hello: Hello) -> None:
        """Let a client watch: make it a viewer.

        Raises:
            TicketRefused: Its ticket is not valid.
            Refusal: There is no room.
        """
        self._tickets.check(hello.ticket, conversation.origin)
        if self._hub.viewers >= MOST_VIEWERS:
            raise Refusal(
                Close.FULL,
                "too_many_viewers",
                "The terminal is open in too many places. Close one of them.",
            )
        size = Resize(hello.rows, hello.columns)
        viewer = Viewer(
            conversation,
            self._hub.ring,
            seen=hello.seen,
            size=size,
            window=hello.window,
        )
        self._strangers.remove(conversation)
        self._viewers.append(conversation)
        conversation.viewer = viewer
        self._hub.attach(viewer)
        self._greet(conversation, viewer)
        write_line(f"a viewer came, {self._hub.viewers} watch")

    def refused(self, kind: str) -> None:
        """Take note of a client that was refused."""
        self._refusals.add(kind)

    def left(self, conversation: Conversation) -> None:
        """Take note of the end of a conversation."""
        if conversation.viewer is None:
            self._strangers.remove(conversation)
            return
        self._viewers.remove(conversation)
        self._hub.detach(conversation.viewer)
        write_line(f"a viewer left, {self._hub.viewers} watch")

    def stop_listening(self) -> None:
        """Take no new clients."""
        self._loop.forget(self._listener.fileno())

    def close(self) -> None:
        """End all conversations at once."""
        for conversation in (*self._strangers, *self._viewers):
            conversation.abort()

    def _listen(self) -> None:
        self._loop.watch(self._listener.fileno(), READ, self._accept)

    def _accept(self, events: int) -> None:
        del events
        for _ in range(ACCEPT_AT_ONCE):
            try:
                peer, address = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError:
                self.refused("no_descriptor_left")
                self.stop_listening()
                self._loop.call_later(NO_DESCRIPTOR_SECONDS, self._listen)
                return
            # A Unix socket's peer has no address.
            place = str(address[0]) if address else ""
            if len(self._strangers) >= MOST_STRANGERS:
                self._make_room()
            self._strangers.append(
                Conversation(self, self._hub, self._loop, peer, place)
            )

    def _make_room(self) -> None:
        """End the oldest stranger of those who come from where most come from."""
        self.refused("crowded")
        crowd = Counter(stranger.address for stranger in self._strangers)
        place, _ = crowd.most_common(1)[0]
        next(each for each in self._strangers if each.address == place).abort()

    def _greet(self, conversation: Conversation, viewer: Viewer) -> None:
        launch = self._launch
        conversation.send_text(
            encode(
                "welcome",
                version=VERSION,
                launch=launch.launch,
                writer=viewer is self._hub.writer,
                viewers=self._hub.viewers,
                skipped=viewer.skipped,
                end=self._hub.ring.end,
                idle_s=launch.idle_s,
                max_age_s=launch.max_age_s,
                **{"from": viewer.sent},
            )
        )
        warning = self._warning()
        if warning.reason:
            viewer.notify("warning", **warning._asdict())
        self._hub.begin(viewer)

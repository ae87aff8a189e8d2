"""One client that watches the terminal, and how far it is.

Each viewer is sent to straight from the ring, and only while it takes what it is
sent: one that stalls costs what its socket holds, and nobody waits for it.
"""

from typing import TYPE_CHECKING, Protocol

from .protocol import Ack, BadFrame, Close, Resize, encode, encode_position

if TYPE_CHECKING:
    from .ring import Ring

# Most bytes on their way to a client that has not acknowledged them.
WINDOW_BYTES = 512 * 1024
CHUNK_BYTES = 64 * 1024


class Outlet(Protocol):
    """What a viewer needs of its connection; nothing of it calls back."""

    @property
    def busy(self) -> bool:
        """Whether something sent before still waits."""
        ...

    def send_text(self, text: str) -> None:
        """Send a text frame."""
        ...

    def send_bytes(self, *parts: bytes) -> None:
        """Send a binary frame."""
        ...

    def close(self, code: int, reason: str) -> None:
        """End the connection."""
        ...


class Viewer:
    """A client after its hello was accepted.

    Attributes:
        size: Its window.
        sent: Number of the next byte to send.
        seen: Number of the first byte that it has not acknowledged.
        skipped: How much was gone when it came.
    """

    def __init__(
        self,
        outlet: Outlet,
        ring: "Ring",
        *,
        seen: int,
        size: Resize,
        window: int = WINDOW_BYTES,
    ) -> None:
        self.size = size
        self._window = min(window, WINDOW_BYTES)
        self.sent = ring.resume_at(seen)
        self.seen = self.sent
        self.skipped = self.sent - seen if self.sent >= seen else self.sent
        self._outlet = outlet
        self._ring = ring
        self._notices: dict[str, str] = {}
        # Where output was left out: the number that followed, and how much it was.
        self._gaps: list[tuple[int, int]] = []
        self._started = False

    @property
    def backlog(self) -> int:
        """Bytes of output that it has not acknowledged."""
        return self._ring.end - self.seen

    @property
    def unsent(self) -> int:
        """Bytes of output that could not be sent to it yet."""
        return self._ring.end - self.sent

    @property
    def _room(self) -> int:
        # What was left out needs no acknowledgement; what was sent before still does.
        lost = sum(skipped for _, skipped in self._gaps)
        return self._window - (self.sent - self.seen - lost)

    def start(self) -> None:
        """Send from now on; nothing goes before the welcome."""
        self._started = True
        self.fill()

    def acknowledge(self, ack: Ack) -> None:
        """Note what has been shown.

        Raises:
            BadFrame: It acknowledges what it was never sent.
        """
        if ack.seen > self.sent:
            raise BadFrame("seen is more than was sent.")
        self.seen = max(self.seen, ack.seen)
        while self._gaps and self._gaps[0][0] <= self.seen:
            del self._gaps[0]
        self.fill()

    def notify(self, kind: str, **values: object) -> None:
        """Send a text frame as soon as it is taken; it replaces an unsent one."""
        self._notices[kind] = encode(kind, **values)
        self.fill()

    def fill(self) -> None:
        """Send all that the client takes now."""
        while self._started and not self._outlet.busy and self._send_one():
            pass

    def _send_one(self) -> bool:
        if self._send_notice():
            return True
        if self.sent == self._ring.end:
            return self._send_exit()
        room = min(CHUNK_BYTES, self._room)
        if room <= 0:
            # A gap is not told of either: who acknowledges nothing would be told for
            # ever, and each has to be remembered.
            return False
        if self.sent < self._ring.start:
            self._skip()
            return True
        data = self._ring.read(self.sent, room)
        self._outlet.send_bytes(encode_position(self.sent), data)
        self.sent += len(data)
        return True

    def _send_notice(self) -> bool:
        for kind in self._notices:
            # The exit comes after the last output.
            if kind != "exit":
                self._outlet.send_text(self._notices.pop(kind))
                return True
        return False

    def _send_exit(self) -> bool:
        if "exit" not in self._notices:
            return False
        self._outlet.send_text(self._notices.pop("exit"))
        self._outlet.close(Close.ENDED, "The shell ended.")
        self._started = False
        return False

    def _skip(self) -> None:
        position = self._ring.resume_at(self.sent)
        skipped = position - self.sent
        self.sent = position
        self._gaps.append((position, skipped))
        self._outlet.send_text(
            encode("skipped", **{"from": position, "skipped": skipped})
        )

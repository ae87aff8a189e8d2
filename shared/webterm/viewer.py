"""One client that watches the terminal, and how far it is.

Each viewer is sent to by its own task, straight from the ring: one that stalls costs
what its socket holds, and nobody waits for it.
"""

import asyncio
from typing import TYPE_CHECKING, Protocol

from .protocol import Ack, BadFrame, Close, Resize, encode, encode_output

if TYPE_CHECKING:
    from .ring import Ring

WINDOW_BYTES = 1 << 20
CHUNK_BYTES = 32 * 1024


class Connection(Protocol):
    """What a viewer needs of a WebSocket."""

    async def send(self, message: str | bytes, /) -> None:
        """Send a frame, waiting while the peer takes none."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection."""
        ...


class Viewer:
    """A client after its hello was accepted.

    Attributes:
        size: Its window.
        sent: Number of the next byte to send.
        seen: Number of the first byte that it has not acknowledged.
    """

    def __init__(
        self, connection: Connection, ring: "Ring", *, seen: int, size: Resize
    ) -> None:
        self.size = size
        self.sent = ring.resume_at(seen)
        self.seen = self.sent
        self.skipped = self.sent - seen if self.sent >= seen else self.sent
        self._connection = connection
        self._ring = ring
        self._notices: dict[str, str] = {}
        self._wake = asyncio.Event()

    @property
    def backlog(self) -> int:
        """Bytes of output that it has not acknowledged."""
        return self._ring.end - self.seen

    def acknowledge(self, ack: Ack) -> None:
        """Note what has been shown.

        Raises:
            BadFrame: It acknowledges what it was never sent.
        """
        if ack.seen > self.sent:
            raise BadFrame("seen is more than was sent.")
        self.seen = max(self.seen, ack.seen)
        self._wake.set()

    def notify(self, kind: str, **values: object) -> None:
        """Have a text frame sent soon; an unsent one of that kind is replaced."""
        self._notices[kind] = encode(kind, **values)
        self._wake.set()

    def wake(self) -> None:
        """Look for something to send."""
        self._wake.set()

    async def pump(self) -> None:
        """Send until the shell has ended and all of its output is out."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while await self._send_one():
                pass
            if "exit" in self._notices and self.sent == self._ring.end:
                await self._connection.send(self._notices.pop("exit"))
                await self._connection.close(Close.ENDED, "The shell ended.")
                return

    async def _send_one(self) -> bool:
        for kind in [kind for kind in self._notices if kind != "exit"]:
            await self._connection.send(self._notices.pop(kind))
        if self.sent < self._ring.start:
            await self._skip()
        room = min(CHUNK_BYTES, WINDOW_BYTES - (self.sent - self.seen))
        if room <= 0 or self.sent == self._ring.end:
            return False
        data = self._ring.read(self.sent, room)
        position = self.sent
        self.sent += len(data)
        await self._connection.send(encode_output(position, data))
        return True

    async def _skip(self) -> None:
        unseen = self.sent - self.seen
        position = self._ring.resume_at(self.sent)
        skipped = position - self.sent
        self.sent = position
        # What was lost needs no acknowledgement; what was sent before still does.
        self.seen = position - unseen
        await self._connection.send(
            encode("skipped", **{"from": position, "skipped": skipped})
        )

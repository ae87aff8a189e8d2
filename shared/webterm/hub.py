"""One shell and all who watch it: who types, what is kept, when to hold the shell."""

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from .protocol import Ack, Control, Resize, Take
from .shell import READ_BYTES

if TYPE_CHECKING:
    from .ring import Ring
    from .viewer import Viewer

log = logging.getLogger("webterm")

# How long the shell waits for the last viewer to come back, if it has to: a broken
# line or a page that is loaded anew then loses nothing even under a flood of output.
RETURN_SECONDS = 10.0


class Keyboard(Protocol):
    """What the hub needs of a shell."""

    def write(self, data: bytes) -> None:
        """Type."""
        ...

    def resize(self, rows: int, columns: int) -> None:
        """Change the window."""
        ...

    def pause(self) -> None:
        """Stop reading output."""
        ...

    def resume(self) -> None:
        """Read on."""
        ...


class Hub:
    """Owns the ring and the list of viewers, oldest first.

    Attributes:
        writer: The one viewer whose typing and window count.
        status: The shell's exit status once it ended.
        abandoned: Set while nobody watches.
    """

    def __init__(self, ring: "Ring", return_seconds: float = RETURN_SECONDS) -> None:
        self.ring = ring
        self.writer: Viewer | None = None
        self.status: int | None = None
        self.abandoned = asyncio.Event()
        self.abandoned.set()
        self._viewers: list[Viewer] = []
        self._keyboard: Keyboard | None = None
        self._return_seconds = return_seconds
        self._left: Viewer | None = None
        self._forgetting: asyncio.TimerHandle | None = None
        # While nothing more is read than this, the viewer that is furthest
        # ahead finds every byte in the ring.
        self._hold_at = ring.capacity - READ_BYTES

    def connect(self, keyboard: Keyboard) -> None:
        """Take over a shell."""
        self._keyboard = keyboard

    @property
    def viewers(self) -> int:
        """How many watch."""
        return len(self._viewers)

    def attach(self, viewer: "Viewer") -> None:
        """Add a viewer; it types if nobody else does."""
        self._viewers.append(viewer)
        self.abandoned.clear()
        if self.writer is None:
            self._make_writer(viewer)
        self._announce(but=viewer)
        if self.status is not None:
            viewer.notify("exit", status=self.status)
        self._balance()
        viewer.wake()

    def detach(self, viewer: "Viewer") -> None:
        """Remove a viewer; if it was the writer, the oldest one left types."""
        self._viewers.remove(viewer)
        if self.writer is viewer:
            self.writer = None
            if self._viewers:
                self._make_writer(self._viewers[0])
        if not self._viewers:
            self.abandoned.set()
            self._remember(viewer)
        self._announce()
        self._balance()

    def obey(self, viewer: "Viewer", control: Control) -> None:
        """Do what a text frame says.

        Raises:
            BadFrame: It acknowledges what was never sent.
        """
        match control:
            case Ack():
                viewer.acknowledge(control)
                self._balance()
            case Resize():
                viewer.size = control
                if viewer is self.writer:
                    self._resize(control)
            case Take():
                self._make_writer(viewer)
                self._announce()

    def typed(self, viewer: "Viewer", data: bytes) -> None:
        """Pass typed bytes on, if they come from the writer.

        Raises:
            InputStuck: The program does not read.
        """
        if viewer is not self.writer:
            viewer.notify(
                "error",
                code="not_writer",
                message="Somebody else is typing. Take over to type here.",
            )
        elif self._keyboard is not None:
            self._keyboard.write(data)

    def output(self, data: bytes) -> None:
        """Keep output and have it sent."""
        self.ring.append(data)
        for viewer in self._viewers:
            viewer.wake()
        self._balance()

    def ended(self, status: int) -> None:
        """Tell everybody that the shell ended, once they have all of its output."""
        self.status = status
        for viewer in self._viewers:
            viewer.notify("exit", status=status)

    def _make_writer(self, viewer: "Viewer") -> None:
        self.writer = viewer
        self._resize(viewer.size)

    def _resize(self, size: Resize) -> None:
        if self._keyboard is not None:
            self._keyboard.resize(size.rows, size.columns)

    def _announce(self, but: "Viewer | None" = None) -> None:
        for viewer in self._viewers:
            if viewer is not but:
                viewer.notify(
                    "writer", writer=viewer is self.writer, viewers=self.viewers
                )

    def _remember(self, viewer: "Viewer") -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._left = viewer
        loop = asyncio.get_running_loop()
        self._forgetting = loop.call_later(self._return_seconds, self._forget)

    def _forget(self) -> None:
        self._left = None
        self._balance()

    def _balance(self) -> None:
        """Hold the shell while all who watch are far behind; else let it run."""
        if self._keyboard is None or self.status is not None:
            return
        who = self._viewers or ([] if self._left is None else [self._left])
        backlogs = [viewer.backlog for viewer in who]
        if backlogs and min(backlogs) >= self._hold_at:
            self._keyboard.pause()
        else:
            self._keyboard.resume()

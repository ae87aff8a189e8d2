"""One shell and all who watch it: who types, what is kept, when to hold the shell."""

from typing import TYPE_CHECKING, Protocol

from .protocol import Ack, Control, Keep, Resize, Take
from .shell import LAST_BYTES, READ_BYTES
from .viewer import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from .loop import Timer, Timers
    from .ring import Ring
    from .viewer import Viewer

# How long the shell waits for the last viewer to come back, if it has to: a broken
# line or a page that is loaded anew then loses nothing even under a flood of output.
RETURN_SECONDS = 10.0
# How long what follows a new size of the window is taken for its consequence.
REDRAW_SECONDS = 1.0


class Keyboard(Protocol):
    """What the hub needs of a shell."""

    @property
    def pending(self) -> int:
        """How many typed bytes the program has not read."""
        ...

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
        ending: The content of the exit frame, once the shell ended.
    """

    def __init__(
        self,
        ring: "Ring",
        timers: "Timers",
        *,
        on_use: "Callable[[], None]" = lambda: None,
        on_abandoned: "Callable[[], None]" = lambda: None,
    ) -> None:
        """Begin with nobody.

        Args:
            ring: What keeps the output.
            timers: The clock.
            on_use: Told of each input, each output, and each wish to live on.
            on_abandoned: Told when the last viewer has gone.
        """
        self.ring = ring
        self.writer: Viewer | None = None
        self.ending: dict[str, object] | None = None
        self._timers = timers
        self._on_use = on_use
        self._on_abandoned = on_abandoned
        self._viewers: list[Viewer] = []
        self._keyboard: Keyboard | None = None
        self._left: Viewer | None = None
        self._forgetting: Timer | None = None
        self._resized = float("-inf")
        # While nothing is read beyond this, the viewer that is furthest ahead finds
        # every byte in the ring: one read more, and then the shell's last words.
        self._hold_at = ring.capacity - READ_BYTES - LAST_BYTES

    def connect(self, keyboard: Keyboard) -> None:
        """Take over a shell."""
        self._keyboard = keyboard

    @property
    def viewers(self) -> int:
        """How many watch."""
        return len(self._viewers)

    @property
    def pending(self) -> int:
        """How many typed bytes the program has not read."""
        return 0 if self._keyboard is None else self._keyboard.pending

    def attach(self, viewer: "Viewer") -> None:
        """Add a viewer, to be greeted; it types if nobody else does."""
        self._viewers.append(viewer)
        if self.writer is None:
            self._make_writer(viewer)
        self._announce(but=viewer)
        if self.ending is not None:
            viewer.notify("exit", **self.ending)

    def begin(self, viewer: "Viewer") -> None:
        """Send to a viewer that has been greeted."""
        viewer.start()
        self._balance()

    def detach(self, viewer: "Viewer") -> None:
        """Remove a viewer; if it was the writer, the oldest one left types."""
        self._viewers.remove(viewer)
        if self.writer is viewer:
            self.writer = None
            if self._viewers:
                self._make_writer(self._viewers[0])
        if not self._viewers:
            self._remember(viewer)
            self._on_abandoned()
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
            case Keep():
                self._on_use()

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
            self._on_use()
            self._keyboard.write(data)

    def output(self, data: bytes) -> None:
        """Keep output of the shell and have it sent."""
        # A shell draws its prompt anew in a window of another size, which a page that
        # is merely open may cause: that is not use.
        if self._timers.now() - self._resized > REDRAW_SECONDS:
            self._on_use()
        self.show(data)

    def show(self, data: bytes) -> None:
        """Keep and send what the server itself has to say in the terminal."""
        self.ring.append(data)
        for viewer in self._viewers:
            viewer.fill()
        self._balance()

    def drained(self, viewer: "Viewer") -> None:
        """Send more to a viewer that has taken what it was sent."""
        viewer.fill()
        self._balance()

    def notify(self, kind: str, **values: object) -> None:
        """Send a text frame to everybody."""
        for viewer in self._viewers:
            viewer.notify(kind, **values)

    def ended(self, status: int, reason: str) -> None:
        """Tell everybody that the shell ended, once they have all of its output."""
        self.ending = {"status": status, "reason": reason}
        self.notify("exit", **self.ending)

    def _make_writer(self, viewer: "Viewer") -> None:
        self.writer = viewer
        self._resize(viewer.size)

    def _resize(self, size: Resize) -> None:
        if self._keyboard is not None:
            self._resized = self._timers.now()
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
        self._forgetting = self._timers.call_later(RETURN_SECONDS, self._forget)

    def _forget(self) -> None:
        self._left = None
        self._balance()

    def _balance(self) -> None:
        """Hold the shell while all who watch are behind; else let it run."""
        if self._keyboard is None or self.ending is not None:
            return
        if self._must_hold():
            self._keyboard.pause()
        else:
            self._keyboard.resume()

    def _must_hold(self) -> bool:
        if self._viewers:
            # What can't be sent stays in the program: a key then acts after what is
            # on its way to the client, and not after a ring full of output as well.
            return all(
                viewer.unsent >= CHUNK_BYTES or viewer.backlog >= self._hold_at
                for viewer in self._viewers
            )
        return self._left is not None and self._left.backlog >= self._hold_at

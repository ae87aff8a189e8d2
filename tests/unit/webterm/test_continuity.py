"""Clients that stall, break, come back and take over: nothing is lost or doubled."""

from collections import deque
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from webterm.hub import RETURN_SECONDS, Hub
from webterm.protocol import Ack, Resize, Take, decode_output, read_object
from webterm.ring import Ring
from webterm.shell import READ_BYTES
from webterm.testing import ManualTimers
from webterm.viewer import CHUNK_BYTES, Viewer

CAPACITY = 512 * 1024
# What the kernel keeps for one connection.
SOCKET_BYTES = 100_000
SIZE = Resize(24, 80)
# As long as a prime, so that no two places of the ring look alike.
PERIOD = 1_000_003
TEXT = bytes(10 if place % 61 == 0 else 65 + place % 59 for place in range(PERIOD))


def output(start: int, length: int) -> bytes:
    """Return what the shell writes, from one number on."""
    place = start % PERIOD
    return (TEXT + TEXT)[place : place + length]


@dataclass
class FakeShell:
    """A program that would write for ever."""

    reading: bool = True
    pending: int = 0

    def write(self, data: bytes) -> None:
        """Ignore typing."""

    def resize(self, rows: int, columns: int) -> None:
        """Ignore a size."""

    def pause(self) -> None:
        """Stop writing."""
        self.reading = False

    def resume(self) -> None:
        """Write on."""
        self.reading = True


@dataclass
class Outlet:
    """A connection: what has been sent and not been read yet."""

    frames: deque[str | bytes] = field(default_factory=deque)

    @property
    def size(self) -> int:
        """How many bytes that is."""
        return sum(map(len, self.frames))

    @property
    def busy(self) -> bool:
        """Whether the kernel takes no more."""
        return self.size > SOCKET_BYTES

    def send_text(self, text: str) -> None:
        """Take a text frame."""
        self.frames.append(text)

    def send_bytes(self, *parts: bytes) -> None:
        """Take a binary frame."""
        self.frames.append(b"".join(parts))

    def close(self, code: int, reason: str) -> None:
        """Nothing ends here."""


class Client:
    """A page: it checks every byte that it is shown."""

    def __init__(self, hub: Hub, every: int) -> None:
        self.seen = 0
        self.skipped = 0
        self.every = every
        self.viewer: Viewer | None = None
        self._hub = hub
        self._outlet = Outlet()
        self._told = 0

    def attach(self, seen: int) -> None:
        """Come, or come back."""
        self._outlet = Outlet()
        self.viewer = Viewer(self._outlet, self._hub.ring, seen=seen, size=SIZE)
        self._hub.attach(self.viewer)
        self.skipped += self.viewer.skipped if seen == self.seen else 0
        self.seen = self._told = self.viewer.sent
        self._hub.begin(self.viewer)

    def cut(self) -> None:
        """Break the line; what was on its way is lost."""
        if self.viewer is not None:
            viewer, self.viewer = self.viewer, None
            self._hub.detach(viewer)

    def read(self, frames: int) -> None:
        """Show some frames."""
        for _ in range(frames):
            if self.viewer is None or not self._outlet.frames:
                return
            was_busy = self._outlet.busy
            self._show(self._outlet.frames.popleft())
            if was_busy and not self._outlet.busy:
                self._hub.drained(self.viewer)
            if self.seen - self._told >= self.every:
                self.acknowledge()

    def acknowledge(self) -> None:
        """Say what has been shown."""
        if self.viewer is not None:
            self._told = self.seen
            self._hub.obey(self.viewer, Ack(self.seen))

    def check(self) -> None:
        """Whatever happens, little memory is needed for it."""
        assert self._outlet.size <= SOCKET_BYTES + CHUNK_BYTES + 1000
        if self.viewer is not None:
            assert len(self.viewer._gaps) <= 16

    def _show(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            position, data = decode_output(frame)
            assert position == self.seen
            assert data == output(position, len(data))
            self.seen += len(data)
            return
        values = read_object(frame)
        if values["type"] == "skipped":
            assert values["from"] == self.seen + values["skipped"]
            self.seen = values["from"]
            self.skipped += values["skipped"]


class World:
    """A shell, some clients, and a clock."""

    def __init__(self, clients: int, every: int) -> None:
        self.timers = ManualTimers()
        self.shell = FakeShell()
        self.hub = Hub(Ring(CAPACITY), self.timers)
        self.hub.connect(self.shell)
        self.clients = [Client(self.hub, every) for _ in range(clients)]

    def write(self, length: int) -> None:
        """Let the shell write as long as it is read."""
        while length > 0 and self.shell.reading:
            part = min(length, READ_BYTES)
            self.hub.output(output(self.hub.ring.end, part))
            length -= part

    def do(self, action: str, which: int, amount: int) -> None:
        """Let one thing happen."""
        client = self.clients[which % len(self.clients)]
        match action:
            case "write":
                self.write(amount)
            case "read":
                client.read(amount // READ_BYTES + 1)
            case "cut":
                client.cut()
            case "come" if client.viewer is None:
                client.attach(client.seen)
            case "lie" if client.viewer is None:
                client.attach(amount * 7)
            case "take" if client.viewer is not None:
                self.hub.obey(client.viewer, Take())
            case "wait":
                self.timers.move(RETURN_SECONDS * amount / 10**6)
            case _:
                pass
        self.check()

    def check(self) -> None:
        """What holds at any time."""
        present = [each.viewer for each in self.clients if each.viewer is not None]
        if present:
            assert sum(viewer is self.hub.writer for viewer in present) == 1
        else:
            assert self.hub.writer is None
        for client in self.clients:
            client.check()

    def calm_down(self) -> None:
        """Everybody who is there reads; the shell must get on, and they see it all."""
        self.timers.move(RETURN_SECONDS)
        start = self.hub.ring.end
        for _ in range(100):
            for client in self.clients:
                client.read(100)
            self.write(READ_BYTES)
        assert self.hub.ring.end - start == 100 * READ_BYTES
        for client in self.clients:
            client.read(100)
            assert client.viewer is None or client.seen == self.hub.ring.end


ACTIONS = st.tuples(
    st.sampled_from(["write", "read", "cut", "come", "lie", "take", "wait"]),
    st.integers(0, 3),
    st.integers(0, 10**6),
)
EVERY = st.sampled_from([1, 16 * 1024, 64 * 1024, 256 * 1024])


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTIONS, max_size=60), st.integers(1, 4), EVERY)
def test_every_byte_comes_once_or_is_missed_honestly(
    actions: list[tuple[str, int, int]], clients: int, every: int
) -> None:
    """Each sees every byte in order, or is told how many it does not; none waits."""
    world = World(clients, every)
    for action in actions:
        world.do(*action)
    world.calm_down()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["write", "read", "back"]),
            st.just(0),
            st.integers(0, 10**6),
        ),
        max_size=60,
    ),
    EVERY,
)
def test_one_who_comes_back_at_once_misses_nothing(
    actions: list[tuple[str, int, int]], every: int
) -> None:
    """However often its line breaks, and whatever is written meanwhile."""
    world = World(1, every)
    only = world.clients[0]
    only.attach(0)
    for action, which, amount in actions:
        if action == "back":
            only.cut()
            world.timers.move(RETURN_SECONDS / 2)
            world.write(amount)
            only.attach(only.seen)
        else:
            world.do(action, which, amount)
    world.calm_down()

    assert only.skipped == 0


def test_new_page_does_not_hold_the_shell_for_ever() -> None:
    """A page that is sent a little and need not acknowledge it yet is not behind."""
    world = World(1, 256 * 1024)
    world.write(80_000)
    only = world.clients[0]
    only.attach(0)
    only.read(10)

    assert world.shell.reading


def test_who_acknowledges_nothing_is_not_told_of_each_gap() -> None:
    """A hung page beside a good one costs what is on its way to it, and no more."""
    world = World(2, 64 * 1024)
    good, hung = world.clients
    hung.every = 1 << 40
    for client in (good, hung):
        client.attach(0)
    for _ in range(400):
        world.write(READ_BYTES)
        good.read(10)
        hung.read(10)
        world.check()
    before = hung.seen
    hung.every = 64 * 1024
    hung.acknowledge()
    world.calm_down()

    assert (good.skipped, before) == (0, 512 * 1024)
    assert hung.skipped > 0

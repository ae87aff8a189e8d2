"""Who types, what is kept, when the shell is held up, and what viewers are sent."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from webterm.hub import Hub
from webterm.protocol import Ack, BadFrame, Resize, Take, decode_output
from webterm.ring import Ring
from webterm.viewer import Viewer

CAPACITY = 256 * 1024
HELD_AT = CAPACITY - 64 * 1024
SIZE = Resize(24, 80)


@dataclass
class FakeKeyboard:
    """A shell that writes down what is asked of it."""

    typed: bytes = b""
    sizes: list[tuple[int, int]] = field(default_factory=list)
    reading: bool = True

    def write(self, data: bytes) -> None:
        """Note typed bytes."""
        self.typed += data

    def resize(self, rows: int, columns: int) -> None:
        """Note a size."""
        self.sizes.append((rows, columns))

    def pause(self) -> None:
        """Note that reading stopped."""
        self.reading = False

    def resume(self) -> None:
        """Note that reading goes on."""
        self.reading = True


@dataclass
class FakeConnection:
    """A WebSocket that keeps what is sent, and can be made to take nothing."""

    frames: list[str | bytes] = field(default_factory=list)
    closed: tuple[int, str] | None = None
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def send(self, message: str | bytes, /) -> None:
        """Keep a frame, once frames are taken."""
        await self.open.wait()
        self.frames.append(message)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Note the end."""
        self.closed = (code, reason)

    @property
    def output(self) -> bytes:
        """All output received."""
        binary = [frame for frame in self.frames if isinstance(frame, bytes)]
        return b"".join(decode_output(frame)[1] for frame in binary)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """All text frames received."""
        return [json.loads(frame) for frame in self.frames if isinstance(frame, str)]


class Stage:
    """A hub with a fake shell and any number of fake viewers."""

    def __init__(self, return_seconds: float = 60.0) -> None:
        self.keyboard = FakeKeyboard()
        self.hub = Hub(Ring(CAPACITY), return_seconds)
        self.hub.connect(self.keyboard)
        self._pumps: list[asyncio.Task[None]] = []

    def join(
        self, *, seen: int = 0, size: Resize = SIZE
    ) -> tuple[Viewer, FakeConnection]:
        """Let a viewer come."""
        connection = FakeConnection()
        viewer = Viewer(connection, self.hub.ring, seen=seen, size=size)
        self.hub.attach(viewer)
        self._pumps.append(asyncio.create_task(viewer.pump()))
        return viewer, connection

    async def settle(self) -> None:
        """Let everybody do what can be done now."""
        for _ in range(200):
            await asyncio.sleep(0)

    async def end(self) -> None:
        """Stop all viewers."""
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)


def play(scene: Coroutine[Any, Any, None]) -> None:
    """Run a test's scene."""
    asyncio.run(scene)


def test_output_reaches_all_viewers_once() -> None:
    """Two viewers get the same bytes, each of them once and in order."""

    async def scene() -> None:
        stage = Stage()
        stage.hub.output(b"before ")
        _, one = stage.join()
        _, two = stage.join(seen=7)
        stage.hub.output(b"after")
        await stage.settle()

        assert (one.output, two.output) == (b"before after", b"after")
        await stage.end()

    play(scene())


def test_only_the_writer_types() -> None:
    """Typing of a mere viewer is dropped, and it is told why."""

    async def scene() -> None:
        stage = Stage()
        first, _ = stage.join()
        second, connection = stage.join()
        stage.hub.typed(first, b"yes")
        stage.hub.typed(second, b"no")
        await stage.settle()

        assert stage.keyboard.typed == b"yes"
        assert connection.messages[-1]["code"] == "not_writer"
        await stage.end()

    play(scene())


def test_taking_over_moves_keyboard_and_size() -> None:
    """Who takes over types from then on, and its window's size counts."""

    async def scene() -> None:
        stage = Stage()
        _, one = stage.join(size=Resize(24, 80))
        second, two = stage.join(size=Resize(50, 120))
        stage.hub.obey(second, Take())
        await stage.settle()

        assert stage.keyboard.sizes == [(24, 80), (50, 120)]
        assert one.messages[-1] == {"type": "writer", "writer": False, "viewers": 2}
        assert two.messages[-1] == {"type": "writer", "writer": True, "viewers": 2}
        await stage.end()

    play(scene())


def test_size_follows_the_writer() -> None:
    """A viewer's size is kept for when it types, and not used before."""

    async def scene() -> None:
        stage = Stage()
        first, _ = stage.join()
        second, _ = stage.join()
        stage.hub.obey(second, Resize(10, 20))
        stage.hub.obey(first, Resize(30, 40))
        stage.hub.detach(first)

        assert stage.keyboard.sizes == [(24, 80), (30, 40), (10, 20)]
        assert stage.hub.writer is second
        await stage.end()

    play(scene())


def test_when_all_leave_nobody_types() -> None:
    """The next one to come types again."""

    async def scene() -> None:
        stage = Stage()
        first, _ = stage.join()
        stage.hub.detach(first)

        assert (stage.hub.writer, stage.hub.viewers) == (None, 0)
        second, _ = stage.join()
        assert stage.hub.writer is second
        await stage.end()

    play(scene())


def test_shell_is_held_while_the_only_viewer_is_behind() -> None:
    """Output stops before a byte is lost, and goes on after an acknowledgement."""

    async def scene() -> None:
        stage = Stage()
        viewer, connection = stage.join()
        stage.hub.output(b"x" * HELD_AT)
        await stage.settle()

        held = stage.keyboard.reading
        stage.hub.obey(viewer, Ack(HELD_AT))
        assert (held, stage.keyboard.reading) == (False, True)
        assert len(connection.output) == HELD_AT
        await stage.end()

    play(scene())


def test_stalled_viewer_does_not_hold_up_the_others() -> None:
    """The shell runs on while one viewer keeps up; the stalled one skips honestly."""

    async def scene() -> None:
        stage = Stage()
        good, good_connection = stage.join()
        _, stalled = stage.join()
        stalled.open.clear()
        for part in range(40):
            stage.hub.output(bytes([65 + part % 26]) * 32_767 + b"\n")
            await stage.settle()
            stage.hub.obey(good, Ack(good.sent))

        assert stage.keyboard.reading
        assert len(good_connection.output) == 40 * 32_768
        stalled.open.set()
        await stage.settle()
        skipped = [m for m in stalled.messages if m["type"] == "skipped"]
        assert len(stalled.output) + skipped[0]["skipped"] == 40 * 32_768
        assert good_connection.output.endswith(stalled.output[-CAPACITY // 2 :])
        await stage.end()

    play(scene())


def test_shell_waits_a_moment_for_its_last_viewer() -> None:
    """A page that is loaded anew finds all output; then the program runs on."""

    async def scene() -> None:
        stage = Stage(return_seconds=0.05)
        first, _ = stage.join()
        stage.hub.detach(first)
        stage.hub.output(b"x" * (HELD_AT - 1))
        running = stage.keyboard.reading
        stage.hub.output(b"x")
        held = stage.keyboard.reading
        await asyncio.sleep(0.2)

        assert (running, held, stage.keyboard.reading) == (True, False, True)
        await stage.end()

    play(scene())


def test_waiting_for_a_viewer_starts_anew_with_each() -> None:
    """Two short visits are waited for like one."""

    async def scene() -> None:
        stage = Stage(return_seconds=0.3)
        for _ in range(2):
            viewer, _connection = stage.join()
            stage.hub.detach(viewer)
            await asyncio.sleep(0.2)
        stage.hub.output(b"x" * HELD_AT)

        assert not stage.keyboard.reading
        await stage.end()

    play(scene())


def test_server_stops_sending_to_who_does_not_acknowledge() -> None:
    """At most one MiB is on its way to a client."""

    async def scene() -> None:
        ring = Ring(4 << 20)
        connection = FakeConnection()
        viewer = Viewer(connection, ring, seen=0, size=SIZE)
        ring.append(b"x" * (3 << 20))
        viewer.wake()
        pump = asyncio.create_task(viewer.pump())
        for _ in range(400):
            await asyncio.sleep(0)

        assert len(connection.output) == 1 << 20
        viewer.acknowledge(Ack(1 << 19))
        for _ in range(400):
            await asyncio.sleep(0)
        assert len(connection.output) == (1 << 20) + (1 << 19)
        pump.cancel()

    play(scene())


def test_acknowledging_the_future_is_refused() -> None:
    """Nobody has seen what was never sent."""

    async def scene() -> None:
        stage = Stage()
        viewer, _ = stage.join()

        with pytest.raises(BadFrame, match="more than was sent"):
            stage.hub.obey(viewer, Ack(1))
        await stage.end()

    play(scene())


def test_old_acknowledgement_changes_nothing() -> None:
    """Acknowledgements only ever count upwards."""

    async def scene() -> None:
        stage = Stage()
        viewer, _ = stage.join()
        stage.hub.output(b"abcdef")
        await stage.settle()
        stage.hub.obey(viewer, Ack(6))
        stage.hub.obey(viewer, Ack(2))

        assert viewer.seen == 6
        await stage.end()

    play(scene())


def test_exit_comes_after_the_last_output() -> None:
    """The status is sent last, and then the connection is closed in good order."""

    async def scene() -> None:
        stage = Stage()
        _, connection = stage.join()
        stage.hub.output(b"bye")
        stage.hub.ended(3)
        await stage.settle()

        assert connection.output == b"bye"
        assert connection.frames[-1] == '{"type":"exit","status":3}'
        assert connection.closed == (1000, "The shell ended.")
        await stage.end()

    play(scene())


def test_who_comes_after_the_end_is_told() -> None:
    """A late viewer gets the last output and the status too."""

    async def scene() -> None:
        stage = Stage()
        stage.hub.output(b"bye")
        stage.hub.ended(0)
        _, connection = stage.join()
        await stage.settle()

        assert connection.output == b"bye"
        assert connection.messages[-1]["type"] == "exit"
        await stage.end()

    play(scene())


def test_skipped_counts_what_is_gone() -> None:
    """A new page of a terminal with much output is told how much it does not see."""

    async def scene() -> None:
        ring = Ring(8)
        ring.append(b"0123456789")
        connection = FakeConnection()

        assert Viewer(connection, ring, seen=0, size=SIZE).skipped == 2
        assert Viewer(connection, ring, seen=2, size=SIZE).skipped == 0
        assert Viewer(connection, ring, seen=99, size=SIZE).skipped == 2
        await asyncio.sleep(0)

    play(scene())

"""Who types, what is kept, when the shell is held up, and what viewers are sent."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from webterm.hub import Hub
from webterm.protocol import Ack, BadFrame, Keep, Resize, Take, decode_output
from webterm.ring import Ring
from webterm.testing import ManualTimers
from webterm.viewer import WINDOW_BYTES, Viewer

CAPACITY = 256 * 1024
CHUNK = 64 * 1024
HELD_AT = CAPACITY - 2 * CHUNK
SIZE = Resize(24, 80)


@dataclass
class FakeKeyboard:
    """A shell that writes down what is asked of it."""

    typed: bytes = b""
    sizes: list[tuple[int, int]] = field(default_factory=list)
    reading: bool = True
    pending: int = 0

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
class FakeOutlet:
    """A connection that keeps what is sent, and can be made to take nothing."""

    frames: list[str | bytes] = field(default_factory=list)
    closed: tuple[int, str] | None = None
    busy: bool = False
    # How many bytes it takes before it is busy.
    room: float = float("inf")

    def send_text(self, text: str) -> None:
        """Keep a text frame."""
        self.frames.append(text)

    def send_bytes(self, *parts: bytes) -> None:
        """Keep a binary frame."""
        frame = b"".join(parts)
        self.frames.append(frame)
        self.room -= len(frame)
        self.busy = self.room <= 0

    def close(self, code: int, reason: str) -> None:
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

    def __init__(self) -> None:
        self.keyboard = FakeKeyboard()
        self.timers = ManualTimers()
        self.used = 0
        self.abandoned = 0
        self.hub = Hub(
            Ring(CAPACITY),
            self.timers,
            on_use=self._note_use,
            on_abandoned=self._note_abandoned,
        )
        self.hub.connect(self.keyboard)

    def join(
        self, *, seen: int = 0, size: Resize = SIZE, room: float = float("inf")
    ) -> tuple[Viewer, FakeOutlet]:
        """Let a viewer come."""
        outlet = FakeOutlet(room=room)
        viewer = Viewer(outlet, self.hub.ring, seen=seen, size=size)
        self.hub.attach(viewer)
        self.hub.begin(viewer)
        return viewer, outlet

    def _note_use(self) -> None:
        self.used += 1

    def _note_abandoned(self) -> None:
        self.abandoned += 1


def test_output_reaches_all_viewers_once() -> None:
    """Two viewers get the same bytes, each of them once and in order."""
    stage = Stage()
    stage.hub.output(b"before ")
    _, one = stage.join()
    _, two = stage.join(seen=7)
    stage.hub.output(b"after")

    assert (one.output, two.output) == (b"before after", b"after")


def test_only_the_writer_types() -> None:
    """Typing of a mere viewer is dropped, and it is told why."""
    stage = Stage()
    first, _ = stage.join()
    second, connection = stage.join()
    stage.hub.typed(first, b"yes")
    stage.hub.typed(second, b"no")

    assert stage.keyboard.typed == b"yes"
    assert connection.messages[-1]["code"] == "not_writer"


def test_taking_over_moves_keyboard_and_size() -> None:
    """Who takes over types from then on, and its window's size counts."""
    stage = Stage()
    _, one = stage.join(size=Resize(24, 80))
    second, two = stage.join(size=Resize(50, 120))
    stage.hub.obey(second, Take())

    assert stage.keyboard.sizes == [(24, 80), (50, 120)]
    assert one.messages[-1] == {"type": "writer", "writer": False, "viewers": 2}
    assert two.messages[-1] == {"type": "writer", "writer": True, "viewers": 2}


def test_size_follows_the_writer() -> None:
    """A viewer's size is kept for when it types, and not used before."""
    stage = Stage()
    first, _ = stage.join()
    second, _ = stage.join()
    stage.hub.obey(second, Resize(10, 20))
    stage.hub.obey(first, Resize(30, 40))
    stage.hub.detach(first)

    assert stage.keyboard.sizes == [(24, 80), (30, 40), (10, 20)]
    assert stage.hub.writer is second


def test_when_all_leave_nobody_types() -> None:
    """The next one to come types again."""
    stage = Stage()
    first, _ = stage.join()
    stage.hub.detach(first)

    assert (stage.hub.writer, stage.hub.viewers) == (None, 0)
    second, _ = stage.join()
    assert stage.hub.writer is second


def test_shell_is_held_while_the_only_viewer_is_behind() -> None:
    """Output stops before a byte is lost, and goes on after an acknowledgement."""
    stage = Stage()
    viewer, connection = stage.join()
    stage.hub.output(b"x" * HELD_AT)

    held = stage.keyboard.reading
    stage.hub.obey(viewer, Ack(HELD_AT))
    assert (held, stage.keyboard.reading) == (False, True)
    assert len(connection.output) == HELD_AT


def test_stalled_viewer_does_not_hold_up_the_others() -> None:
    """The shell runs on while one viewer keeps up; the stalled one skips honestly."""
    stage = Stage()
    good, good_connection = stage.join()
    late, stalled = stage.join(room=1)
    for part in range(40):
        stage.hub.output(bytes([65 + part % 26]) * 32_767 + b"\n")
        stage.hub.obey(good, Ack(good.sent))

    assert stage.keyboard.reading
    assert len(good_connection.output) == 40 * 32_768
    stalled.room, stalled.busy = float("inf"), False
    stage.hub.drained(late)
    skipped = [m for m in stalled.messages if m["type"] == "skipped"]
    assert len(stalled.output) + skipped[0]["skipped"] == 40 * 32_768
    assert good_connection.output.endswith(stalled.output[-CAPACITY // 2 :])


def test_shell_waits_a_moment_for_its_last_viewer() -> None:
    """A page that is loaded anew finds all output; then the program runs on."""
    stage = Stage()
    first, _ = stage.join()
    stage.hub.detach(first)
    stage.hub.output(b"x" * (HELD_AT - 1))
    running = stage.keyboard.reading
    stage.hub.output(b"x")
    held = stage.keyboard.reading
    stage.timers.move(10)

    assert (running, held, stage.keyboard.reading) == (True, False, True)


def test_waiting_for_a_viewer_starts_anew_with_each() -> None:
    """Two short visits are waited for like one."""
    stage = Stage()
    for _ in range(2):
        viewer, _connection = stage.join()
        stage.hub.detach(viewer)
        stage.timers.move(9)
    stage.hub.output(b"x" * HELD_AT)

    assert not stage.keyboard.reading


def test_server_stops_sending_to_who_does_not_acknowledge() -> None:
    """No more than the window is on its way to a client."""
    ring = Ring(4 << 20)
    outlet = FakeOutlet()
    viewer = Viewer(outlet, ring, seen=0, size=SIZE)
    ring.append(b"x" * (3 << 20))
    viewer.start()

    assert len(outlet.output) == WINDOW_BYTES
    viewer.acknowledge(Ack(WINDOW_BYTES // 2))
    assert len(outlet.output) == WINDOW_BYTES * 3 // 2


def test_window_opens_again_after_output_was_left_out() -> None:
    """What was skipped is not waited for, or a client would wait for ever."""
    ring = Ring(CAPACITY)
    outlet = FakeOutlet()
    viewer = Viewer(outlet, ring, seen=0, size=SIZE)
    viewer.start()
    for _ in range(4 * WINDOW_BYTES // CHUNK):
        ring.append(b"x" * (CHUNK - 1) + b"\n")
        viewer.fill()
    sent = len(outlet.output)
    viewer.acknowledge(Ack(WINDOW_BYTES))
    seen = viewer.sent
    ring.append(b"y" * CHUNK)
    viewer.acknowledge(Ack(seen))

    assert sent == WINDOW_BYTES
    assert outlet.messages[0]["type"] == "skipped"
    assert outlet.output.endswith(b"y" * CHUNK)
    assert viewer.backlog <= WINDOW_BYTES


def test_shell_is_held_while_nothing_can_be_sent() -> None:
    """What a client does not take stays in the program, so that a key acts soon."""
    stage = Stage()
    viewer, outlet = stage.join(room=1)
    stage.hub.output(b"x")
    stage.hub.output(b"x" * (CHUNK - 1))
    running = stage.keyboard.reading
    stage.hub.output(b"x")
    held = stage.keyboard.reading
    outlet.busy, outlet.room = False, float("inf")
    stage.hub.drained(viewer)

    assert (running, held, stage.keyboard.reading) == (True, False, True)


def test_nothing_is_sent_before_the_welcome() -> None:
    """Output and notices wait until the viewer is greeted."""
    stage = Stage()
    outlet = FakeOutlet()
    viewer = Viewer(outlet, stage.hub.ring, seen=0, size=SIZE)
    stage.hub.attach(viewer)
    stage.hub.output(b"early")
    silent = not outlet.frames
    stage.hub.begin(viewer)

    assert silent
    assert outlet.output == b"early"


def test_use_is_told() -> None:
    """Output, typing and a wish to live on count; looking on and resizing do not."""
    stage = Stage()
    writer, _ = stage.join()
    other, _ = stage.join()
    stage.hub.obey(writer, Resize(5, 5))
    stage.hub.obey(other, Take())
    stage.hub.obey(other, Ack(0))
    stage.hub.typed(writer, b"dropped")
    stage.hub.show(b"our own words")
    stage.hub.detach(writer)
    stage.timers.move(2)
    before = stage.used
    stage.hub.output(b"x")
    stage.hub.typed(other, b"y")
    stage.hub.obey(other, Keep())

    assert (before, stage.used) == (0, 3)


def test_last_to_leave_is_told() -> None:
    """The end of a terminal waits until nobody watches."""
    stage = Stage()
    one, _ = stage.join()
    two, _ = stage.join()
    stage.hub.detach(one)
    before = stage.abandoned
    stage.hub.detach(two)

    assert (before, stage.abandoned) == (0, 1)


def test_newer_notice_replaces_an_unsent_one() -> None:
    """A client that takes nothing is told the latest, and costs no more."""
    stage = Stage()
    viewer, outlet = stage.join(room=1)
    stage.hub.output(b"x")
    for seconds in (900, 120):
        stage.hub.notify("warning", reason="idle", seconds=seconds)
    outlet.busy = False
    stage.hub.drained(viewer)

    assert outlet.messages == [{"type": "warning", "reason": "idle", "seconds": 120}]


def test_acknowledging_the_future_is_refused() -> None:
    """Nobody has seen what was never sent."""
    stage = Stage()
    viewer, _ = stage.join()

    with pytest.raises(BadFrame, match="more than was sent"):
        stage.hub.obey(viewer, Ack(1))


def test_old_acknowledgement_changes_nothing() -> None:
    """Acknowledgements only ever count upwards."""
    stage = Stage()
    viewer, _ = stage.join()
    stage.hub.output(b"abcdef")
    stage.hub.obey(viewer, Ack(6))
    stage.hub.obey(viewer, Ack(2))

    assert viewer.seen == 6


def test_exit_comes_after_the_last_output() -> None:
    """The status is sent last, and then the connection is closed in good order."""
    stage = Stage()
    _, connection = stage.join()
    stage.hub.output(b"bye")
    stage.hub.ended(3, "exit")

    assert connection.output == b"bye"
    assert connection.frames[-1] == '{"type":"exit","status":3,"reason":"exit"}'
    assert connection.closed == (1000, "The shell ended.")


def test_who_comes_after_the_end_is_told() -> None:
    """A late viewer gets the last output and the status too."""
    stage = Stage()
    stage.hub.output(b"bye")
    stage.hub.ended(0, "idle")
    _, connection = stage.join()

    assert connection.output == b"bye"
    assert connection.messages[-1] == {"type": "exit", "status": 0, "reason": "idle"}


def test_skipped_counts_what_is_gone() -> None:
    """A new page of a terminal with much output is told how much it does not see."""
    ring = Ring(8)
    ring.append(b"0123456789")
    outlet = FakeOutlet()

    assert Viewer(outlet, ring, seen=0, size=SIZE).skipped == 2
    assert Viewer(outlet, ring, seen=2, size=SIZE).skipped == 0
    assert Viewer(outlet, ring, seen=99, size=SIZE).skipped == 2


def test_a_prompt_that_is_drawn_anew_is_no_use() -> None:
    """What a shell writes right after a new size of the window counts for nothing."""
    stage = Stage()
    viewer, _ = stage.join()
    stage.timers.move(10)
    stage.hub.output(b"$ ")
    assert stage.used == 1

    stage.hub.obey(viewer, Resize(20, 80))
    stage.timers.move(0.5)
    stage.hub.output(b"$ ")
    assert stage.used == 1
    stage.timers.move(1)
    stage.hub.output(b"news")

    assert stage.used == 2

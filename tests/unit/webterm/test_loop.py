"""The loop and its channels, with real sockets and signals of this process."""

import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from webterm.channel import Channel
from webterm.loop import MOST_FAULTS, READ, Loop


@pytest.fixture(name="loop")
def _loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@dataclass
class FakeListener:
    """Notes what a channel tells."""

    loop: Loop
    data: bytes = b""
    drained: int = 0
    closed: int = 0
    faulty: bool = False
    said: list[str] = field(default_factory=list)

    def on_data(self, data: bytes) -> None:
        """Note bytes, and stop at a full stop."""
        if self.faulty:
            raise RuntimeError("a fault of ours")
        self.data += data
        if data.endswith(b"."):
            self.loop.stop()

    def on_drained(self) -> None:
        """Note that all is sent."""
        self.drained += 1
        self.loop.stop()

    def on_closed(self) -> None:
        """Note the end."""
        self.closed += 1
        self.loop.stop()


@dataclass
class Line:
    """A channel, what it tells, and the peer."""

    loop: Loop
    channel: Channel
    listener: FakeListener
    peer: socket.socket

    def run(self) -> None:
        """Run until the listener has been told something of interest."""
        self.loop._running = True
        self.loop.run()


@pytest.fixture(name="line")
def _line(loop: Loop) -> Iterator[Line]:
    ours, peer = socket.socketpair()
    peer.settimeout(5)
    listener = FakeListener(loop)
    channel = Channel(loop, ours, listener)
    with peer:
        yield Line(loop, channel, listener, peer)
    channel.close()


def fill(line: Line) -> int:
    """Send until the peer takes no more; return how much that was."""
    sent = 0
    while not line.channel.busy:
        line.channel.send(b"x" * 50_000)
        sent += 50_000
    return sent


def test_timers_fire_in_order(loop: Loop) -> None:
    """What is due first happens first, and what is cancelled never."""
    said: list[str] = []
    loop.call_later(0.02, loop.stop)
    loop.call_later(0.01, lambda: said.append("two"))
    loop.call_later(0, lambda: said.append("one"))
    loop.call_later(0.005, lambda: said.append("never")).cancel()
    loop.run()

    assert said == ["one", "two"]


def test_signals_are_told_between_handlers(loop: Loop) -> None:
    """A signal wakes the loop, and its handler runs as any other."""
    before = signal.getsignal(signal.SIGUSR1)
    try:
        loop.on_signal(signal.SIGUSR1, loop.stop)
        os.kill(os.getpid(), signal.SIGUSR1)
        loop.run()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_who_is_forgotten_is_not_called(loop: Loop) -> None:
    """A descriptor that was given up calls nobody."""
    one, two = socket.socketpair()
    with one, two:
        called: list[int] = []
        loop.watch(one.fileno(), READ, called.append)
        two.send(b"x")
        loop.forget(one.fileno())
        loop.forget(one.fileno())
        loop.call_later(0.02, loop.stop)
        loop.run()

    assert called == []


def test_bytes_come_in(line: Line) -> None:
    """What the peer sends is passed on."""
    line.peer.send(b"hello.")
    line.run()

    assert line.listener.data == b"hello."


def test_what_is_not_taken_is_kept(line: Line) -> None:
    """A slow peer gets everything in order, and the end of the jam is told."""
    sent = fill(line)
    line.channel.send(b"end")
    received = line.peer.recv(10_000_000)
    line.run()
    while len(received) < sent + 3:
        received += line.peer.recv(10_000_000)

    assert received.endswith(b"xend")
    assert line.listener.drained == 1
    assert not line.channel.busy


def test_finish_sends_what_is_pending(line: Line) -> None:
    """The last words arrive, then the end; what still comes is thrown away."""
    sent = fill(line)
    line.channel.finish()
    line.channel.send(b"too late")
    line.channel.finish()
    line.peer.send(b"too late as well.")
    line.loop.call_later(0.05, line.loop.stop)
    received = line.peer.recv(10_000_000)
    line.run()
    while part := line.peer.recv(10_000_000):
        received += part
    line.peer.close()
    line.run()

    assert len(received) == sent
    assert (line.listener.data, line.listener.closed) == (b"", 1)


def test_finish_does_not_wait_for_ever(line: Line) -> None:
    """A peer that never takes its last words is left."""
    fill(line)
    line.channel.finish(0.01)
    line.run()

    assert line.listener.closed == 1


def test_pause_leaves_bytes_where_they_are(line: Line) -> None:
    """While a channel pauses nothing is read; then all of it is."""
    line.channel.pause(0.05)
    line.peer.send(b"later.")
    line.loop.call_later(0.02, line.loop.stop)
    line.run()
    early = line.listener.data
    line.run()

    assert (early, line.listener.data) == (b"", b"later.")


def test_finish_ends_a_pause(line: Line) -> None:
    """The peer's end is seen at once, though nothing was to be read."""
    line.channel.pause(100)
    line.channel.finish()
    line.peer.close()
    line.run()

    assert line.listener.closed == 1


def test_end_of_a_pausing_channel_is_the_end(line: Line) -> None:
    """A channel that is closed while it pauses does not wake up again."""
    line.channel.pause(0.01)
    line.channel.close()
    line.channel.close()
    line.loop.call_later(0.03, line.loop.stop)
    line.run()

    assert (line.listener.data, line.listener.closed) == (b"", 1)


def test_peer_that_is_gone_is_told_in_the_next_turn(line: Line) -> None:
    """Sending to nobody calls nobody back, and ends the channel soon."""
    line.peer.close()
    line.channel.send(b"x")
    told = line.listener.closed
    line.run()

    assert line.channel.busy
    assert (told, line.listener.closed) == (0, 1)


def test_peer_that_goes_in_a_jam_ends_the_channel(line: Line) -> None:
    """Bytes that nobody will ever take are given up."""
    fill(line)
    line.peer.close()
    line.run()

    assert line.listener.closed == 1


def test_fault_of_ours_ends_one_channel_only(
    line: Line, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error in serving a client is logged and costs that client alone."""
    line.listener.faulty = True
    line.peer.send(b"x")
    line.run()

    assert line.listener.closed == 1
    assert "a fault of ours" in capsys.readouterr().err


def test_fault_in_a_pause_ends_one_channel_only(
    line: Line, capsys: pytest.CaptureFixture[str]
) -> None:
    """What goes wrong when a channel wakes up is its own trouble, too."""
    line.channel.pause(0.01)
    line.listener.faulty = True
    line.run()

    assert line.listener.closed == 1
    assert "a fault of ours" in capsys.readouterr().err


def fail() -> None:
    """Be faulty."""
    raise RuntimeError("a fault of ours")


def test_fault_of_a_timer_ends_nothing(
    loop: Loop, capsys: pytest.CaptureFixture[str]
) -> None:
    """The loop goes on, and the log says what happened."""
    said: list[str] = []
    loop.call_later(0, fail)
    loop.call_later(0.01, lambda: said.append("on"))
    loop.call_later(0.02, loop.stop)
    loop.run()

    assert said == ["on"]
    assert "a fault of ours" in capsys.readouterr().err


def test_fault_that_comes_for_ever_is_the_end(
    loop: Loop, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody's disk is filled, and no processor is kept busy without a result."""
    one, two = socket.socketpair()
    with one, two:
        loop.watch(one.fileno(), READ, lambda _events: fail())
        two.send(b"x")
        with pytest.raises(RuntimeError, match="a fault of ours"):
            loop.run()

    assert capsys.readouterr().err.count("RuntimeError: ") == MOST_FAULTS


def test_timer_that_asks_for_itself_leaves_room(loop: Loop) -> None:
    """What is due at once, again and again, keeps no descriptor waiting."""
    one, two = socket.socketpair()

    def again() -> None:
        loop.call_later(0, again)

    with one, two:
        loop.watch(one.fileno(), READ, lambda _events: loop.stop())
        two.send(b"x")
        again()
        loop.run()

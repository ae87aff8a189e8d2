"""A server's conversations, with real sockets and a clock that the test moves."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.frames import Frame, Opcode

from webterm.hub import Hub
from webterm.issue import issue_ticket
from webterm.loop import Loop
from webterm.protocol import NO_WARNING, EndWarning, encode
from webterm.ring import Ring
from webterm.server import MOST_STRANGERS, TerminalServer
from webterm.testing import example_launch

KEY = Ed25519PrivateKey.generate()
LAUNCH = example_launch(KEY)
REQUEST = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: ipt.terminal.v1\r\n\r\n"
)
PING = b"\x89\x00"


@dataclass
class FakeKeyboard:
    """A shell that takes everything."""

    typed: bytes = b""
    pending: int = 0

    def write(self, data: bytes) -> None:
        """Note typed bytes."""
        self.typed += data

    def resize(self, rows: int, columns: int) -> None:
        """Ignore a size."""

    def pause(self) -> None:
        """Ignore a wish."""

    def resume(self) -> None:
        """Ignore a wish."""


@dataclass
class Stage:
    """A server in this process."""

    listener: socket.socket
    time: float = 0.0
    keyboard: FakeKeyboard = field(default_factory=FakeKeyboard)
    warning: EndWarning = NO_WARNING
    peers: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loop = Loop(lambda: self.time)
        self.hub = Hub(Ring(1 << 20), self.loop)
        self.hub.connect(self.keyboard)
        self.server = TerminalServer(
            LAUNCH,
            self.loop,
            self.hub,
            self.listener,
            warning=lambda: self.warning,
        )

    def settle(self, seconds: float = 0.0) -> None:
        """Let time pass, and do what can be done then."""
        self.time += seconds
        for _ in range(5):
            self.loop.call_later(0, self.loop.stop)
            self.loop._running = True
            self.loop.run()

    def connect(self, *sent: bytes) -> socket.socket:
        """Connect, send, and have it dealt with."""
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(self.listener.getsockname())
        peer.settimeout(0)
        self.peers.append(peer)
        for part in sent:
            peer.sendall(part)
            self.settle()
        self.settle()
        return peer

    def join(self) -> socket.socket:
        """Become a viewer; return its connection, read so far."""
        peer = self.connect(REQUEST, hello())
        assert b'"type":"welcome"' in read(peer)
        return peer


def hello() -> bytes:
    """Return a good hello."""
    ticket = issue_ticket(KEY, LAUNCH)
    text = encode("hello", version=1, ticket=ticket, seen=0, rows=24, columns=80)
    return frame(Opcode.TEXT, text.encode())


def frame(kind: Opcode, data: bytes) -> bytes:
    """Return a client's frame."""
    return Frame(kind, data).serialize(mask=True)


def read(peer: socket.socket) -> bytes:
    """Return what has come; an end is a mark of its own."""
    received = b""
    with contextlib.suppress(BlockingIOError):
        while part := peer.recv(65536):
            received += part
        received += b"<end>"
    return received


@pytest.fixture(name="stage")
def _stage(tmp_path: Path) -> Iterator[Stage]:
    # Unlike a network's, its bytes are there as soon as they are sent.
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen(100)
        stage = Stage(listener)
        yield stage
        stage.server.close()
        stage.loop.close()
        for peer in stage.peers:
            peer.close()


def test_late_request_is_cut_off(stage: Stage) -> None:
    """Whoever takes ages for the request is not waited for."""
    peer = stage.connect(b"GET / HT")
    stage.settle(9)
    waited = read(peer)
    stage.settle(2)

    assert (waited, read(peer)) == (b"", b"<end>")


def test_late_hello_is_refused(stage: Stage) -> None:
    """The hello has ten seconds of its own."""
    peer = stage.connect()
    stage.settle(9)
    peer.sendall(REQUEST)
    stage.settle()
    answered = read(peer)
    stage.settle(9)
    waited = read(peer)
    stage.settle(2)
    refused = read(peer)

    assert answered.startswith(b"HTTP/1.1 101 ")
    assert waited == b""
    assert b"hello_late" in refused
    assert (4408).to_bytes(2, "big") + b"hello_late" in refused


def test_request_in_parts_is_put_together(stage: Stage) -> None:
    """A slow line is no attack."""
    peer = stage.connect(*(REQUEST[at : at + 50] for at in range(0, len(REQUEST), 50)))

    assert read(peer).startswith(b"HTTP/1.1 101 ")


def test_hello_may_come_with_the_request(stage: Stage) -> None:
    """What follows the request at once is not lost."""
    peer = stage.connect(REQUEST + hello() + frame(Opcode.BINARY, b"ls\n"))

    assert b'"type":"welcome"' in read(peer)
    assert stage.keyboard.typed == b"ls\n"


def test_viewer_is_asked_for_a_sign_of_life(stage: Stage) -> None:
    """A ping every twenty seconds; whoever answers stays."""
    peer = stage.join()
    received = b""
    for _ in range(10):
        stage.settle(20)
        received += read(peer)
        peer.sendall(frame(Opcode.PONG, b""))
        stage.settle()

    assert received == PING * 10


def test_silent_viewer_is_given_up_after_a_minute(stage: Stage) -> None:
    """A line that is dead does not keep its place for ever; a stall is no death."""
    peer = stage.join()
    for _ in range(3):
        stage.settle(20)
    stalled = stage.hub.viewers
    stage.settle(20)

    assert (stalled, stage.hub.viewers) == (1, 0)
    assert read(peer).endswith(b"<end>")


def test_ping_is_answered(stage: Stage) -> None:
    """A client may ask for a sign of life, too."""
    peer = stage.join()
    peer.sendall(frame(Opcode.PING, b"there?"))
    stage.settle()

    assert read(peer) == b"\x8a\x06there?"


def test_viewer_that_comes_late_is_warned(stage: Stage) -> None:
    """The end that is near is told right after the welcome."""
    stage.warning = EndWarning("age", 77)
    text = read(stage.connect(REQUEST, hello()))

    assert text.index(b'"type":"welcome"') < text.index(b'"reason":"age","seconds":77')


def test_large_paste_is_slowed_down(stage: Stage) -> None:
    """Beyond a megabyte at once, a megabyte a second gets through."""
    peer = stage.join()
    part = frame(Opcode.BINARY, b"x" * 32_768)
    for _ in range(40):
        peer.sendall(part)
        stage.settle()
    early = len(stage.keyboard.typed)
    for _ in range(40):
        stage.settle(0.1)

    assert early == 33 * 32_768
    assert len(stage.keyboard.typed) == 40 * 32_768


def test_paste_waits_for_a_slow_program(stage: Stage) -> None:
    """The more a program has not read, the slower more is typed into it."""
    peer = stage.join()
    part = frame(Opcode.BINARY, b"x" * 1000)
    stage.keyboard.pending = 200_000
    peer.sendall(part * 10)
    stage.settle()
    quick = len(stage.keyboard.typed)
    stage.keyboard.pending = 1_000_000
    peer.sendall(part * 10)
    stage.settle()
    slow = len(stage.keyboard.typed)
    stage.keyboard.pending = 0
    stage.settle(1)

    assert (quick, slow, len(stage.keyboard.typed)) == (10_000, 11_000, 20_000)


def acknowledge(seen: int) -> bytes:
    """Return an acknowledgement."""
    return frame(Opcode.TEXT, encode("ack", seen=seen).encode())


def test_acknowledgements_of_much_output_are_no_flood(stage: Stage) -> None:
    """Whoever is sent much may say so often; saying the same again is a flood."""
    peer = stage.join()
    for number in range(3000):
        stage.hub.output(b"x" * 4096)
        peer.sendall(acknowledge((number + 1) * 4096))
        stage.settle()
        read(peer)
    quick = stage.hub.viewers
    for _ in range(40):
        peer.sendall(acknowledge(5) * 50)
        stage.settle()

    assert quick == 1
    assert b"too_fast" in read(peer)


def test_strangers_make_room_for_newer_ones(stage: Stage) -> None:
    """The oldest stranger goes; viewers do not count."""
    viewer = stage.join()
    strangers = [stage.connect() for _ in range(MOST_STRANGERS + 1)]

    assert read(strangers[0]) == b"<end>"
    assert read(strangers[1]) == b""
    assert read(viewer) == b""


def test_lack_of_descriptors_passes(stage: Stage) -> None:
    """Where no connection can be taken, the server rests and goes on."""
    # A descriptor that is no socket fails as a full table of descriptors does.
    healthy = stage.server._listener
    with socket.socket() as deaf:
        stage.server._listener = deaf
        stage.server._accept(0)
    stage.server._listener = healthy
    stage.settle(1)
    stage.server._listen()

    assert b"ready" in read(stage.connect(b"GET /ready HTTP/1.0\r\n\r\n"))


def test_everything_may_come_byte_by_byte(stage: Stage) -> None:
    """The slowest line is understood as the quickest is."""
    stream = REQUEST + hello() + frame(Opcode.BINARY, b"ls") + frame(Opcode.PING, b"?")
    peer = stage.connect()
    for at in range(len(stream)):
        peer.sendall(stream[at : at + 1])
        stage.settle()
    received = read(peer)

    assert stage.keyboard.typed == b"ls"
    assert received.count(b'"type":"welcome"') == 1
    assert received.endswith(b"\x8a\x01?")


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        (b"", b"\x88\x00"),
        (b"\x03\xe8bye", b"\x88\x02\x03\xe8"),
        (b"\x0f\xa0", b"\x88\x02\x0f\xa0"),
    ],
)
def test_close_is_answered_by_its_code(
    stage: Stage, told: bytes, answer: bytes
) -> None:
    """And what follows a close is not read any more."""
    peer = stage.join()
    peer.sendall(frame(Opcode.CLOSE, told) + frame(Opcode.BINARY, b"late"))
    stage.settle()

    assert read(peer) == answer + b"<end>"
    assert stage.keyboard.typed == b""


@pytest.mark.parametrize(
    ("told", "code"), [(b"\x03", 1002), (b"\x03\xed", 1002), (b"\x03\xe8\xff", 1007)]
)
def test_bad_close_is_refused(stage: Stage, told: bytes, code: int) -> None:
    """A close that says what must not be said is an error of its own."""
    peer = stage.join()
    peer.sendall(frame(Opcode.CLOSE, told))
    stage.settle()
    farewell = read(peer)

    assert farewell[:1] == b"\x88"
    assert int.from_bytes(farewell[2:4], "big") == code


@pytest.mark.parametrize("amount", [1, 7, 200])
def test_client_may_go_in_the_middle_of_a_frame(stage: Stage, amount: int) -> None:
    """Half a frame and the end: that viewer is gone, and nothing was typed."""
    peer = stage.join()
    peer.sendall(frame(Opcode.BINARY, b"x" * 1000)[:amount])
    stage.settle()
    peer.shutdown(socket.SHUT_WR)
    stage.settle()

    assert stage.hub.viewers == 0
    assert stage.keyboard.typed == b""


def test_viewer_that_goes_under_a_flood_is_gone(stage: Stage) -> None:
    """The end of one who is being sent to is noticed, and harms nobody."""
    good, gone = stage.join(), stage.join()
    gone.close()
    for _ in range(5):
        stage.hub.output(b"x" * 60_000)
        stage.settle()
        read(good)

    assert stage.hub.viewers == 1
    assert stage.hub.writer is not None


def test_fault_in_greeting_leaves_nobody_behind(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the welcome fails that client is gone, and the next one is served."""

    def fail() -> EndWarning:
        raise RuntimeError("a fault of ours")

    healthy, stage.server._warning = stage.server._warning, fail
    peer = stage.connect(REQUEST, hello())
    after = stage.hub.viewers
    stage.server._warning = healthy

    assert after == 0
    assert read(peer).endswith(b"<end>")
    assert "a fault of ours" in capsys.readouterr().err
    stage.join()

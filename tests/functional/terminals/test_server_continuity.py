"""Nothing is lost, nobody waits for the slow, and a key acts at once."""

import random
import socket
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.frames import Frame, Opcode

from webterm import TerminalClient
from webterm.protocol import SUBPROTOCOL, encode
from webterm.testing import RunningServer, run_server

LAST = 1_000_000
NUMBERS = "".join(f"{number}\r\n" for number in range(1, LAST + 1)).encode()
CUTS = 30
MIB = 1 << 20


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with run_server(tmp_path_factory.mktemp("continuity")) as server:
        yield server


@pytest.fixture(name="fresh")
def _fresh(tmp_path: Path) -> Iterator[RunningServer]:
    with run_server(tmp_path) as server:
        yield server


def cut(terminal: TerminalClient) -> None:
    """Break the line, without a word to either side."""
    terminal._connection.socket.shutdown(socket.SHUT_RDWR)


def stalled_viewer(server: RunningServer) -> socket.socket:
    """Return a viewer that reads nothing after its hello."""
    viewer = socket.create_connection(("127.0.0.1", server.port))
    viewer.sendall(
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n".encode()
    )
    hello = encode(
        "hello", version=1, ticket=server.ticket(), seen=0, rows=24, columns=80
    )
    viewer.sendall(Frame(Opcode.TEXT, hello.encode()).serialize(mask=True))
    return viewer


def memory(server: RunningServer) -> int:
    """Return the bytes of memory that are the server's own."""
    text = Path(f"/proc/{server.process.pid}/smaps_rollup").read_text()
    lines = dict(line.split(":", 1) for line in text.splitlines()[1:])
    return int(lines["Pss"].split()[0]) * 1024


def read_for(terminal: TerminalClient, seconds: float) -> None:
    """Read, acknowledge and forget."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.read()


def test_cuts_lose_and_double_nothing(server: RunningServer) -> None:
    """The line breaks thirty times while a million lines print: all come once."""
    chance = random.Random(4)  # noqa: S311 - no secret
    places = sorted(chance.sample(range(len(NUMBERS)), CUTS))
    terminal = server.open()
    terminal.send(f"stty -echo; PS1=; echo go; seq 1 {LAST}; stty echo; PS1='$ '\n")
    terminal.read_until("go\r\n")
    received = bytearray()
    skipped = 0
    while len(received) < len(NUMBERS):
        received += terminal.read()
        if places and len(received) >= places[0]:
            del places[0]
            cut(terminal)
            terminal = terminal.reattach(server.url, server.ticket())
            skipped += terminal.skipped
    terminal.close()

    assert (places, skipped) == ([], 0)
    assert bytes(received[: len(NUMBERS)]) == NUMBERS


def test_stalled_viewer_costs_little_and_stays(fresh: RunningServer) -> None:
    """One that reads nothing costs 2 MiB at most; fifteen do not cost more by much."""
    with fresh.open() as good:
        good.send("PS1=; yes\n")
        read_for(good, 0.3)
        before = memory(fresh)
        viewers = [stalled_viewer(fresh)]
        read_for(good, 0.7)
        one = memory(fresh)
        viewers += [stalled_viewer(fresh) for _ in range(14)]
        read_for(good, 1.0)
        all_of_them = memory(fresh)
        watching = good.viewers
        good.send("\x03echo st''ill\n")
        good.read_until("still\r\n")
        for viewer in viewers:
            viewer.close()

    assert watching == 16
    assert one - before <= 2 * MIB
    assert all_of_them - before <= 4 * MIB


def test_stalled_only_viewer_holds_the_shell_up(fresh: RunningServer) -> None:
    """While the one who watches reads nothing, nothing is read for it either."""
    with fresh.open() as terminal:
        terminal.send("PS1=; yes\n")
        read_for(terminal, 0.2)
        seen = terminal.seen
    before = memory(fresh)
    viewer = stalled_viewer(fresh)
    time.sleep(0.5)
    after = memory(fresh)
    viewer.close()

    assert seen > 0
    assert after - before <= 2 * MIB


def test_interrupt_acts_at_once_under_a_flood(fresh: RunningServer) -> None:
    """Ctrl-C under `yes`: a prompt soon, and after no more than was on its way."""
    seconds, late = [], []
    with fresh.open() as terminal:
        terminal.send("PS1='pro''mpt '\n")
        terminal.read_until("prompt ")
        for _ in range(20):
            terminal.send("yes\n")
            read_for(terminal, 0.05)
            started, seen = time.monotonic(), terminal.seen
            terminal.send("\x03")
            terminal.read_until("prompt ")
            seconds.append(time.monotonic() - started)
            late.append(terminal.seen - seen)

    assert statistics.median(seconds) < 0.1
    assert max(late) < 1.5 * MIB


def test_echo_is_quick(fresh: RunningServer) -> None:
    """A key's echo takes a blink, not a tick."""
    seconds = []
    with fresh.open() as terminal:
        terminal.send("PS1=; stty -echo; exec cat\n")
        terminal.send("ready\n")
        terminal.read_until("ready\r\n")
        for number in range(100):
            started = time.monotonic()
            terminal.send(f"{number}.\n")
            terminal.read_until(f"{number}.\r\n")
            seconds.append(time.monotonic() - started)

    assert statistics.median(seconds) < 0.02


def test_characters_are_whole_across_frames(fresh: RunningServer) -> None:
    """Every byte value goes through both ways, and UTF-8 stays what it was."""
    text = "ä€😀" * 20_000
    with fresh.open() as terminal:
        terminal.send("PS1=; stty raw -echo; echo re''ady; exec cat\n")
        terminal.read_until("ready")
        terminal.read_until("\n")
        every = bytes(range(256)) * 16
        terminal.send(every)
        received = terminal.read_until(every)
        for start in range(0, len(text.encode()), 997):
            terminal.send(text.encode()[start : start + 997])
        shown = b""
        while len(shown) < len(text.encode()):
            shown += terminal.read()

    assert received == every
    assert shown.decode() == text

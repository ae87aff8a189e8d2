"""Clients that mean harm, and what is left of it: a line in the log."""

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.frames import Frame, Opcode

from webterm import TerminalClient, TerminalClosed, issue_ticket
from webterm.protocol import SUBPROTOCOL, encode
from webterm.testing import ORIGIN, RunningServer, run_server

REQUEST = (
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n"
)


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(name="server", scope="module")
def _server(folder: Path) -> Iterator[RunningServer]:
    with run_server(folder) as server:
        yield server


@pytest.fixture(name="owner")
def _owner(server: RunningServer) -> Iterator[TerminalClient]:
    """The terminal's user, who has to get on undisturbed."""
    with server.open() as owner:
        assert owner.run("echo before") == (0, "before\n")
        yield owner
        assert owner.run("echo after") == (0, "after\n")
        while owner.viewers > 1:
            owner.read_some()
        assert (owner.writer, owner.errors) == (True, [])


def connect(server: RunningServer, buffer: int | None = None) -> socket.socket:
    """Connect, and no more."""
    peer = socket.socket()
    if buffer is not None:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    peer.settimeout(15)
    peer.connect(("127.0.0.1", server.port))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def shake_hands(
    server: RunningServer, extra: str = "", buffer: int | None = None
) -> socket.socket:
    """Become a WebSocket, and no more."""
    peer = connect(server, buffer)
    peer.sendall(f"{REQUEST}{extra}\r\n".encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += peer.recv(1)
    assert answer.startswith(b"HTTP/1.1 101 ")
    return peer


def join(server: RunningServer, buffer: int | None = None) -> socket.socket:
    """Become a viewer, and no more."""
    peer = shake_hands(server, buffer=buffer)
    hello = encode(
        "hello", version=1, ticket=server.ticket(), seen=0, rows=24, columns=80
    )
    peer.sendall(frame(Opcode.TEXT, hello.encode()))
    return peer


def frame(kind: Opcode, data: bytes) -> bytes:
    """Return a client's frame."""
    return Frame(kind, data).serialize(mask=True)


def read_to_end(peer: socket.socket) -> bytes:
    """Return what still comes."""
    received = b""
    with contextlib.suppress(ConnectionError), peer:
        while part := peer.recv(65536):
            received += part
    return received


def close_code(peer: socket.socket) -> int:
    """Return the code with which the server closes."""
    found = re.findall(rb"\x88[\x02-\x7d](..)", read_to_end(peer), re.DOTALL)
    return int.from_bytes(found[-1], "big")


def log_of(folder: Path) -> str:
    """Return what was logged."""
    return (folder / "webterm.log").read_text()


@pytest.mark.usefixtures("owner")
def test_every_bad_ticket_is_refused(server: RunningServer, folder: Path) -> None:
    """None, old, used, forged, somebody else's: each is refused and logged once."""
    used = server.ticket()
    TerminalClient.connect(server.url, used).close()
    launch = server.launch
    tickets = {
        "ticket_missing": "",
        "ticket_malformed": "x" * 5000,
        "ticket_expired": issue_ticket(server.key, launch, lifetime=-1),
        "ticket_too_long": issue_ticket(server.key, launch, lifetime=3600),
        "ticket_used": used,
        "ticket_forged": server.ticket()[:-8] + "AAAAAAAA",
        "ticket_foreign": issue_ticket(server.key, replace(launch, user="bob")),
        "ticket_launch": issue_ticket(server.key, replace(launch, launch="old")),
    }
    for code, ticket in tickets.items():
        for _ in range(3):
            with pytest.raises(TerminalClosed, match=f"^4401 {code}$"):
                TerminalClient.connect(server.url, ticket)

    log = log_of(folder)
    assert [log.count(f"refused a client: {code}\n") for code in tickets] == [1] * 8


@pytest.mark.usefixtures("owner")
def test_foreign_pages_are_refused_at_once(server: RunningServer) -> None:
    """A page of another site need not even say hello."""
    assert close_code(shake_hands(server, "Origin: https://evil.example\r\n")) == 4403
    assert close_code(shake_hands(server, "Origin: null\r\n")) == 4403
    twice = f"Origin: {ORIGIN}\r\nOrigin: https://evil.example\r\n"
    assert close_code(shake_hands(server, twice)) == 4403


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (REQUEST.replace(SUBPROTOCOL, "chat") + "\r\n", 400),
        (REQUEST.replace("13", "12") + "\r\n", 426),
        (REQUEST.replace("Host: x\r\n", "") + "\r\n", 400),
        ("POST / HTTP/1.1\r\n\r\n", 405),
        ("GET /../../etc/passwd HTTP/1.0\r\n\r\n", 404),
        ("GET / HTTP/1.0\r\n\r\n", 426),
        ("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        ("x" * 9000, 431),
    ],
)
def test_other_requests_get_plain_answers(
    server: RunningServer, request_: str, status: int
) -> None:
    """What is not our handshake is answered in HTTP, and ends."""
    peer = connect(server)
    peer.sendall(request_.encode("latin-1"))

    assert read_to_end(peer).startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize("greeted", [False, True])
def test_huge_frame_is_refused(server: RunningServer, *, greeted: bool) -> None:
    """Ten megabytes in one frame get 1009, before and after the hello."""
    peer = join(server) if greeted else shake_hands(server)
    huge = frame(Opcode.BINARY, b"x" * 10_000_000)
    with contextlib.suppress(ConnectionError):
        peer.sendall(huge)

    assert close_code(peer) == 1009


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize("kind", [Opcode.BINARY, Opcode.PING, Opcode.PONG])
def test_a_million_tiny_frames_are_refused(server: RunningServer, kind: Opcode) -> None:
    """No person types like that, and no page pings like that."""
    peer = join(server)
    flood = frame(kind, b"") * 10_000
    with contextlib.suppress(ConnectionError):
        for _ in range(100):
            peer.sendall(flood)

    assert close_code(peer) == 4429


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x00" * 100, 1002),
        (b"\xff" * 100, 1002),
        (frame(Opcode.TEXT, b"\xff\xfe"), 1007),
        (frame(Opcode.TEXT, b"["), 4400),
        (frame(Opcode.TEXT, b"[" * 60_000), 4400),
        (frame(Opcode.TEXT, b'{"type": 5}'), 4400),
        (frame(Opcode.TEXT, b'{"type": "ack", "seen": 1e400}'), 4400),
        (frame(Opcode.TEXT, b'{"type": "ack", "seen": ' + b"9" * 5000 + b"}"), 4400),
    ],
    ids=map(str, range(8)),  # masked at random, so no names for parallel runs
)
def test_garbage_is_refused(server: RunningServer, data: bytes, code: int) -> None:
    """What is no frame, no text, no JSON or no message of ours ends one connection."""
    peer = join(server)
    peer.sendall(data)

    assert close_code(peer) == code


def test_control_characters_and_bad_utf8_are_typed(server: RunningServer) -> None:
    """What a writer types is the program's business, whatever it is."""
    with server.open() as terminal:
        terminal.send("stty raw -echo; head -c 512 | od -An -tx1 -v | tr -d ' \\n'\n")
        time.sleep(0.3)
        terminal.send(bytes(range(256)) + bytes(range(255, -1, -1)))
        typed = (bytes(range(256)) + bytes(range(255, -1, -1))).hex()
        terminal.read_until(typed)
        terminal.send("stty sane\n")

        assert terminal.run("true").status == 0


def test_crowd_of_strangers_keeps_nobody_out(
    server: RunningServer, owner: TerminalClient, folder: Path
) -> None:
    """A thousand connections that say nothing: the owner's next one gets in."""
    strangers = [connect(server) for _ in range(1000)]
    with server.open() as page:
        page.take()
        page.wait_for_writer(writer=True)
        assert page.run("echo in") == (0, "in\n")
    owner.wait_for_writer(writer=True)
    alive = 0
    for stranger in strangers:
        stranger.settimeout(0)
        try:
            alive += stranger.recv(1) != b""
        except BlockingIOError:
            alive += 1
        except ConnectionError:
            pass
        stranger.close()

    assert alive <= 64
    assert log_of(folder).count("refused a client: crowded\n") == 1


def test_pings_of_a_client_that_reads_nothing_are_not_answered(
    server: RunningServer, owner: TerminalClient
) -> None:
    """Answers are not piled up for those who do not take them."""
    flood = "head -c 3000000 /dev/zero | tr '\\0' '.'"
    owner.run(flood, 20)
    peer = join(server, buffer=4096)
    owner.run(flood, 20)
    status = Path(f"/proc/{server.process.pid}/statm")
    before = int(status.read_text().split()[1])
    for _ in range(8):
        peer.sendall(frame(Opcode.PING, b"p" * 125) * 100)
        time.sleep(0.1)
    owner.run("true")
    after = int(status.read_text().split()[1])
    with peer, contextlib.suppress(TimeoutError):
        peer.settimeout(0.2)
        received = b""
        while part := peer.recv(65536):
            received += part

    assert (after - before) * 4096 < 1 << 20
    assert received.count(b"\x8a\x7d" + b"p" * 125) < 10

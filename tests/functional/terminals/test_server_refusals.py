"""Whom a real terminal server lets in, what it refuses, and what it tells of it."""

import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.sync.client import connect

from webterm import TerminalClient, TerminalClosed, issue_ticket
from webterm.protocol import SUBPROTOCOL, encode
from webterm.testing import ORIGIN, RunningServer, run_server


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[RunningServer]:
    with run_server(tmp_path) as server:
        yield server


def refusal(server: RunningServer, ticket: str, origin: str | None = None) -> int:
    """Return the close code that a hello gets."""
    with pytest.raises(TerminalClosed) as closed:
        TerminalClient.connect(server.url, ticket, origin=origin)
    return closed.value.code


def raw_close_code(server: RunningServer, *frames: str | bytes) -> int:
    """Send frames as they are and return the close code that they get."""
    with connect(server.url, subprotocols=[SUBPROTOCOL], proxy=None) as connection:  # type: ignore[list-item]
        try:
            for frame in frames:
                connection.send(frame)
            while True:
                connection.recv(10)
        except Exception:  # noqa: BLE001 - whatever the library raises, it ended
            return connection.close_code or 0


def type_and_wait(terminal: TerminalClient, data: bytes) -> None:
    """Type, and wait for what never comes."""
    terminal.send(data)
    terminal.read_until("never", timeout=20)


def hello(ticket: str) -> str:
    """Return a hello."""
    return encode("hello", version=1, ticket=ticket, seen=0, rows=24, columns=80)


def test_ticket_of_a_page_needs_that_page(server: RunningServer) -> None:
    """A browser's ticket works with its Origin."""
    terminal = TerminalClient.connect(server.url, server.ticket(ORIGIN), origin=ORIGIN)
    terminal.close()

    assert terminal.welcome.launch == "launch-1"


def test_tickets_are_refused_one_by_one(server: RunningServer) -> None:
    """Missing, garbage, expired, used and foreign tickets all get 4401."""
    used = server.ticket()
    TerminalClient.connect(server.url, used).close()
    other = replace(server.launch, launch="launch-0")
    tickets = {
        "missing": "",
        "garbage": "gar.bage",
        "used": used,
        "expired": issue_ticket(server.key, server.launch, lifetime=-1),
        "launch": issue_ticket(server.key, other),
    }

    codes = {name: refusal(server, ticket) for name, ticket in tickets.items()}

    assert codes == dict.fromkeys(tickets, 4401)


def test_wrong_origin_is_refused(server: RunningServer) -> None:
    """A foreign page gets 4403, ticket or no ticket."""
    assert refusal(server, server.ticket(), "https://evil.example") == 4403
    assert refusal(server, server.ticket(ORIGIN), None) == 4403


def test_refusal_names_its_code(server: RunningServer) -> None:
    """The close reason is the code that the error frame bears."""
    with pytest.raises(TerminalClosed, match="4401 ticket_missing"):
        TerminalClient.connect(server.url, "")


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (["not json"], 4400),
        ([b"bytes first"], 4400),
        ([json.dumps({"type": "hello", "version": 9})], 4400),
        (["hello", "x" * 70_000], 1009),
        (["hello", '{"type": "dance"}'], 4400),
        (["hello", '{"type": "ack", "seen": 99999999}'], 4400),
        (["hello", '{"type": "resize", "rows": 0, "columns": 1}'], 4400),
    ],
)
def test_bad_frames_end_the_connection(
    server: RunningServer, frames: list[str | bytes], code: int
) -> None:
    """What the protocol does not know is refused by a code, and harms nobody."""
    ready = [hello(server.ticket()) if frame == "hello" else frame for frame in frames]

    assert raw_close_code(server, *ready) == code
    with server.open() as terminal:
        assert terminal.welcome.viewers == 1


def test_flood_of_frames_is_refused(server: RunningServer) -> None:
    """Thousands of frames at once are no person's typing."""
    flood = ['{"type":"resize","rows":9,"columns":9}'] * 5000

    assert raw_close_code(server, hello(server.ticket()), *flood) == 4429


def test_typing_into_a_deaf_program_is_refused_at_a_limit(
    server: RunningServer,
) -> None:
    """What a program does not read is kept up to a limit, then the client is told."""
    with server.open() as terminal:
        terminal.send("stty raw -echo; echo d''eaf; sleep 1000\n")
        terminal.read_until("deaf")

        with pytest.raises(TerminalClosed) as closed:
            type_and_wait(terminal, b"x" * 2_400_000)

    assert (closed.value.code, closed.value.reason) == (4429, "input_stuck")


def test_large_paste_arrives_whole(server: RunningServer, tmp_path: Path) -> None:
    """Two MiB typed at once are slowed down, and not a byte is lost."""
    lines = [f"{number:063d}\n" for number in range(32 * 1024)]
    with server.open() as terminal:
        terminal.send("stty -echo; echo re''ady; cat > pasted; echo s''aved\n")
        terminal.read_until("ready")
        terminal.send("".join(lines))
        terminal.send("\x04")
        terminal.read_until("saved", timeout=30)

    assert (tmp_path / "pasted").read_text() == "".join(lines)


def test_too_many_viewers_are_refused(server: RunningServer) -> None:
    """The seventeenth page is asked to close one of the others."""
    viewers = [server.open() for _ in range(16)]
    try:
        assert refusal(server, server.ticket()) == 1013
    finally:
        for viewer in viewers:
            viewer.close()


def test_http_is_answered_plainly(server: RunningServer) -> None:
    """Whether it is ready, and since when it is idle; else there is the WebSocket."""
    plain = http.client.HTTPConnection("127.0.0.1", server.port)
    answers = []
    for path in ("/ready", "/idle/launch-1", "/idle/launch-2", "/etc/passwd"):
        plain.request("GET", path)
        answer = plain.getresponse()
        answers.append((answer.status, answer.read()))
        plain.close()

    nothing = (404, b"There is only /.\n")
    assert answers[0] == (200, b"ready launch-1\n")
    assert answers[1] in {(200, b"idle %d\n" % seconds) for seconds in range(100)}
    assert answers[2:] == [nothing, nothing]


def test_wrong_subprotocol_is_refused(server: RunningServer) -> None:
    """A client of another protocol does not get as far as a hello."""
    with (
        pytest.raises(Exception, match="HTTP 400"),
        connect(server.url, subprotocols=["chat"], proxy=None),  # type: ignore[list-item]
    ):
        pass


def test_vanished_client_is_no_trouble(server: RunningServer) -> None:
    """A peer that is cut off in the middle leaves the terminal as it was."""
    terminal = server.open()
    terminal._connection.socket.shutdown(socket.SHUT_RDWR)
    terminal.close()

    with server.open() as again:
        again.send("echo o''k\n")
        assert again.read_until("ok\r\n")


def test_server_ends_when_its_starter_died(tmp_path: Path) -> None:
    """Without a go there is no terminal that nobody knows of."""
    # Descriptor 0 is /dev/null: it ends without a byte, as the pipe does in a crash.
    with run_server(tmp_path, start_fd=0) as server:
        assert server.process.wait(10) == 1
    assert "is gone; so it ends" in (tmp_path / "webterm.log").read_text()


def test_bad_launch_file_is_a_usage_error(tmp_path: Path) -> None:
    """A server that was told nonsense says so and does not start."""
    with run_server(tmp_path, socket_fd=63) as server:
        assert server.process.wait(10) == 2
    log = (tmp_path / "webterm.log").read_text()
    assert log == (
        "There is no socket to listen on: the descriptor is not an open socket.\n"
    )


def test_log_holds_neither_ticket_nor_typing(
    server: RunningServer, tmp_path: Path
) -> None:
    """The log says that somebody came, not what they brought or typed."""
    ticket = server.ticket()
    with TerminalClient.connect(server.url, ticket) as terminal:
        terminal.send("echo private; exit\n")
        terminal.wait_for_exit()
    server.process.wait(10)
    log = (tmp_path / "webterm.log").read_text()

    assert "a viewer came" in log
    assert ticket not in log
    assert "private" not in log

"""A real terminal server with a real shell, used by its own client."""

import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.sync.client import connect

from webterm import TerminalClient, TerminalClosed, issue_ticket
from webterm.protocol import SUBPROTOCOL, encode
from webterm.testing import ORIGIN, RunningServer, run_server

SEQ_LAST = 200_000
SEQ = "".join(f"{number}\r\n" for number in range(1, SEQ_LAST + 1)).encode()


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[RunningServer]:
    with run_server(tmp_path) as server:
        yield server


def run_command(terminal: TerminalClient, command: str) -> str:
    """Run a command and return what it prints, and nothing else."""
    terminal.send("stty -echo; PS1=; echo re''ady\n")
    terminal.read_until("ready\r\n")
    terminal.send(f"{command}; echo d''one\n")
    return terminal.read_until("done\r\n").decode().removesuffix("done\r\n")


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


def test_typing_gets_an_answer(server: RunningServer) -> None:
    """What is typed runs, and its output comes back."""
    with server.open() as terminal:
        assert run_command(terminal, "echo $((6 * 7))") == "42\r\n"


def test_environment_holds_nothing_of_the_server(server: RunningServer) -> None:
    """The shell's environment is its own; the server's variables stay with it."""
    with server.open() as terminal:
        text = run_command(terminal, "env | sort")

    names = {line.partition("=")[0] for line in text.split("\r\n") if "=" in line}
    assert "must-not-leak" not in text
    assert names <= {
        *("HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "PATH"),
        *("PWD", "SHLVL", "_", "OLDPWD"),
    }


def test_shell_inherits_no_descriptor(server: RunningServer) -> None:
    """The shell has its terminal as 0, 1 and 2, and nothing more."""
    with server.open() as terminal:
        found = run_command(terminal, "ls /proc/$$/fd")

    # 255 is bash's own copy of its terminal.
    assert found.split() == ["0", "1", "2", "255"]


def test_output_is_complete_across_reconnections(server: RunningServer) -> None:
    """Each byte of a long output arrives once, however often the line breaks."""
    terminal = server.open()
    terminal.send(f"stty -echo; PS1=; echo go; seq 1 {SEQ_LAST}\n")
    terminal.read_until("go\r\n")
    received = b""
    connections, skipped = 1, 0
    while len(received) < len(SEQ):
        received += terminal.read()
        if len(received) > 100_000 * connections:
            connections += 1
            terminal = terminal.reattach(server.url, server.ticket())
            skipped += terminal.skipped
    terminal.close()

    assert skipped == 0
    assert connections > 5
    assert received == SEQ


def test_output_waits_for_its_only_viewer(server: RunningServer) -> None:
    """A client that reads nothing for a while misses nothing."""
    with server.open(acknowledge=False) as terminal:
        terminal.send(f"stty -echo; PS1=; echo go; seq 1 {SEQ_LAST}\n")
        terminal.read_until("go\r\n")
        time.sleep(0.5)
        received = b""
        while len(received) < len(SEQ):
            received += terminal.read()
            terminal.acknowledge()

    assert received == SEQ


def test_stalled_client_does_not_stall_another(server: RunningServer) -> None:
    """One client that takes nothing leaves the other at full speed."""
    with server.open() as good, server.open(acknowledge=False) as stalled:
        good.send(f"stty -echo; PS1=; echo go; seq 1 {SEQ_LAST}\n")
        good.read_until("go\r\n")
        received = b""
        while len(received) < len(SEQ):
            received += good.read()

        assert received == SEQ
        assert stalled.read_until("go\r\n")


def test_interrupt_acts_quickly_under_a_flood(server: RunningServer) -> None:
    """Ctrl-C ends `yes` in well under two seconds."""
    with server.open() as terminal:
        terminal.send("yes\n")
        terminal.read_until("y\r\ny\r\n" * 1000)
        started = time.monotonic()
        terminal.send("\x03")
        terminal.read_until("^C")
        terminal.send("echo o''k\n")
        terminal.read_until("ok\r\n")

        assert time.monotonic() - started < 2.0


def test_resize_reaches_the_programs(server: RunningServer) -> None:
    """`stty size` says what the page says."""
    with server.open(rows=30, columns=90) as terminal:
        terminal.send("stty size\n")
        terminal.read_until("30 90\r\n")
        terminal.resize(40, 120)
        terminal.send("stty size\n")

        assert terminal.read_until("40 120\r\n")


def test_characters_split_between_frames_are_whole(server: RunningServer) -> None:
    """A character typed in two halves arrives as one, and so does its output."""
    with server.open() as terminal:
        first, second = "ü€😀".encode()[:4], "ü€😀".encode()[4:]
        terminal.send("printf '%s' '")
        terminal.send(first)
        time.sleep(0.1)
        terminal.send(second)
        terminal.send("' | wc -c -m\n")

        assert b"3" in terminal.read_until("9\r\n")


def test_exit_status_is_told(server: RunningServer) -> None:
    """The shell's status comes after its last words, then a normal close."""
    with server.open() as terminal:
        terminal.send("echo last words; exit 7\n")

        assert terminal.wait_for_exit() == 7
        assert b"last words\r\n" in terminal.read()
        with pytest.raises(TerminalClosed) as closed:
            terminal.read()
        assert closed.value.code == 1000
    assert server.process.wait(10) == 7


def test_shell_ended_by_a_signal_is_told(server: RunningServer) -> None:
    """A status above 128 names the signal, as in bash."""
    with server.open() as terminal:
        terminal.send("kill -9 $$\n")

        assert terminal.wait_for_exit() == 128 + signal.SIGKILL


def test_exit_is_not_held_up_by_background_programs(server: RunningServer) -> None:
    """The terminal ends with its shell, even if something else goes on writing."""
    with server.open() as terminal:
        terminal.send("(trap '' HUP; while echo x; do sleep 0.05; done) & exit 0\n")

        assert terminal.wait_for_exit() == 0


def test_shell_that_does_not_exist_is_told(tmp_path: Path) -> None:
    """A missing shell ends the server with the shell's usual status, not a hang."""
    with run_server(tmp_path, argv=("/does/not/exist",)) as server:
        assert server.process.wait(10) == 127
    assert "the shell ended with 127" in (tmp_path / "webterm.log").read_text()


def test_stop_ends_a_stubborn_shell(tmp_path: Path) -> None:
    """A program that ignores every request is killed."""
    shell = (
        "/bin/sh",
        "-c",
        "trap '' HUP TERM INT; echo on; while :; do sleep 1; done",
    )
    with run_server(tmp_path, argv=shell) as server:
        with server.open() as terminal:
            terminal.read_until("on")
            server.process.send_signal(signal.SIGTERM)

            assert terminal.wait_for_exit() == 128 + signal.SIGKILL
        assert server.process.wait(10) == 128 + signal.SIGKILL


def test_stop_ends_what_runs_in_the_foreground(server: RunningServer) -> None:
    """A long program does not outlive its terminal."""
    with server.open() as terminal:
        terminal.send("sh -c 'echo pid=$$.; exec sleep 1000'\n")
        terminal.read_until("pid=$$.")
        terminal.read_until("pid=")
        pid = int(terminal.read_until(".")[:-1])
        server.process.send_signal(signal.SIGTERM)
        terminal.wait_for_exit()
    server.process.wait(10)

    assert not Path(f"/proc/{pid}/exe").exists()


def test_writer_is_taken_over(server: RunningServer) -> None:
    """Two watch, one types; a click hands over, and the window follows."""
    with (
        server.open(rows=24, columns=80) as one,
        server.open(rows=9, columns=99) as two,
    ):
        assert (one.welcome.writer, two.welcome.writer) == (True, False)
        two.send("echo ignored\n")
        two.take()
        two.wait_for_writer(writer=True)
        one.wait_for_writer(writer=False)
        two.send("stty size\n")

        assert b"ignored" not in two.read_until("9 99\r\n")
        assert two.errors == ["not_writer"]
        assert one.read_until("9 99\r\n")


def test_oldest_viewer_types_when_the_writer_leaves(server: RunningServer) -> None:
    """A terminal that somebody watches always has somebody who may type."""
    one = server.open()
    with server.open() as two:
        one.close()
        two.wait_for_writer(writer=True)

        assert two.viewers == 1


def test_programs_run_on_while_nobody_watches(server: RunningServer) -> None:
    """Closing the page ends nothing; coming back shows what happened meanwhile."""
    with server.open() as terminal:
        terminal.send("sleep 0.3; echo d''one\n")
        terminal.read_until("one\r\n")
    time.sleep(0.5)

    with server.open(seen=terminal.seen) as terminal:
        assert b"sleep" not in terminal.read_until("done\r\n")


def test_new_page_is_told_what_it_can_not_see(server: RunningServer) -> None:
    """Beyond the ring there is an honest number, and a whole line to start with."""
    with server.open() as terminal:
        terminal.send(f"stty -echo; PS1=; echo go; seq 1 {SEQ_LAST}; echo d''one\n")
        terminal.read_until("done\r\n", timeout=30)
        end = terminal.seen
    with server.open() as page:
        shown = page.read_until("done\r\n")

        assert page.welcome.skipped == page.welcome.start > 0
        assert page.welcome.skipped + len(shown) == end
        assert shown.split(b"\r\n")[0].isdigit()


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
    """There is a readiness check, and nothing else but the WebSocket."""
    plain = http.client.HTTPConnection("127.0.0.1", server.port)
    answers = []
    for path in ("/ready", "/etc/passwd"):
        plain.request("GET", path)
        answer = plain.getresponse()
        answers.append((answer.status, answer.read()))
        plain.close()

    assert answers == [(200, b"ready launch-1\n"), (404, b"There is only /.\n")]


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

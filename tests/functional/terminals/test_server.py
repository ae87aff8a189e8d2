"""A real terminal server with a real shell, used by its own client."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from webterm import TerminalClient, TerminalClosed
from webterm.testing import RunningServer, run_server

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

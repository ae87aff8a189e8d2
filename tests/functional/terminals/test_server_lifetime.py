"""A real terminal server that ends by itself, and says why."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from webterm import TerminalClosed
from webterm.testing import RunningServer, example_launch, run_server


def last_words(folder: Path) -> tuple[str, int]:
    """Return reason and status of the last line of the log."""
    line = (folder / "webterm.log").read_text().splitlines()[-1]
    words = json.loads(line.partition(" ended ")[2])
    return words["reason"], words["status"]


def test_unused_terminal_warns_and_ends(tmp_path: Path) -> None:
    """Nobody does anything: words in the page and in the terminal, then the end."""
    with run_server(tmp_path, idle_s=1) as server:
        with server.open() as terminal:
            said = terminal.read_until("because nobody uses it. Press Enter to keep it")
            warning = terminal.warning

            assert terminal.wait_for_exit() == 128 + signal.SIGHUP
            assert terminal.reason == "idle"
        server.process.wait(10)

    assert (terminal.welcome.idle_s, terminal.welcome.max_age_s) == (1, 0)
    assert said.count(b"This terminal ends in 1 seconds") == 1
    assert warning == ("idle", 1)
    assert last_words(tmp_path) == ("idle", 129)


def test_page_that_changes_its_size_is_no_use(tmp_path: Path) -> None:
    """A prompt that bash draws anew in a new window does not call the end off."""
    argv = ("/bin/bash", "--norc", "--noprofile", "-i")
    with run_server(tmp_path, argv=argv, idle_s=2) as server, server.open() as page:
        page.read_until("Press Enter")
        drawn = page.seen
        page.resize(16, 60)
        while page.seen == drawn:
            page.read_some()

        assert page.wait_for_exit() == 128 + signal.SIGHUP
        assert (page.reason, page.warning.reason) == ("idle", "idle")


def test_wish_to_live_on_is_granted(tmp_path: Path) -> None:
    """A click by any viewer calls the end off."""
    with (
        run_server(tmp_path, idle_s=2) as server,
        server.open() as terminal,
        server.open() as page,
    ):
        terminal.read_until("Press Enter")
        warned = terminal.warning.reason
        page.keep()
        page.send("not the writer\n")
        while terminal.warning.reason:
            terminal.read_some()
        terminal.send("echo al''ive\n")

        assert warned == "idle"
        assert terminal.read_until("alive\r\n")


def test_who_comes_late_is_warned(tmp_path: Path) -> None:
    """A page that is opened shortly before the end is told at once."""
    with run_server(tmp_path, idle_s=2) as server:
        with server.open() as terminal:
            terminal.read_until("Press Enter")
        with server.open(seen=terminal.seen) as page:
            while not page.warning.reason:
                page.read_some()

            assert page.warning.reason == "idle"
            assert page.wait_for_exit() == 128 + signal.SIGHUP


def test_job_in_the_foreground_is_use(tmp_path: Path) -> None:
    """What computes in silence lives; nothing is written over it."""
    with run_server(tmp_path, idle_s=1) as server, server.open() as terminal:
        terminal.send("PS1=; sleep 1.6; echo al''ive\n")
        said = terminal.read_until("alive\r\n")

        assert b"This terminal" not in said
        terminal.wait_for_exit()
        assert terminal.reason == "idle"


def test_age_ends_a_busy_terminal(tmp_path: Path) -> None:
    """At its greatest age a terminal ends with what it does."""
    with run_server(tmp_path, max_age_s=1) as server:
        with server.open() as terminal:
            terminal.send("sleep 1000\n")
            terminal.wait_for_exit()

            assert terminal.reason == "age"
            assert terminal.warning.reason == "age"
            assert b"This terminal" not in terminal.read()
        server.process.wait(10)

    assert last_words(tmp_path)[0] == "age"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stop_is_told(tmp_path: Path, number: signal.Signals) -> None:
    """A terminal that is stopped says so, to viewers and in its log."""
    with run_server(tmp_path) as server:
        with server.open() as terminal:
            server.process.send_signal(number)
            terminal.wait_for_exit()

            assert terminal.reason == "stopped"
        server.process.wait(10)

    assert last_words(tmp_path) == ("stopped", 129)


def test_exit_is_told(tmp_path: Path) -> None:
    """A shell that ends by itself is no case for worry."""
    with run_server(tmp_path) as server:
        with server.open() as terminal:
            terminal.send("exit 5\n")
            terminal.wait_for_exit()

            assert terminal.reason == "exit"
        server.process.wait(10)

    assert last_words(tmp_path) == ("exit", 5)


def test_nobody_needs_to_watch_the_end(tmp_path: Path) -> None:
    """Without a viewer a terminal ends just the same, at once."""
    with run_server(tmp_path, idle_s=1) as server:
        started = time.monotonic()

        assert server.process.wait(10) == 129
        assert time.monotonic() - started < 4


def test_socket_is_handed_over(tmp_path: Path) -> None:
    """A server without a network is reached by the socket that a door gave it."""
    path = tmp_path / "door.sock"
    door = subprocess.Popen(
        [
            *(sys.executable, "-m", "webterm.door"),
            *("--address", "127.0.0.1", "--socket", str(path)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    key = Ed25519PrivateKey.generate()
    launch = example_launch(key, socket_fd=None, handover=str(path), home="/tmp")  # noqa: S108 - a home for the shell
    with (tmp_path / "webterm.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "webterm", "--launch-variable", "IPT_LAUNCH"],
            env={**os.environ, "IPT_LAUNCH": json.dumps(asdict(launch))},
            stderr=log,
        )
    assert door.stdout is not None
    port = int(door.stdout.read().removeprefix("port "))
    server = RunningServer(launch, port, process, key)
    with server.open() as terminal:
        assert terminal.run("echo $IPT_LAUNCH; pwd") == (0, "\n/tmp\n")
        terminal.send("exit\n")
        terminal.wait_for_exit()

    assert (door.wait(10), process.wait(10)) == (0, 0)
    assert not path.exists()
    assert last_words(tmp_path)[0] == "exit"
    door.stdout.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Usage: python -m webterm"),
        (["--launch"], "Usage: python -m webterm"),
        (["--launch", "/does/not/exist.json"], "exist.json can't be read: No such"),
        (["--launch-variable", "NOTHING"], "NOTHING is not set."),
    ],
)
def test_wrong_arguments_are_a_usage_error(arguments: list[str], message: str) -> None:
    """A server that was told nothing says what it wants, and where it looked."""
    done = subprocess.run(
        [sys.executable, "-m", "webterm", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert message in done.stderr


def test_ended_terminal_refuses_nobody_who_was_there(tmp_path: Path) -> None:
    """After the exit frame the connection closes in good order."""
    with run_server(tmp_path, idle_s=1) as server, server.open() as terminal:
        terminal.wait_for_exit()
        terminal.read()
        with pytest.raises(TerminalClosed, match="1000 The shell ended"):
            terminal.read()

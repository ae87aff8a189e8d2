"""Terminal servers in trouble: no descriptors, no disk, no time, no terminal."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from webterm.testing import RunningServer, run_server

TICK = os.sysconf("SC_CLK_TCK")
IMMORTAL = """
import os, select, socket
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from webterm.loop import Loop
from webterm.spawn import spawn
from webterm.terminal import Terminal
from webterm.testing import example_launch
hours = [0]
def wait():
    hours[0] += 1
    loop.call_later(0, wait)
loop = Loop(lambda: hours[0] * 3600)
spawned = spawn(("/bin/sh", "-c", "trap '' HUP; echo on; exec sleep 60"), {}, "/")
select.select([spawned.master], [], [])
os.setuid(12345)
launch = example_launch(Ed25519PrivateKey.generate())
terminal = Terminal(launch, socket.create_server(("127.0.0.1", 0)), spawned, loop)
terminal.end("stopped")
wait()
loop.run()
terminal.close()
print(spawned.pid, terminal.status, terminal.reason)
"""


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[RunningServer]:
    with run_server(tmp_path) as server:
        yield server


def processor_time(server: RunningServer) -> float:
    """Return the seconds that a server has computed."""
    text = Path(f"/proc/{server.process.pid}/stat").read_text()
    user, system = text.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICK


def work_of(server: RunningServer, seconds: float) -> float:
    """Return how much of its time a server computes."""
    before = processor_time(server)
    time.sleep(seconds)
    return (processor_time(server) - before) / seconds


def test_lack_of_descriptors_is_waited_out(
    server: RunningServer, tmp_path: Path
) -> None:
    """A server that can take no connection rests, and takes the next one later."""
    with server.open() as terminal:
        # Nine are its own, its terminal and this client.
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (16, 16))
        with contextlib.ExitStack() as opened:
            for _ in range(30):
                peer = socket.create_connection(("127.0.0.1", server.port))
                opened.enter_context(peer)
            work = work_of(server, 0.5)
            assert terminal.run("echo on") == (0, "on\n")
        with server.open(timeout=5) as other:
            assert other.viewers == 2

    assert work < 0.3
    assert "refused a client: no_descriptor_left" in log_of(tmp_path)


def test_deaf_program_costs_nothing(server: RunningServer) -> None:
    """Typing that nobody reads, a program that closes its terminal: no spinning."""
    with server.open() as terminal:
        terminal.send("stty raw -echo; echo d''eaf; sleep 0.3; cat > /dev/null\n")
        terminal.read_until("deaf")
        terminal.send("x" * 60_000)
        time.sleep(0.5)
        terminal.send("y")

        assert work_of(server, 0.5) < 0.3


def test_shell_may_close_and_open_its_terminal(tmp_path: Path) -> None:
    """A program that lets go of its terminal for a while is heard again."""
    script = "t=$(tty); exec <&- >&- 2>&-; sleep 0.2; exec <$t >$t; echo back; read x"
    with (
        run_server(tmp_path, argv=("/bin/sh", "-c", script)) as server,
        server.open() as terminal,
    ):
        assert terminal.read_until("back")
        terminal.send("\n")
        assert terminal.wait_for_exit() == 0


def test_signal_before_there_is_a_terminal_ends_it(tmp_path: Path) -> None:
    """Who is stopped while it waits for its socket ends, as process 1 too."""
    launch = tmp_path / "launch.json"
    with run_server(tmp_path) as server:
        text = launch.read_text()
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(10)
    handed = text.replace('"handover": ""', f'"handover": "{tmp_path}/never"')
    descriptor = f'"socket_fd": {server.launch.socket_fd}'
    launch.write_text(handed.replace(descriptor, '"socket_fd": null'))
    waiting = subprocess.Popen([sys.executable, "-m", "webterm", "--launch", launch])
    caught = Path(f"/proc/{waiting.pid}/status")
    while not signals_caught(caught) & 1 << (signal.SIGTERM - 1):
        time.sleep(0.01)
    waiting.terminate()

    assert waiting.wait(10) == 128 + signal.SIGTERM


def test_full_disk_ends_no_terminal(tmp_path: Path) -> None:
    """Where the log can't be written, people work on."""
    (tmp_path / "webterm.log").symlink_to("/dev/full")
    with run_server(tmp_path) as server:
        with server.open() as terminal:
            assert terminal.run("echo on") == (0, "on\n")
            terminal.send("exit 3\n")
            assert terminal.wait_for_exit() == 3

        assert server.process.wait(10) == 3


def test_replaced_shell_and_its_orphans(server: RunningServer) -> None:
    """A program in the shell's place is the shell; who has left is not waited for."""
    with server.open() as terminal:
        terminal.send("setsid sh -c 'trap \"\" HUP; sleep 5' & exec sh -c 'exit 4'\n")

        assert terminal.wait_for_exit() == 4
    started = time.monotonic()
    assert server.process.wait(10) == 4
    assert time.monotonic() - started < 4


def test_last_output_is_whole_beside_a_background_job(server: RunningServer) -> None:
    """All that the shell has said comes, though somebody else holds the terminal."""
    with server.open() as terminal:
        terminal.send("stty -echo; PS1=; echo go; (sleep 3)& seq 1 20000; exit\n")
        terminal.read_until("go\r\n")
        terminal.wait_for_exit()
        lines = terminal.read().split(b"\r\n")

    assert [line for line in lines if line.isdigit()] == [
        str(number).encode() for number in range(1, 20001)
    ]


@pytest.mark.parametrize("linger", [0, 1])
def test_reset_is_an_end(server: RunningServer, linger: int) -> None:
    """A line that is torn, politely or not, costs nobody else anything."""
    with server.open() as good:
        torn = server.open()
        torn.send("echo x\n")
        option = linger.to_bytes(4, sys.byteorder) + bytes(4)
        torn._connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
        torn._connection.socket.close()
        while good.viewers != 1:
            good.read_some()

        assert good.run("echo on") == (0, "on\n")


def test_client_that_claims_to_have_seen_all_gets_what_there_is(
    server: RunningServer,
) -> None:
    """Numbers up to the largest are taken, and answered by the truth."""
    with server.open() as terminal:
        terminal.run("echo on")
    with server.open(seen=2**63 - 1) as liar:
        assert liar.welcome.start == 0
        # Far more than a window: it has to acknowledge what it sees, not what it said.
        liar.send("seq 1 200000; echo d''one\n")
        assert liar.read_until("done\r\n")


def signals_caught(status: Path) -> int:
    """Return the set of signals that a process handles."""
    with contextlib.suppress(OSError, IndexError):
        return int(status.read_text().split("SigCgt:")[1].split()[0], 16)
    return 0


def log_of(folder: Path) -> str:
    """Return what was logged."""
    return (folder / "webterm.log").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user's shell")
def test_shell_that_can_not_be_ended_is_given_up() -> None:
    """The server ends whatever its shell does; the host ends what is left."""
    done = subprocess.run(
        [sys.executable, "-c", IMMORTAL],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=30,
        check=False,
    )
    pid, status, reason = done.stdout.split()
    os.kill(int(pid), signal.SIGKILL)

    assert (int(status), reason) == (137, b"stopped")

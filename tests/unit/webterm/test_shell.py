"""Our end of a pseudo-terminal, with real ones and with real programs on them."""

import os
import signal
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from webterm.loop import Loop
from webterm.shell import MOST_PENDING_INPUT, REST_SECONDS, InputStuck, Shell
from webterm.spawn import Spawned, spawn

NOBODY = 1 << 22
DEADLINE = 10.0
ENV = {"PATH": "/usr/bin:/bin"}
STRANGERS_SHELL = """
import os, select
from webterm.loop import Loop
from webterm.shell import Shell
from webterm.spawn import spawn
spawned = spawn(("/bin/sh", "-c", "echo on; exec sleep 60"), {}, "/")
select.select([spawned.master], [], [])
shell = Shell(Loop(), spawned, on_output=print, on_ended=print)
os.setuid(12345)
shell.hangup()
shell.kill()
print(os.waitstatus_to_exitcode(os.waitpid(spawned.pid, 0)[1]))
"""


class CountingLoop(Loop):
    """A loop that knows how often it was woken."""

    turns = 0

    def _turn(self) -> None:
        self.turns += 1
        super()._turn()


@dataclass
class Stage:
    """A loop with a clock of its own, and what a shell tells."""

    time: float = 0.0
    output: bytes = b""
    ends: list[int] = field(default_factory=list)
    shells: list[Shell] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loop = CountingLoop(lambda: self.time)

    def shell(self, spawned: Spawned) -> Shell:
        """Watch a shell."""
        shell = Shell(
            self.loop, spawned, on_output=self._note, on_ended=self.ends.append
        )
        self.shells.append(shell)
        return shell

    def run(self, *argv: str) -> Shell:
        """Start a program, and watch it."""
        return self.shell(spawn(argv, ENV, "/"))

    def settle(self, seconds: float = 0.0) -> int:
        """Let time pass; return how often the loop was woken for it."""
        self.time += seconds
        before = self.loop.turns
        for _ in range(20):
            self.loop.call_later(0, self.loop.stop)
            self.loop._running = True
            self.loop.run()
        # Nothing but these is due, so whatever wakes it now is a descriptor.
        quiet = self.loop.turns
        self.loop._selector.select(0.02)
        return quiet - before

    def restless(self) -> bool:
        """Return whether the loop would be woken again and again."""
        return all(self.loop._selector.select(0.05) for _ in range(3))

    def until(self, done: Callable[[], bool]) -> None:
        """Run until something is the case."""
        deadline = time.monotonic() + DEADLINE
        while not done():
            assert time.monotonic() < deadline, self.output
            self.settle()

    def reap(self, shell: Shell) -> None:
        """Wait for the end of a program, and tell."""
        shell.reaped(os.waitpid(shell.pid, 0)[1])

    def _note(self, data: bytes) -> None:
        self.output += data


@pytest.fixture(name="stage")
def _stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    for shell in stage.shells:
        shell.close()
        if shell.status is None and shell.pid != NOBODY:
            os.killpg(shell.pid, signal.SIGKILL)
            os.waitpid(shell.pid, 0)
    stage.loop.close()


@dataclass
class Line:
    """A terminal whose program is the test itself."""

    shell: Shell
    program: int


@pytest.fixture(name="line")
def _line(stage: Stage) -> Iterator[Line]:
    master, program = os.openpty()
    os.set_blocking(master, False)
    os.set_blocking(program, False)
    tty.setraw(program)
    line = Line(stage.shell(Spawned(NOBODY, master)), program)
    yield line
    if line.program >= 0:
        os.close(line.program)


def jam(line: Line) -> int:
    """Type until the program's end takes no more; return how much that was."""
    typed = 0
    while not line.shell.pending:
        line.shell.write(b"x" * 1000)
        typed += 1000
    return typed


def read_all(descriptor: int) -> bytes:
    """Return what a program finds typed."""
    read = b""
    try:
        while part := os.read(descriptor, 65536):
            read += part
    except BlockingIOError:
        pass
    return read


def test_typing_into_a_jam_arrives_in_order(stage: Stage, line: Line) -> None:
    """What a program does not read at once is kept for it."""
    typed = jam(line)
    line.shell.write(b"end")
    read = b""
    for _ in range(5):
        read += read_all(line.program)
        stage.settle()

    assert read == b"x" * typed + b"end"
    assert line.shell.pending == 0


def test_end_of_a_jam_is_the_end_of_waking(stage: Stage, line: Line) -> None:
    """Typing that empties what waited leaves nobody asking to write."""
    jam(line)
    read_all(line.program)
    line.shell.write(b"more")

    assert line.shell.pending == 0
    assert not stage.restless()


def test_too_much_for_a_deaf_program_is_refused(line: Line) -> None:
    """A megabyte is kept, and no more."""
    jam(line)

    with pytest.raises(InputStuck):
        line.shell.write(b"x" * MOST_PENDING_INPUT)


def test_held_shell_is_not_read(stage: Stage, line: Line) -> None:
    """Output stays in the program's terminal until it is wanted."""
    line.shell.pause()
    os.write(line.program, b"later")
    stage.settle()
    early = stage.output
    line.shell.resume()
    stage.settle()

    assert (early, stage.output) == (b"", b"later")


@pytest.mark.parametrize("held", [False, True])
def test_terminal_without_programs_rests(
    stage: Stage, line: Line, *, held: bool
) -> None:
    """Where all have closed it nothing spins, whatever was typed before."""
    jam(line)
    if held:
        line.shell.pause()
    os.close(line.program)
    line.program = -1
    stage.settle()

    assert not stage.restless()
    stage.settle(REST_SECONDS)
    assert not stage.restless()


def test_terminal_may_be_opened_again(stage: Stage, line: Line) -> None:
    """A shell that closes its terminal and opens it by its name is heard again."""
    name = os.ttyname(line.program)
    os.close(line.program)
    line.program = -1
    stage.settle()
    line.program = os.open(name, os.O_RDWR | os.O_NOCTTY)
    os.write(line.program, b"back")
    stage.settle(REST_SECONDS)

    assert stage.output == b"back"


def test_size_of_a_closed_terminal_is_nobodys(line: Line) -> None:
    """A window that changes after the end does no harm."""
    line.shell.resize(10, 20)
    size = termios.tcgetwinsize(line.program)
    line.shell.close()
    line.shell.resize(30, 40)
    line.shell.write(b"x")
    line.shell.resume()

    assert size == (10, 20)
    assert not line.shell.is_busy()


def test_last_words_are_read_at_the_end(stage: Stage) -> None:
    """A shell that is gone before its output was read is heard to the end."""
    shell = stage.run("/bin/sh", "-c", "echo last words; exit 3")
    shell.pause()
    stage.reap(shell)

    assert stage.output.endswith(b"last words\r\n")
    assert (stage.ends, shell.status) == ([3], 3)


def test_end_by_a_signal_is_told(stage: Stage) -> None:
    """As in a shell: 128 and the signal's number."""
    shell = stage.run("/bin/sleep", "60")
    stage.settle()
    shell.kill()
    stage.reap(shell)
    shell.kill()
    shell.hangup()

    assert stage.ends == [128 + signal.SIGKILL]


def test_background_writer_does_not_delay_the_end(stage: Stage) -> None:
    """Who holds the terminal after its shell is not listened to for ever."""
    flood = "trap '' HUP; yes & sleep 0.05; exit 0"
    shell = stage.run("/bin/sh", "-c", flood)
    stage.until(lambda: b"y" in stage.output)
    shell.pause()
    started = time.monotonic()
    stage.reap(shell)

    assert stage.ends == [0]
    assert time.monotonic() - started < 5


def test_job_in_the_foreground_is_seen(stage: Stage) -> None:
    """A job counts while it runs before the shell; behind it or stopped it does not."""
    shell = stage.run("/bin/bash", "--norc", "--noediting", "-i")

    def is_stopped() -> bool:
        # A job that has only just been put in front may not hear it yet.
        shell.write(b"\x1a")
        return b"Stopped" in stage.output

    shell.write(b"PS1='pro''mpt '\n")
    stage.until(lambda: b"prompt " in stage.output)
    at_prompt = shell.is_busy()
    shell.write(b"sleep 60\n")
    stage.until(shell.is_busy)
    stage.until(is_stopped)
    stage.until(lambda: not shell.is_busy())
    shell.write(b"bg; echo beh''ind\n")
    stage.until(lambda: b"behind" in stage.output)
    stage.until(lambda: not shell.is_busy())
    shell.write(b"kill %1\n")
    shell.hangup()
    stage.reap(shell)

    assert not at_prompt
    assert stage.ends == [128 + signal.SIGHUP]


def test_hangup_reaches_a_stopped_job(stage: Stage) -> None:
    """What is stopped in the foreground is woken to hear of the end."""
    shell = stage.run("/bin/sh", "-c", "echo on; kill -STOP $$; echo off")
    stage.until(lambda: b"on" in stage.output)
    shell.hangup()
    stage.reap(shell)

    assert stage.ends == [128 + signal.SIGHUP]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user's shell")
def test_shell_of_somebody_else_is_hung_up_on() -> None:
    """What must not be signalled is let go of, and the kernel ends it."""
    done = subprocess.run(
        [sys.executable, "-c", STRANGERS_SHELL],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.stdout == f"{-signal.SIGHUP}\n", done.stderr

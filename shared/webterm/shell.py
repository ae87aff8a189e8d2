"""The shell and its pseudo-terminal, on an event loop.

The shell leads a session of its own, inherits the pseudo-terminal and nothing else,
and ends with its server.
"""

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

READ_BYTES = 64 * 1024
# A program that reads nothing gets this much typed ahead and no more.
MOST_PENDING_INPUT = 1 << 20
# Linux's flag for erasing whole UTF-8 characters; the termios module lacks its name.
IUTF8 = 0o40000
NOT_STARTED = 127


class InputStuck(Exception):
    """The program in the terminal does not read, and more was typed than is kept."""


@dataclass(frozen=True)
class Spawned:
    """A shell that runs: its process and our end of its pseudo-terminal."""

    pid: int
    master: int


def spawn(argv: "Sequence[str]", env: "Mapping[str, str]", cwd: str) -> Spawned:
    """Start a program on a new pseudo-terminal."""
    pid, master = pty.fork()
    if pid == 0:
        become(argv, env, cwd)
    os.set_blocking(master, False)
    if sys.platform == "linux":
        mode = termios.tcgetattr(master)
        mode[0] |= IUTF8
        termios.tcsetattr(master, termios.TCSANOW, mode)
    return Spawned(pid, master)


def become(argv: "Sequence[str]", env: "Mapping[str, str]", cwd: str) -> NoReturn:
    """Turn the forked child into the program; never returns into the server."""
    try:
        # What the server or whoever started it ignores (a background job of sh
        # ignores SIGINT) would stay ignored in every program of the user.
        for number in signal.valid_signals():
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        os.umask(0o022)
        with contextlib.suppress(OSError):
            os.chdir(cwd)
        os.execve(argv[0], list(argv), dict(env))  # noqa: S606 - a shell is the point
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\r\n".encode())
    finally:
        os._exit(NOT_STARTED)


class Shell:
    """Reads and writes a shell's pseudo-terminal without ever waiting for it.

    Attributes:
        pid: The shell's process.
        status: Its exit status once it ended, 128 + n where signal n ended it.
    """

    def __init__(
        self,
        spawned: Spawned,
        *,
        on_output: "Callable[[bytes], None]",
        on_ended: "Callable[[int], None]",
    ) -> None:
        self.pid = spawned.pid
        self.status: int | None = None
        self._master = spawned.master
        self._on_output = on_output
        self._on_ended = on_ended
        self._loop = asyncio.get_running_loop()
        self._pending = bytearray()
        self._open = True
        self._reading = False
        self.resume()

    def pause(self) -> None:
        """Stop reading; the program is held up once its buffer is full."""
        if self._reading:
            self._loop.remove_reader(self._master)
            self._reading = False

    def resume(self) -> None:
        """Read on."""
        if self._open and not self._reading:
            self._loop.add_reader(self._master, self._read)
            self._reading = True

    def write(self, data: bytes) -> None:
        """Type.

        Raises:
            InputStuck: The program does not read; what was typed now is dropped.
        """
        if len(self._pending) + len(data) > MOST_PENDING_INPUT:
            raise InputStuck
        if not self._open:
            return
        self._pending += data
        self._flush()

    def resize(self, rows: int, columns: int) -> None:
        """Tell the programs how large the window is."""
        if self._open:
            size = struct.pack("HHHH", rows, columns, 0, 0)
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def hangup(self) -> None:
        """Ask the shell and what runs in its foreground to end."""
        if self.status is not None:
            return
        groups = {self.pid}
        if self._open:
            # ESRCH and ENOTTY: nobody is in the foreground any more.
            with contextlib.suppress(OSError):
                groups.add(os.tcgetpgrp(self._master))
        for group in groups - {0}:
            for number in (signal.SIGHUP, signal.SIGCONT):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, number)

    def kill(self) -> None:
        """End the shell at once."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def reaped(self, wait_status: int) -> None:
        """Take note that the shell's process ended: its last output, its status."""
        code = os.waitstatus_to_exitcode(wait_status)
        self.status = code if code >= 0 else 128 - code
        if self._open:
            # A background program may hold the other end and write on for ever:
            # one buffer is what the shell itself can have left behind.
            self._read_up_to(READ_BYTES)
        self.close()
        self._on_ended(self.status)

    def close(self) -> None:
        """Let go of the pseudo-terminal; the kernel hangs up on who is left."""
        if self._open:
            self.pause()
            self._loop.remove_writer(self._master)
            self._open = False
            self._pending.clear()
            os.close(self._master)

    def _read(self) -> None:
        if not self._read_once(READ_BYTES):
            # All other ends are closed: the shell's own end is at hand.
            self.pause()

    def _read_once(self, most: int) -> int:
        try:
            data = os.read(self._master, most)
        except BlockingIOError:
            return 1
        except OSError:
            return 0
        if data:
            self._on_output(data)
        return len(data)

    def _read_up_to(self, most: int) -> None:
        with contextlib.suppress(OSError):
            while most > 0 and (data := os.read(self._master, most)):
                most -= len(data)
                self._on_output(data)

    def _flush(self) -> None:
        try:
            written = os.write(self._master, self._pending)
        except BlockingIOError:
            written = 0
        except OSError:
            written = len(self._pending)
        del self._pending[:written]
        if self._pending:
            self._loop.add_writer(self._master, self._flush)
        else:
            self._loop.remove_writer(self._master)

"""The shell and its pseudo-terminal, on an event loop.

The shell leads a session of its own, inherits the pseudo-terminal and nothing else,
and ends with its server.
"""

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

from .loop import READ, WRITE
from .syscalls import filter_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .launch import Launch
    from .loop import Loop

# Most output taken at a time, so that what is typed is not kept waiting.
READ_BYTES = 64 * 1024
# The kernel gives a page at a time; less than half of one was all that was there.
SMALL_BYTES = 2048
LAST_BYTES = 4 * READ_BYTES
# A program that reads nothing gets this much typed ahead and no more.
MOST_PENDING_INPUT = 1 << 20
# Linux's flag for erasing whole UTF-8 characters; the termios module lacks its name.
IUTF8 = 0o40000
NOT_STARTED = 127
DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


class InputStuck(Exception):
    """The program in the terminal does not read, and more was typed than is kept."""


@dataclass(frozen=True)
class Spawned:
    """A shell that runs: its process and our end of its pseudo-terminal."""

    pid: int
    master: int


def shell_environment(launch: "Launch", path: str) -> dict[str, str]:
    """Return the shell's whole environment: nothing of the server's own but PATH."""
    return {
        "HOME": launch.home,
        "USER": launch.user,
        "LOGNAME": launch.user,
        "SHELL": launch.shell[0],
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PATH": path or DEFAULT_PATH,
    }


def spawn(
    argv: "Sequence[str]", env: "Mapping[str, str]", cwd: str, calls: bytes = b""
) -> Spawned:
    """Start a program on a new pseudo-terminal.

    Args:
        argv: The program and its arguments.
        env: Its whole environment.
        cwd: Its folder, if it can be entered.
        calls: A filter of system calls for it; see `webterm.syscalls`.
    """
    pid, master = pty.fork()
    if pid == 0:
        become(argv, env, cwd, calls)
    os.set_blocking(master, False)
    if sys.platform == "linux":
        mode = termios.tcgetattr(master)
        mode[0] |= IUTF8
        termios.tcsetattr(master, termios.TCSANOW, mode)
    return Spawned(pid, master)


def become(
    argv: "Sequence[str]", env: "Mapping[str, str]", cwd: str, calls: bytes = b""
) -> NoReturn:
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
        filter_calls(calls)
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
        loop: "Loop",
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
        self._loop = loop
        self._pending = bytearray()
        self._open = True
        self._reading = True
        self._watch()

    def pause(self) -> None:
        """Stop reading; the program is held up once its buffer is full."""
        if self._reading:
            self._reading = False
            self._watch()

    def resume(self) -> None:
        """Read on."""
        if not self._reading:
            self._reading = True
            self._watch()

    @property
    def pending(self) -> int:
        """How many typed bytes the program has not read."""
        return len(self._pending)

    def is_busy(self) -> bool:
        """Return whether something else than the shell is in the foreground."""
        try:
            return self._open and os.tcgetpgrp(self._master) not in {0, self.pid}
        except OSError:
            return False

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
        if self._pending:
            self._watch()

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
            # a few buffers are what the shell itself can have left behind.
            self._read(LAST_BYTES, small=1)
        self.close()
        self._on_ended(self.status)

    def close(self) -> None:
        """Let go of the pseudo-terminal; the kernel hangs up on who is left."""
        if self._open:
            self._loop.forget(self._master)
            self._open = False
            self._pending.clear()
            os.close(self._master)

    def _watch(self) -> None:
        if not self._open:
            return
        events = (READ if self._reading else 0) | (WRITE if self._pending else 0)
        # Without any, the loop would still be woken by an end that is hung up.
        if events:
            self._loop.watch(self._master, events, self._on_event)
        else:
            self._loop.forget(self._master)

    def _on_event(self, events: int) -> None:
        if events & WRITE and self._pending:
            self._flush()
            self._watch()
        if events & ~WRITE and not self._read():
            # All other ends are closed: the shell's own end is at hand.
            self._reading = False
            self._pending.clear()
            self._watch()

    def _read(self, most: int = READ_BYTES, small: int = SMALL_BYTES) -> bool:
        """Take what is there, up to a limit; return false at the end."""
        parts: list[bytes] = []
        size, alive = 0, True
        while size < most:
            try:
                part = os.read(self._master, most - size)
            except BlockingIOError:
                break
            except OSError:
                part = b""
            if not part:
                alive = False
                break
            parts.append(part)
            size += len(part)
            if len(part) < small:
                break
        if parts:
            self._on_output(b"".join(parts))
        return alive

    def _flush(self) -> None:
        try:
            written = os.write(self._master, self._pending)
        except BlockingIOError:
            written = 0
        except OSError:
            written = len(self._pending)
        del self._pending[:written]

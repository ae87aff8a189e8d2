"""Our end of a shell's pseudo-terminal, and the shell's own end."""

import contextlib
import fcntl
import os
import signal
import struct
import termios
from typing import TYPE_CHECKING

from .loop import READ, WRITE

if TYPE_CHECKING:
    from collections.abc import Callable

    from .loop import Loop
    from .spawn import Spawned

# Most output taken at a time, so that what is typed is not kept waiting.
READ_BYTES = 64 * 1024
# The kernel gives a page at a time; less than half of one was all that was there.
SMALL_BYTES = 2048
# The kernel holds 19 kB of what a program has written; more would be somebody else's.
LAST_BYTES = 64 * 1024
# A program that reads nothing gets this much typed ahead and no more.
MOST_PENDING_INPUT = 1 << 20
# How soon to look again at a terminal that no program has open, or that takes nothing
# though it should: it would call for us without end.
REST_SECONDS = 0.5


class InputStuck(Exception):
    """The program in the terminal does not read, and more was typed than is kept."""


class Shell:
    """Reads and writes a shell's pseudo-terminal without ever waiting for it.

    Attributes:
        pid: The shell's process.
        status: Its exit status once it ended, 128 + n where signal n ended it.
    """

    def __init__(
        self,
        loop: "Loop",
        spawned: "Spawned",
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
        self._resting = False
        self._watched = 0
        self._watch()

    def pause(self) -> None:
        """Stop reading; the program is held up once its buffer is full."""
        self._reading = False
        self._watch()

    def resume(self) -> None:
        """Read on."""
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
        self._watch()

    def resize(self, rows: int, columns: int) -> None:
        """Tell the programs how large the window is."""
        size = struct.pack("HHHH", rows, columns, 0, 0)
        # Not every kernel lets one where no program has the terminal open.
        if self._open:
            with contextlib.suppress(OSError):
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
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(group, number)

    def kill(self) -> None:
        """End the shell at once."""
        if self.status is not None:
            return
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        except PermissionError:
            # Somebody else's by now (`exec sudo`); the kernel may still hang up on it.
            self.close()

    def reaped(self, wait_status: int) -> None:
        """Take note that the shell's process ended: its last output, its status."""
        code = os.waitstatus_to_exitcode(wait_status)
        self.status = code if code >= 0 else 128 - code
        if self._open:
            # A background program may hold the other end and write on for ever:
            # the kernel's buffer is all that the shell itself can have left behind.
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
        if self._resting:
            events = 0
        if events != self._watched:
            self._watched = events
            self._loop.watch(self._master, events, self._on_event)

    def _on_event(self, events: int) -> None:
        stuck = False
        if events & WRITE and self._pending:
            # Where nothing is to be read, a terminal without programs shows so.
            stuck = not self._flush() and not self._reading
        if events & READ and not self._read():
            # All other ends are closed.  Mostly the shell's own end is at hand, but
            # it or a child may open the terminal again, by its name.
            self._pending.clear()
            stuck = True
        if stuck:
            self._resting = True
            self._loop.call_later(REST_SECONDS, self._look_again)
        self._watch()

    def _look_again(self) -> None:
        self._resting = False
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

    def _flush(self) -> int:
        """Type what is pending; return how much was taken, or will never be."""
        try:
            written = os.write(self._master, self._pending)
        except BlockingIOError:
            return 0
        except OSError:
            written = len(self._pending)
        del self._pending[:written]
        return written

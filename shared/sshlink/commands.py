"""One command on a machine: its input, what it prints, how it ended."""

import contextlib
import select
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import paramiko

from .errors import SshRefused, SshSilent, hang_up, translated

__all__ = ["Output", "begin", "execute", "lives"]

# A program that the command left behind may hold its output open for ever.
LINGER_SECONDS: Final = 1.0
# While there is input to send only the machine can tell when it takes more.
SEND_SECONDS: Final = 0.01
STATUS_SECONDS: Final = 0.2
SIGNS_SECONDS: Final = 0.2
KILLED: Final = 255
_AT_ONCE: Final = 32 * 1024


@dataclass(frozen=True)
class Output:
    """How a command ended.

    Attributes:
        code: Its exit status; 255 where a signal ended it.
        out: What it printed.
        err: What it complained of.
    """

    code: int
    out: bytes
    err: bytes


def begin(channel: paramiko.Channel, order: Callable[[], None], seconds: float) -> None:
    """Have a channel's command or subsystem begin, and wait no longer than that.

    paramiko itself would wait for ever.

    Raises:
        SshRefused: The machine begins nothing.
        SshSilent: It does not answer.
    """
    late = threading.Event()

    def give_up() -> None:
        late.set()
        hang_up(channel)

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        with translated(begun=True):
            order()
    except SshSilent as error:
        if late.is_set() or not lives(channel):
            raise
        # Some servers say only now that they allow no more channels.
        raise SshRefused(str(error)) from error
    finally:
        timer.cancel()


def lives(channel: paramiko.Channel) -> bool:
    """Tell whether a channel's connection stands, where there are signs of its end."""
    transport = channel.get_transport()
    transport.join(SIGNS_SECONDS)
    return transport.is_active()


def execute(
    channel: paramiko.Channel, *, stdin: bytes = b"", seconds: float, most: int
) -> Output:
    """Wait for the end of a command.

    Args:
        channel: In which it has begun; the caller closes it.
        stdin: What it reads.
        seconds: That all of it may take.
        most: Bytes that it may print.

    Raises:
        SshSilent: It takes longer, prints more, or the line breaks.
    """
    deadline = time.monotonic() + seconds
    with translated(begun=True):
        run = _Run(channel, stdin, most)
        while not run.is_over():
            if time.monotonic() > deadline:
                raise SshSilent(f"a command takes over {seconds:g} s", begun=True)
            if not run.move():
                run.wait(deadline - time.monotonic())
    return run.output()


class _Run:
    def __init__(self, channel: paramiko.Channel, stdin: bytes, most: int) -> None:
        self._channel = channel
        self._left = memoryview(stdin)
        self._room = most
        self._out = bytearray()
        self._err = bytearray()
        self._ended: float | None = None
        self._poll = select.poll()
        self._poll.register(channel.fileno(), select.POLLIN)
        if not stdin:
            channel.shutdown_write()

    def is_over(self) -> bool:
        """Tell whether it ended, and all that it printed is here."""
        # In this order: what is printed at last comes before the end.
        return self._has_ended() and not (
            self._channel.recv_ready() or self._channel.recv_stderr_ready()
        )

    def _has_ended(self) -> bool:
        if self._channel.closed:
            return True
        if not self._channel.exit_status_ready():
            return False
        if self._ended is None:
            self._ended = time.monotonic()
        over = time.monotonic() - self._ended >= LINGER_SECONDS
        return over or bool(self._channel.eof_received)

    def move(self) -> bool:
        """Take what is there, give what is taken; tell whether there was any."""
        moved = False
        for ready, receive, into in (
            (self._channel.recv_ready, self._channel.recv, self._out),
            (self._channel.recv_stderr_ready, self._channel.recv_stderr, self._err),
        ):
            if ready():
                piece = receive(_AT_ONCE)
                into.extend(piece)
                self._room -= len(piece)
                moved = True
        if self._room < 0:
            raise SshSilent("a command prints without end", begun=True)
        return self._give() or moved

    def wait(self, seconds: float) -> None:
        """Wait until there may be something to do."""
        seconds = max(seconds, 0)
        if self._channel.eof_received and not self._left:
            self._channel.status_event.wait(seconds)
            return
        # Neither room for input nor the exit status shows in the poll.
        often = SEND_SECONDS if self._left else STATUS_SECONDS
        self._poll.poll(min(seconds, often) * 1000)

    def output(self) -> Output:
        """Return how it ended.

        Raises:
            SshSilent: Nobody knows, as the line broke.
        """
        code = self._channel.exit_status
        if code < 0:
            if not lives(self._channel):
                raise SshSilent("the line broke while a command ran", begun=True)
            code = KILLED
        return Output(code, bytes(self._out), bytes(self._err))

    def _give(self) -> bool:
        if not self._left or not self._channel.send_ready():
            return False
        try:
            sent = self._channel.send(bytes(self._left[:_AT_ONCE]))
        except OSError:
            # It ended without reading all of it.
            sent = 0
        self._left = self._left[sent:] if sent else memoryview(b"")
        if not self._left:
            with contextlib.suppress(OSError):
                self._channel.shutdown_write()
        return True

"""What types into a terminal and reads it: of a bare pty, of ours, of terminado.

All three are used alike, so that one measurement serves them all.
"""

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from bench.terminals.wire import BINARY, PATIENCE_S, TEXT, Wire

ROWS, COLUMNS = 24, 80
READ_BYTES = 1 << 16
# The protocol asks for one every 256 KiB at least.
ACKNOWLEDGE_BYTES = 1 << 17
SUBPROTOCOL = "ipt.terminal.v1"


class WrongResult(Exception):
    """Output was wrong, lost or doubled: what no speed makes up for."""


class Viewer(Protocol):
    """Whoever types into a terminal and reads what it says."""

    def type(self, data: bytes) -> None:
        """Type."""
        ...

    def read(self, timeout: float = PATIENCE_S) -> bytes:
        """Return the output that is there, waiting for some.

        Raises:
            TimeoutError: None came in time.
        """
        ...

    def close(self) -> None:
        """Go away."""
        ...


class BareViewer:
    """The floor: a program on a pty that this very process made, and a local loop."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        folder: str,
        descriptors: Sequence[int] = (),
    ) -> None:
        """Start the program.

        Args:
            argv: Program and arguments.
            env: Its environment.
            folder: Where it starts.
            descriptors: It inherits these.
        """
        self.pid, self.master = pty.fork()
        if not self.pid:
            try:
                os.chdir(folder)
                for descriptor in descriptors:
                    os.set_inheritable(descriptor, True)  # noqa: FBT003 - no keyword
                os.execvpe(argv[0], list(argv), dict(env))  # noqa: S606 - no shell
            finally:
                os._exit(127)
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def type(self, data: bytes) -> None:
        """Type."""
        os.write(self.master, data)

    def read(self, timeout: float = PATIENCE_S) -> bytes:
        """Return the output that is there, waiting for some.

        Raises:
            TimeoutError: None came in time.
        """
        if not select.select([self.master], [], [], timeout)[0]:
            raise TimeoutError("the pty said nothing")
        return os.read(self.master, READ_BYTES)

    def finish(self) -> None:
        """Have the shell end in good order, and wait until it has."""
        self.type(b"exit\r")
        with contextlib.suppress(OSError):  # no other end any more: it has ended
            while self.read():
                pass
        self.close()

    def close(self) -> None:
        """End the program and all that it started on its pty."""
        os.close(self.master)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class OurViewer:
    """A client of our terminal server.

    Attributes:
        wire: Its connection.
        seen: Number of the next byte that it expects.
        skipped: Bytes that the server says are lost to it.
    """

    def __init__(self, url: str, ticket: str, seen: int = 0) -> None:
        """Connect and say hello.

        Args:
            url: The terminal's address.
            ticket: A fresh one.
            seen: How much was read over an earlier connection.
        """
        self.wire = Wire(url, SUBPROTOCOL)
        self.seen = seen
        self.skipped = 0
        self._acknowledged = seen
        hello = {
            "type": "hello",
            "version": 1,
            "ticket": ticket,
            "seen": seen,
            "rows": ROWS,
            "columns": COLUMNS,
        }
        self.wire.send(TEXT, json.dumps(hello).encode())
        kind, frame = self.wire.receive()
        welcome = json.loads(frame)
        if kind != TEXT or welcome["type"] != "welcome":
            self.close()
            raise WrongResult(f"no welcome but {welcome}")
        self.seen, self.skipped = welcome["from"], welcome["skipped"]

    def type(self, data: bytes) -> None:
        """Type."""
        self.wire.send(BINARY, data)

    def read(self, timeout: float = PATIENCE_S) -> bytes:
        """Return the output that is there, waiting for some.

        Raises:
            TimeoutError: None came in time.
            WrongResult: Output is not in order.
        """
        deadline = time.monotonic() + timeout
        while True:
            kind, frame = self.wire.receive(deadline - time.monotonic())
            if kind == BINARY:
                return self._keep(frame)
            self._note(json.loads(frame))

    def close(self) -> None:
        """Break the connection off; the shell runs on."""
        self.wire.close()

    def _keep(self, frame: bytes) -> bytes:
        if int.from_bytes(frame[:8], "big") != self.seen:
            raise WrongResult("output is not in order")
        self.seen += len(frame) - 8
        if self.seen - self._acknowledged >= ACKNOWLEDGE_BYTES:
            self._acknowledged = self.seen
            self.wire.send(TEXT, b'{"type":"ack","seen":%d}' % self.seen)
        return frame[8:]

    def _note(self, values: dict[str, object]) -> None:
        if values["type"] == "skipped":
            self.skipped += int(str(values["skipped"]))
            self.seen = int(str(values["from"]))


class TerminadoViewer:
    """A client of terminado, which speaks JSON both ways.

    Attributes:
        wire: Its connection.
    """

    def __init__(self, url: str) -> None:
        """Connect and tell the window's size."""
        self.wire = Wire(url)
        self._send("set_size", ROWS, COLUMNS)

    def type(self, data: bytes) -> None:
        """Type."""
        self._send("stdin", data.decode())

    def read(self, timeout: float = PATIENCE_S) -> bytes:
        """Return the output that is there, waiting for some.

        Raises:
            TimeoutError: None came in time.
        """
        deadline = time.monotonic() + timeout
        while True:
            kind, *values = json.loads(
                self.wire.receive(deadline - time.monotonic())[1]
            )
            if kind == "stdout":
                return str(values[0]).encode()

    def close(self) -> None:
        """Break the connection off."""
        self.wire.close()

    def _send(self, *values: object) -> None:
        self.wire.send(TEXT, json.dumps(values).encode())


def read_until(viewer: Viewer, text: bytes, timeout: float = PATIENCE_S) -> bytes:
    """Return the output up to where a text stands, and what came with it.

    Raises:
        TimeoutError: It did not come in time; the message shows what did.
    """
    deadline = time.monotonic() + timeout
    said = b""
    while text not in said:
        try:
            said += viewer.read(max(0.0, deadline - time.monotonic()))
        except TimeoutError as error:
            raise TimeoutError(f"no {text!r} in time, but {said[-300:]!r}") from error
    return said


def clear_input(viewer: Viewer, quiet_s: float = 0.2) -> None:
    """Read until nothing has come for a while."""
    while True:
        try:
            viewer.read(quiet_s)
        except TimeoutError:
            return

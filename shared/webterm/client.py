r"""A terminal client for programs: tests, automation, benchmarks.

    with TerminalClient.connect(url, ticket) as terminal:
        status, output = terminal.run("gcc -fopenmp heat.c -o heat")
        terminal.send("./heat\n")
        terminal.read_until("step 100")
        terminal.send("\x03")

It blocks, acknowledges what it reads, and remembers what it has seen, so that
`reattach` goes on where a broken connection left off.
"""

import time
from typing import TYPE_CHECKING, Any, Self

from .command import Result, new_mark, to_text, type_command
from .known import Known
from .line import Line
from .protocol import FRAME_BYTES, decode_output, encode, encode_hello

if TYPE_CHECKING:
    from types import TracebackType

ACKNOWLEDGE_BYTES = 64 * 1024
TIMEOUT_SECONDS = 10.0


class TerminalClient(Known):
    """One connection to a terminal, and what is known of it."""

    def __init__(
        self, connection: Line, *, seen: int, acknowledge: bool, unread: bytes = b""
    ) -> None:
        super().__init__(seen)
        self._connection = connection
        self._acknowledge = acknowledge
        self._acknowledged = seen
        self._unread = bytearray(unread)

    @classmethod
    def connect(
        cls,
        url: str,
        ticket: str,
        *,
        origin: str | None = None,
        seen: int = 0,
        rows: int = 24,
        columns: int = 80,
        timeout: float = TIMEOUT_SECONDS,
        acknowledge: bool = True,
        unread: bytes = b"",
    ) -> Self:
        """Open a terminal.

        Args:
            url: The terminal's address, `ws://…`.
            ticket: A fresh ticket; it is used up.
            origin: What a browser would send as Origin; None for a program.
            seen: How much output was seen before.
            rows: Height of the window.
            columns: Width of the window.
            timeout: Seconds to wait for each of handshake and welcome.
            acknowledge: Whether to tell the server what has been read.
            unread: Output received by an earlier connection and not yet read.

        Raises:
            TerminalClosed: The server refused.
            TimeoutError: It did not answer in time.
        """
        connection = Line.open(url, origin, timeout)
        client = cls(connection, seen=seen, acknowledge=acknowledge, unread=unread)
        try:
            client._greet(ticket, rows, columns, timeout)
        except BaseException:
            client.close()
            raise
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: "TracebackType | None",
    ) -> None:
        self.close()

    def send(self, data: str | bytes) -> None:
        """Type; a newline is the Enter key.

        Raises:
            TerminalClosed: The connection is gone.
        """
        typed = data.encode() if isinstance(data, str) else data
        for start in range(0, len(typed), FRAME_BYTES):
            self._connection.send(typed[start : start + FRAME_BYTES])

    def resize(self, rows: int, columns: int) -> None:
        """Change the window.

        Raises:
            TerminalClosed: The connection is gone.
        """
        self._connection.send(encode("resize", rows=rows, columns=columns))

    def take(self) -> None:
        """Become the one who types.

        Raises:
            TerminalClosed: The connection is gone.
        """
        self._connection.send(encode("take"))

    def keep(self) -> None:
        """Have the terminal live on as if it had been used.

        Raises:
            TerminalClosed: The connection is gone.
        """
        self._connection.send(encode("keep"))

    def run(self, command: str, timeout: float = TIMEOUT_SECONDS) -> Result:
        """Run a command at the shell's prompt; return its status and its output.

        Standard error is in the output, which loses what is beyond the server's
        ring.  What was not read before is thrown away.

        Raises:
            TerminalClosed: The connection ended, or the shell did.
            TimeoutError: The command did not end in time, or no shell reads it.
        """
        mark = new_mark()
        deadline = time.monotonic() + timeout
        self.send(type_command(command, mark))
        self.read_until(f"{mark}:", timeout)
        output = self.read_until(f"{mark}=", deadline - time.monotonic())
        status = self.read_until(".", deadline - time.monotonic())
        return Result(int(status[:-1]), to_text(output[: -len(f"{mark}=")]))

    def acknowledge(self) -> None:
        """Tell the server what has been read.

        Raises:
            TerminalClosed: The connection is gone.
        """
        self._acknowledged = self.seen
        self._connection.send(encode("ack", seen=self.seen))

    def read(self, timeout: float = TIMEOUT_SECONDS) -> bytes:
        """Return the output that is there, waiting for some.

        Raises:
            TerminalClosed: The connection ended, and there is no more.
            TimeoutError: Nothing came in time.
        """
        deadline = time.monotonic() + timeout
        while not self._unread:
            self._receive(deadline)
        data = bytes(self._unread)
        self._unread.clear()
        return data

    def read_some(self, timeout: float = TIMEOUT_SECONDS) -> None:
        """Wait for one frame of any kind; output is kept for `read`.

        Raises:
            TerminalClosed: The connection ended.
            TimeoutError: Nothing came in time.
        """
        self._receive(time.monotonic() + timeout)

    def read_until(self, text: str | bytes, timeout: float = TIMEOUT_SECONDS) -> bytes:
        """Return the output up to and including a text; what follows is kept.

        Raises:
            TerminalClosed: The connection ended before the text came.
            TimeoutError: It did not come in time; the message shows what did.
        """
        wanted = text.encode() if isinstance(text, str) else text
        deadline = time.monotonic() + timeout
        searched = 0
        while (found := self._unread.find(wanted, searched)) < 0:
            searched = max(0, len(self._unread) - len(wanted) + 1)
            try:
                self._receive(deadline)
            except TimeoutError as error:
                tail = bytes(self._unread[-500:])
                raise TimeoutError(f"no {wanted!r} in time, but {tail!r}") from error
        end = found + len(wanted)
        data = bytes(self._unread[:end])
        del self._unread[:end]
        return data

    def wait_for_exit(self, timeout: float = TIMEOUT_SECONDS) -> int:
        """Return the shell's exit status once it ends; output is kept for `read`.

        Raises:
            TerminalClosed: The connection ended, the shell did not.
            TimeoutError: It did not end in time.
        """
        deadline = time.monotonic() + timeout
        while self.status is None:
            self._receive(deadline)
        return self.status

    def wait_for_writer(
        self, *, writer: bool, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        """Wait until this client is, or is no longer, the one who types.

        Raises:
            TerminalClosed: The connection ended.
            TimeoutError: It did not happen in time.
        """
        deadline = time.monotonic() + timeout
        while self.writer is not writer:
            self._receive(deadline)

    def reattach(self, url: str, ticket: str, **options: Any) -> Self:
        """Close this connection and open another that goes on where it was.

        Raises:
            TerminalClosed: The server refused.
            TimeoutError: It did not answer in time.
        """
        self.close()
        return type(self).connect(
            url, ticket, seen=self.seen, unread=bytes(self._unread), **options
        )

    def close(self) -> None:
        """End the connection; the shell runs on."""
        self._connection.close()

    def _greet(self, ticket: str, rows: int, columns: int, timeout: float) -> None:
        self._connection.send(encode_hello(ticket, self.seen, rows, columns))
        deadline = time.monotonic() + timeout
        while not self.welcome.launch:
            self._receive(deadline)
        # What was seen before may be more than there ever was.
        self._acknowledged = self.seen

    def _receive(self, deadline: float) -> None:
        frame = self._connection.receive(deadline)
        if isinstance(frame, str):
            self.note(frame)
            return
        position, data = decode_output(frame)
        self.count(position, data)
        self._unread += data
        if self._acknowledge and self.seen - self._acknowledged >= ACKNOWLEDGE_BYTES:
            self.acknowledge()

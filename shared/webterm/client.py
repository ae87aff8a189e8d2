r"""A terminal client for programs: tests, automation, benchmarks.

    with TerminalClient.connect(url, ticket) as terminal:
        status, output = terminal.run("gcc -fopenmp heat.c -o heat")
        terminal.send("./heat\n")
        terminal.read_until("step 100")
        terminal.send("\x03")

It blocks, acknowledges what it reads, and remembers what it has seen, so that
`reattach` goes on where a broken connection left off.
"""

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from .command import Result, new_mark, to_text, type_command
from .protocol import (
    FRAME_BYTES,
    NO_WARNING,
    SUBPROTOCOL,
    VERSION,
    EndWarning,
    decode_output,
    encode,
)

if TYPE_CHECKING:
    from types import TracebackType

    from websockets.typing import Origin, Subprotocol

ACKNOWLEDGE_BYTES = 64 * 1024
TIMEOUT_SECONDS = 10.0


class TerminalClosed(Exception):
    """The server ended or refused the connection.

    Attributes:
        code: The close code, 0 where there was no orderly close.
        reason: The server's word for it.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Welcome:
    """The server's answer to a hello."""

    launch: str
    start: int
    skipped: int
    writer: bool
    viewers: int
    idle_s: int = 0
    max_age_s: int = 0


class TerminalClient:
    """One connection to a terminal.

    Attributes:
        welcome: What the server said first.
        seen: Number of the next byte that it expects.
        skipped: Bytes that were lost to it, all together.
        writer: Whether its typing counts.
        viewers: How many are connected.
        status: The shell's exit status, once it ended.
        reason: Why it ended: `exit`, `idle`, `age` or `stopped`.
        warning: The end that is near, if one is.
        errors: The error frames that came, codes only.
    """

    def __init__(
        self,
        connection: ClientConnection,
        opened: ExitStack,
        *,
        acknowledge: bool,
        unread: bytes = b"",
    ) -> None:
        self.welcome = Welcome("", 0, 0, writer=False, viewers=0)
        self.seen = 0
        self.skipped = 0
        self.writer = False
        self.viewers = 0
        self.status: int | None = None
        self.reason = ""
        self.warning = NO_WARNING
        self.errors: list[str] = []
        self._connection = connection
        self._opened = opened
        self._acknowledge = acknowledge
        self._acknowledged = 0
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
        subprotocol: Subprotocol = SUBPROTOCOL  # type: ignore[assignment]
        page: Origin | None = origin  # type: ignore[assignment]
        opened = ExitStack()
        try:
            connection = opened.enter_context(
                connect(
                    url,
                    origin=page,
                    subprotocols=[subprotocol],
                    compression=None,
                    open_timeout=timeout,
                    max_size=None,
                    # The protocol's own window limits what is on its way here;
                    # a full queue would keep a close from being seen.
                    max_queue=None,
                    proxy=None,
                )
            )
        except InvalidHandshake as error:
            raise TerminalClosed(0, str(error)) from error
        client = cls(connection, opened, acknowledge=acknowledge, unread=unread)
        client.seen = client._acknowledged = seen
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
            self._send(typed[start : start + FRAME_BYTES])

    def resize(self, rows: int, columns: int) -> None:
        """Change the window.

        Raises:
            TerminalClosed: The connection is gone.
        """
        self._send(encode("resize", rows=rows, columns=columns))

    def take(self) -> None:
        """Become the one who types.

        Raises:
            TerminalClosed: The connection is gone.
        """
        self._send(encode("take"))

    def keep(self) -> None:
        """Have the terminal live on as if it had been used.

        Raises:
            TerminalClosed: The connection is gone.
        """
        self._send(encode("keep"))

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
        self._send(encode("ack", seen=self.seen))

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
        self._opened.close()

    def _greet(self, ticket: str, rows: int, columns: int, timeout: float) -> None:
        self._send(
            encode(
                "hello",
                version=VERSION,
                ticket=ticket,
                seen=self.seen,
                rows=rows,
                columns=columns,
            )
        )
        deadline = time.monotonic() + timeout
        while not self.welcome.launch:
            self._receive(deadline)

    def _send(self, frame: str | bytes) -> None:
        try:
            self._connection.send(frame)
        except ConnectionClosed as error:
            raise self._closed(error) from error

    def _receive(self, deadline: float) -> None:
        try:
            frame = self._connection.recv(max(0.0, deadline - time.monotonic()))
        except ConnectionClosed as error:
            raise self._closed(error) from error
        if isinstance(frame, str):
            self._note(json.loads(frame))
        else:
            self._keep(*decode_output(frame))

    def _closed(self, error: ConnectionClosed) -> TerminalClosed:
        close = error.rcvd
        return (
            TerminalClosed(close.code, close.reason) if close else TerminalClosed(0, "")
        )

    def _note(self, values: dict[str, Any]) -> None:
        match values["type"]:
            case "welcome":
                self.welcome = Welcome(
                    launch=values["launch"],
                    start=values["from"],
                    skipped=values["skipped"],
                    writer=values["writer"],
                    viewers=values["viewers"],
                    # An older server keeps no such limits.
                    idle_s=values.get("idle_s", 0),
                    max_age_s=values.get("max_age_s", 0),
                )
                self.writer, self.viewers = values["writer"], values["viewers"]
                self.skipped = values["skipped"]
                self.seen = values["from"]
            case "writer":
                self.writer, self.viewers = values["writer"], values["viewers"]
            case "skipped":
                self.skipped += values["skipped"]
                self.seen = values["from"]
            case "exit":
                self.status = values["status"]
                self.reason = values.get("reason", "")
            case "warning":
                self.warning = EndWarning(values["reason"], values["seconds"])
            case "error":
                self.errors.append(values["code"])
            case _:
                pass  # a newer server may say more

    def _keep(self, position: int, data: bytes) -> None:
        if position != self.seen:
            raise AssertionError("output is not in order")
        self._unread += data
        self.seen += len(data)
        if self._acknowledge and self.seen - self._acknowledged >= ACKNOWLEDGE_BYTES:
            self.acknowledge()

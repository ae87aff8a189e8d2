"""What a host and a server that is being started are connected by."""

import contextlib
import json
import os
import select
import socket
import time
from io import FileIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Pipes:
    """A terminal's socket, and pipes to and from the server that gets it.

    Attributes:
        listener: The terminal's socket.
    """

    def __init__(self, listener: socket.socket, content: bytes) -> None:
        self.listener = listener
        self._filter = open_content(content) if content else None
        self._their_go, self._our_go = open_pipe()
        self._our_report, self._their_report = open_pipe()

    @property
    def go(self) -> int:
        """The descriptor on which the server waits for its go."""
        return self._their_go.fileno()

    @property
    def report(self) -> int:
        """The descriptor to which bwrap reports."""
        return self._their_report.fileno()

    @property
    def filter(self) -> int | None:
        """The descriptor from which bwrap reads its filter, if it gets one."""
        return None if self._filter is None else self._filter.fileno()

    @property
    def theirs(self) -> tuple[int, ...]:
        """All descriptors that are handed down.

        The report's other end, too: bwrap would die of a report that nobody can read
        any more, and leave its child waiting for a word from it for ever.
        """
        unread = self._our_report.fileno()
        numbers = (self.listener.fileno(), self.go, self.report, unread, self.filter)
        return tuple(number for number in numbers if number is not None)

    def say_go(self) -> None:
        """Let the server begin."""
        self._our_go.write(b"g")

    def read_report(self, deadline: float) -> int:
        """Return the process that bwrap reports, 0 if it ends without a report."""
        text = b""
        while b"}" not in text:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._our_report], [], [], left)[0]:
                return 0
            part = self._our_report.read(4096)
            if not part:
                return 0
            text += part
        return int(json.loads(text)["child-pid"])

    def close_theirs(self) -> None:
        """Close our copies of what the server has, so that its end shows."""
        self.listener.close()
        self._their_go.close()
        self._their_report.close()
        if self._filter is not None:
            self._filter.close()

    def close(self) -> None:
        """Close everything; without a go the server ends."""
        self.close_theirs()
        self._our_go.close()
        self._our_report.close()


def open_pipe() -> tuple[FileIO, FileIO]:
    """Return both ends of a pipe, to read and to write."""
    reading, writing = os.pipe()
    return FileIO(reading, "r"), FileIO(writing, "w")


def open_content(content: bytes) -> FileIO:
    """Return a file in memory that holds something to read."""
    file = FileIO(os.memfd_create("filter"), "r+")
    file.write(content)
    file.seek(0)
    return file


@contextlib.contextmanager
def open_pipes(address: str, content: bytes = b"") -> "Iterator[Pipes]":
    """Listen on a free port, and make the pipes.

    Args:
        address: Where to listen.
        content: The filter for bwrap.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, 0), family=family, backlog=64)
    pipes = Pipes(listener, content)
    try:
        yield pipes
    finally:
        pipes.close()

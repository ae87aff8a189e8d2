"""The pipe from which an execution reads its binary message (spec: Abaco, A.7).

The first part of the message is there before the execution begins, as Abaco does it;
the rest follows while it reads, so that no size blocks anybody. After the last byte
the reader sees the end of the file, once it has opened the pipe at all.
"""

import contextlib
import fcntl
import os
import select
import threading
from pathlib import Path

_CAPACITY = 1 << 20
_CHUNK = 1 << 16
_PATIENCE_MS = 100
_PAUSE_S = 0.005


class Fifo:
    """A named pipe that gives away the content of a file, once.

    Args:
        path: of the pipe, which must not exist yet.
        source: file with the content.
        open_to_all: whether any user may read it.
    """

    def __init__(self, path: Path, source: Path, *, open_to_all: bool = False) -> None:
        self.path = path
        os.mkfifo(path, 0o600)
        if open_to_all:
            path.chmod(0o666)
        self._source = source.open("rb", buffering=0)
        self._left = b""
        self._closing = threading.Event()
        # A pipe without a reader takes nothing; this one reads nothing, and goes.
        both = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            with contextlib.suppress(OSError):
                fcntl.fcntl(both, fcntl.F_SETPIPE_SZ, _CAPACITY)
            self._writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            self._fill()
        finally:
            os.close(both)
        self._thread = threading.Thread(target=self._feed, name="actors-fifo")
        self._thread.start()

    def close(self) -> None:
        """Stop, whatever was read; the pipe is gone."""
        self._closing.set()
        self._thread.join()
        self.path.unlink(missing_ok=True)

    def _feed(self) -> None:
        poll = select.poll()
        poll.register(self._writer, select.POLLOUT)
        try:
            while not self._closing.is_set():
                events = poll.poll(_PATIENCE_MS)
                if any(event & select.POLLERR for _, event in events):
                    self._closing.wait(_PAUSE_S)  # nobody reads it yet, or any more
                elif (events or not self._left) and self._fill():
                    return
        finally:
            os.close(self._writer)
            self._source.close()

    def _fill(self) -> bool:
        """Write what fits; tell whether everything was written."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            while data := self._left or self._source.read(_CHUNK):
                self._left = data
                self._left = data[os.write(self._writer, data) :]
            return True
        return False

"""The socket and the pipe through which one execution speaks."""

import contextlib
import os
import selectors
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agave_local.services.actors.runner.base import FRAME_LIMIT, Task
from agave_local.services.actors.runner.logs import LogBuffer

if TYPE_CHECKING:
    from agave_local.services.actors.runner.parent import WarmParent

_READ = 1 << 16
_FRAME_BUFFER = 1 << 20
# A hostile or broken function may send without an end.
_FRAMES_PER_TURN = 32


class Channels:
    """Result socket, log pipe and deadline of one execution.

    Args:
        task: the execution.
        folder: private folder for the socket.
        deadline: on the monotonic clock, when it is ended by force.
    """

    def __init__(self, task: Task, folder: Path, deadline: float) -> None:
        self.task = task
        self.deadline = deadline
        self.parent: WarmParent | None = None
        self.log = LogBuffer()
        self.address = folder / task.execution_id
        self._frames = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._frames.settimeout(0)
        self._frames.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _FRAME_BUFFER)
        self._frames.bind(str(self.address))
        self._output, self._child_output = os.pipe()
        os.set_blocking(self._output, False)
        self._silent = False

    def register(self, selector: selectors.BaseSelector) -> None:
        """Have the selector watch both."""
        selector.register(self._frames, selectors.EVENT_READ, (self, "frames"))
        selector.register(self._output, selectors.EVENT_READ, (self, "output"))

    @contextlib.contextmanager
    def output_for_child(self) -> Iterator[int]:
        """Give the end of the pipe that the child writes to; closed afterwards."""
        try:
            yield self._child_output
        finally:
            os.close(self._child_output)

    def read_frames(self, limit: int = _FRAMES_PER_TURN) -> list[bytes]:
        """Read the frames that have come; what is over the size limit is cut off."""
        frames: list[bytes] = []
        with contextlib.suppress(OSError):
            while len(frames) < limit:
                frames.append(self._frames.recv(FRAME_LIMIT))
        return frames

    def read_output(self, selector: selectors.BaseSelector) -> None:
        """Read what was written, once."""
        if not self._silent and self._read_once() == 0:
            self._silent = True
            selector.unregister(self._output)

    def close(self, selector: selectors.BaseSelector) -> list[bytes]:
        """Read what is left, close both, and return the last frames.

        What a detached process still writes afterwards goes nowhere.
        """
        frames = self.read_frames()
        selector.unregister(self._frames)
        self._frames.close()
        self.address.unlink(missing_ok=True)
        if not self._silent:
            while self._read_once() and not self.log.full:
                pass
            selector.unregister(self._output)
            self._silent = True
        os.close(self._output)
        return frames

    def _read_once(self) -> int | None:
        """Return how much was read; 0 at the end, None where nothing is there yet."""
        try:
            data = os.read(self._output, _READ)
        except BlockingIOError:
            return None
        self.log.write(data)
        return len(data)

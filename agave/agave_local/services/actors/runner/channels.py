"""The socket and the pipe through which one execution speaks."""

import contextlib
import os
import selectors
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agave_local.services.actors.runner.base import Task
from agave_local.services.actors.runner.fifo import Fifo
from agave_local.services.actors.runner.frames import LAST_FRAMES, ResultSocket
from agave_local.services.actors.runner.logs import LogBuffer

if TYPE_CHECKING:
    from agave_local.services.actors.runner.parent import WarmParent

_READ = 1 << 16


class Channels:
    """Result socket, binary message, log pipe and deadline of one execution.

    Args:
        task: the execution.
        folder: private folder for the socket and the pipe.
        deadline: on the monotonic clock, when it is ended by force.
        started: in seconds since the epoch.
    """

    def __init__(
        self, task: Task, folder: Path, deadline: float, started: float
    ) -> None:
        self.task = task
        self.deadline = deadline
        self.started = started
        self.parent: WarmParent | None = None
        self.log = LogBuffer()
        self.fifo: Fifo | None = None
        if task.binary is not None:
            self.fifo = Fifo(folder / f"{task.execution_id}.in", task.binary)
        self.frames = ResultSocket(folder / task.execution_id)
        self._output, self._child_output = os.pipe()
        os.set_blocking(self._output, False)
        self._silent = False

    def register(self, selector: selectors.BaseSelector) -> None:
        """Have the selector watch what comes from the execution."""
        selector.register(self.frames, selectors.EVENT_READ, (self, "frames"))
        selector.register(self._output, selectors.EVENT_READ, (self, "output"))

    @contextlib.contextmanager
    def output_for_child(self) -> Iterator[int]:
        """Give the end of the pipe that the child writes to; closed afterwards."""
        try:
            yield self._child_output
        finally:
            os.close(self._child_output)

    def read_output(self, selector: selectors.BaseSelector) -> None:
        """Read what was written, once."""
        if not self._silent and self._read_once() == 0:
            self._silent = True
            selector.unregister(self._output)

    def close(self, selector: selectors.BaseSelector) -> list[bytes]:
        """Read what is left, close all, and return the last frames.

        What a detached process still writes afterwards goes nowhere.
        """
        frames = self.frames.read(LAST_FRAMES)
        selector.unregister(self.frames)
        self.frames.close()
        if self.fifo is not None:
            self.fifo.close()
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

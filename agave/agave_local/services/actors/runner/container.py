"""One execution in a container of its own.

create ─▶ attach ─▶ start ─▶ output, frames, usage … ─▶ ended or killed ─▶ remove
"""

import contextlib
import logging
import re
import selectors
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agave_local.services.actors.runner.base import KILLED, Ending, Task
from agave_local.services.actors.runner.container_engine import (
    Engine,
    EngineDown,
    EngineRefused,
    Mount,
    Order,
    Output,
    Usage,
)
from agave_local.services.actors.runner.fifo import Fifo
from agave_local.services.actors.runner.frames import (
    FRAMES_PER_TURN,
    LAST_FRAMES,
    ResultSocket,
)
from agave_local.services.actors.runner.logs import LogBuffer

RESULTS = "/_abaco_results.sock"
BINARY = "/_abaco_binary_data"
LOST = "The container engine was lost while this execution was running."
START_FAILED = "Error executing container: "
_REFUSED = "the container engine refused it."
# Of a refusal, what is about the image itself; the rest may be about this machine.
_OF_THE_IMAGE = re.compile(r"exec: .{1,200}|executable file .{1,200}", re.DOTALL)
_NEVER_RAN = frozenset({"created", "configured", "initialized"})
_ENGINE_PATIENCE_S = 30.0
_FIRST_LOOK_S = 0.02
_SLOWEST_LOOK_S = 1.0

_log = logging.getLogger(__name__)


class CannotStart(Exception):
    """The engine would not start the container; the message is for a caller."""


@dataclass
class _Look:
    """When to look at something next: soon at first, then ever more rarely."""

    every: float = _FIRST_LOOK_S
    due: float = 0.0

    def is_due(self, now: float) -> bool:
        if now < self.due:
            return False
        self.due = now + self.every
        self.every = min(self.every * 2, _SLOWEST_LOOK_S)
        return True


class ContainerRun:
    """One execution; all but `end` and `log` is for one thread.

    Args:
        engine: that runs it.
        task: the execution.
        order: tells what the container is like, without the files of this execution.
        folder: private folder for the socket and the pipe.
        run_time: seconds after which it is ended by force.
        on_frame: told of each result.
        patience: seconds for which a silent engine is waited for.
    """

    def __init__(
        self,
        engine: Engine,
        task: Task,
        order: Callable[[], Order],
        folder: Path,
        *,
        run_time: float,
        on_frame: Callable[[str, bytes], None],
        patience: float = _ENGINE_PATIENCE_S,
    ) -> None:
        self._engine = engine
        self._task = task
        self._order = order
        self._folder = folder
        self._run_time = run_time
        self._on_frame = on_frame
        self._patience = patience
        self._buffer = LogBuffer()
        self._usage = Usage()
        self._bell, self._button = socket.socketpair()
        self._bell.settimeout(0)
        self._doom: str | None = None
        self._is_killed = False
        self._deadline = self._answered = 0.0
        self._look, self._measure = _Look(), _Look()
        self.container = ""

    def end(self, reason: str = "") -> None:
        """Have it ended by force, from any thread.

        Args:
            reason: where it is no end of its own but an error.
        """
        self._doom = reason
        with contextlib.suppress(OSError):
            self._button.send(b"k")

    def log(self) -> str:
        """Return what it wrote so far."""
        return self._buffer.text()

    def close(self) -> None:
        """Let go of what it held."""
        self._bell.close()
        self._button.close()

    def run(self) -> Ending:
        """Run it to its end; the container is left to whoever made this.

        Raises:
            EngineDown: where nothing was started, as there is no engine.
            CannotStart: where the engine refused.
        """
        if self._doom is not None:
            return Ending(KILLED, error=self._doom or None)
        name = self._folder / self._task.execution_id
        with contextlib.ExitStack() as held:
            frames = ResultSocket(name, open_to_all=True)
            held.callback(frames.close)
            mounts = [Mount(str(name), RESULTS)]
            if self._task.binary is not None:
                pipe = name.with_suffix(".in")
                fifo = Fifo(pipe, self._task.binary, open_to_all=True)
                held.callback(fifo.close)
                mounts.append(Mount(str(pipe), BINARY))
            output = self._start(mounts)
            held.callback(output.close)
            try:
                state = self._follow(output, frames)
            finally:
                self._hear(frames, LAST_FRAMES)
        return self._ending(state)

    def _start(self, mounts: Sequence[Mount]) -> Output:
        try:
            order = self._order()
            order = replace(order, mounts=(*order.mounts, *mounts))
            self.container = self._engine.create(order)
            output = self._engine.attach(self.container)
            try:
                self._engine.start(self.container)
            except EngineDown:
                # It may have started: it must not be run a second time.
                _log.warning("start of %s was not answered", self._task.execution_id)
            except BaseException:
                output.close()
                raise
        except EngineRefused as error:
            _log.warning("container of %s: %s", self._task.execution_id, error)
            said = _OF_THE_IMAGE.search(str(error))
            raise CannotStart(START_FAILED + (said[0] if said else _REFUSED)) from error
        return output

    def _follow(self, output: Output, frames: ResultSocket) -> Mapping[str, Any]:
        """Listen until it has ended; return its last state, empty where it is lost."""
        self._deadline = time.monotonic() + self._run_time
        self._answered = time.monotonic()
        listens = True
        with selectors.DefaultSelector() as selector:
            for source in (output, frames, self._bell):
                selector.register(source, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select(self._pause())}
                if listens and output in ready and not self._listen(output):
                    # That is its end, as a rule; the engine knows in a moment.
                    listens = False
                    selector.unregister(output)
                    self._look = _Look()
                if self._bell in ready:
                    selector.unregister(self._bell)
                self._hear(frames)
                state = self._ask(time.monotonic())
                if state is not None:
                    if state and listens:
                        self._drain(output)
                    return state

    def _pause(self) -> float:
        due = min(self._look.due, self._measure.due, self._deadline)
        return max(0.0, due - time.monotonic())

    def _ask(self, now: float) -> Mapping[str, Any] | None:
        """Ask the engine what is due; return the last state, None while it runs."""
        is_late = now >= self._deadline
        if is_late and self._is_killed:
            return {}  # no engine can end it
        try:
            if (is_late or self._doom is not None) and not self._is_killed:
                self._engine.kill(self.container)
                self._is_killed = True
                self._deadline = now + self._patience
                self._look = _Look()
            if self._measure.is_due(now):
                self._usage = self._engine.usage(self.container) or self._usage
            state = None
            if self._look.is_due(now):
                state = self._ended(self._engine.state(self.container))
        except EngineRefused:
            return {}  # somebody else removed it
        except EngineDown:
            return {} if now - self._answered > self._patience else None
        self._answered = now
        return state

    def _ended(self, state: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if state["Running"] or state["Paused"]:
            return None
        return {} if state["Status"] in _NEVER_RAN else state

    def _listen(self, output: Output) -> bool:
        """Read what it wrote; tell whether there may be more."""
        data = output.read()
        if data is not None:
            self._buffer.write(data)
        return data is not None

    def _drain(self, output: Output) -> None:
        """Read what an ended container wrote last."""
        end = time.monotonic() + _SLOWEST_LOOK_S
        while not self._buffer.full and time.monotonic() < end:
            if not self._listen(output):
                return
            time.sleep(_FIRST_LOOK_S)

    def _hear(self, frames: ResultSocket, most: int = FRAMES_PER_TURN) -> None:
        for frame in frames.read(most):
            self._on_frame(self._task.execution_id, frame)

    def _ending(self, state: Mapping[str, Any]) -> Ending:
        return Ending(
            exit_code=int(state.get("ExitCode", KILLED)),
            log=self._buffer.text(),
            cpu=self._usage.cpu,
            io=self._usage.io,
            error=self._doom or (None if state else LOST),
            state=state,
        )

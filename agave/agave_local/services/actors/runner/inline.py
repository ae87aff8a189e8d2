"""Runs executions in this very process, for `mock_agave`.

No other process could reach a tenant that exists only inside this one.
"""

import importlib
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import ModuleType

from agave_local.services.actors.runner.base import (
    FRAME_LIMIT,
    KILLED,
    UNKNOWN_IMAGE,
    Ending,
    Listener,
    Task,
    exited,
)
from agave_local.services.actors.runner.images import Images, to_program
from agave_local.services.actors.runner.logs import cut
from agave_local.services.actors.runner.steering import IMAGE_DEFAULTS

_NOT_INLINE = "Image {} cannot run inside the tenant's own process."


@dataclass(frozen=True)
class InlineOutcome:
    """What a registered function did.

    Attributes:
        exit_code: as of a process.
        log: what it would have written.
        frames: the results it sent, in order.
    """

    exit_code: int = 0
    log: str = ""
    frames: list[bytes] = field(default_factory=list)


InlineFunction = Callable[[dict[str, str]], InlineOutcome]


class InlineRunner:
    """The `inline` runner: a thread for each execution.

    Args:
        images: image name → importable package, whose `app` has
            `run_inline(environment, send_frame) -> exit code`.
        now: tells the time of day.
    """

    def __init__(self, images: Images, *, now: Callable[[], float] = time.time) -> None:
        self._images = {name: to_program(entry) for name, entry in images.items()}
        self._now = now
        self._functions: dict[str, InlineFunction] = {}
        self._threads: dict[str, threading.Thread] = {}

    def register(self, image: str, function: InlineFunction) -> None:
        """Have a function run for an image."""
        self._functions[image] = function

    def start(self, listener: Listener) -> None:
        """Begin to work."""
        self._listener = listener

    def stop(self) -> None:
        """Wait for what runs: a thread cannot be ended by force."""
        for thread in list(self._threads.values()):
            thread.join()

    def prepare(self, image: str, *, renew: bool = False) -> None:
        """Tell the listener whether the image can run; code is never read again."""
        del renew
        self._listener.on_prepared(image, self._refusal(image))

    def run(self, task: Task) -> None:
        """Start an execution in a thread."""
        thread = threading.Thread(
            target=self._execute, args=[task], name=f"actor-{task.execution_id}"
        )
        self._threads[task.execution_id] = thread
        thread.start()

    def kill(self, execution_id: str) -> None:
        """Do nothing: a thread cannot be ended by force."""

    def log(self, execution_id: str) -> str:
        """Return nothing: the log comes with the end."""
        del execution_id
        return ""

    def _refusal(self, image: str) -> str | None:
        if image in self._functions:
            return None
        if image not in self._images:
            return UNKNOWN_IMAGE.format(image)
        if self._images[image].command:
            return _NOT_INLINE.format(image)
        try:
            app = self._app(image)
        except Exception as error:  # noqa: BLE001 - whatever the package does
            return f"{type(error).__name__}: {error}"
        return None if hasattr(app, "run_inline") else _NOT_INLINE.format(image)

    def _app(self, image: str) -> ModuleType:
        return importlib.import_module(f"{self._images[image].package}.app")

    def _execute(self, task: Task) -> None:
        started = self._now()
        try:
            ending = self._run(task)
        except SystemExit as leave:
            ending = Ending(leave.code if isinstance(leave.code, int) else 1)
        except Exception:  # noqa: BLE001 - whatever the function does
            ending = Ending(1, cut(traceback.format_exc()))
        self._threads.pop(task.execution_id, None)
        state = exited(ending.exit_code, started, self._now())
        ending = replace(ending, state=state)
        self._listener.on_end(task.execution_id, ending)

    def _run(self, task: Task) -> Ending:
        def send(frame: bytes) -> None:
            self._listener.on_frame(task.execution_id, frame[:FRAME_LIMIT])

        environment = {**IMAGE_DEFAULTS, **task.environment}
        function = self._functions.get(task.image)
        if function is not None:
            outcome = function(environment)
            for frame in outcome.frames:
                send(frame)
            return Ending(outcome.exit_code, cut(outcome.log))
        refusal = self._refusal(task.image)
        if refusal is not None:
            return Ending(KILLED, error=refusal)
        code = self._app(task.image).run_inline(environment, send)
        return Ending(int(code or 0))

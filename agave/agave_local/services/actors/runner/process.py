"""Runs each execution in a process of its own, forked from a warm parent per image.

`run` sends a request and returns; one thread reads frames, logs and reports of all
executions as they come, and keeps their time.

Limits are those of processes (getrlimit(2)): memory, processes, size of a file. There
is none on processors: `maxCpus` is for containers.
"""

import logging
import selectors
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agave_local.services.actors.runner.base import (
    KILLED,
    STOPPED,
    UNKNOWN_IMAGE,
    Ending,
    Listener,
    Task,
    exited,
)
from agave_local.services.actors.runner.channels import Channels
from agave_local.services.actors.runner.images import Images, to_program
from agave_local.services.actors.runner.limits import Limits
from agave_local.services.actors.runner.parent import WarmParent, clean_environment
from agave_local.services.actors.runner.steering import for_process

LOST = "The process that runs this image ended unexpectedly."
RESULTS_VARIABLE = "_abaco_results_socket"
BINARY_VARIABLE = "_abaco_binary_data"
_SOCKET_PATH_LIMIT = 90  # of 108, less the file's own name
_TICK_S = 5.0

_log = logging.getLogger(__name__)


class ProcessRunner:
    """The `process` runner.

    Args:
        images: image name → package or command.
        folder: for the sockets of executions; emptied at start.
        api_server: address of the tenant.
        limits: of every execution.
        environment: of the fork servers; None for a clean one.
        now: tells the time of day.
    """

    def __init__(
        self,
        images: Images,
        folder: Path,
        api_server: str,
        *,
        limits: Limits | None = None,
        environment: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._images = {name: to_program(entry) for name, entry in images.items()}
        self._limits = limits or Limits()
        self._now = now
        self._folder = folder
        self._api_server = api_server
        self._environment = environment or clean_environment()
        self._lock = threading.RLock()
        self._parents: dict[str, WarmParent] = {}
        self._retired: set[WarmParent] = set()
        self._running: dict[str, Channels] = {}
        self._thread: threading.Thread | None = None
        self._sleeps_until = 0.0

    def start(self, listener: Listener) -> None:
        """Begin to work."""
        self._listener = listener
        shutil.rmtree(self._folder, ignore_errors=True)
        if len(bytes(self._folder)) > _SOCKET_PATH_LIMIT:
            self._folder = Path(tempfile.mkdtemp(prefix="actors-"))
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._selector = selectors.DefaultSelector()
        self._bell, self._button = socket.socketpair()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._work, name="actors-runner")
        self._thread.start()

    def stop(self) -> None:
        """End everything that runs, telling the listener of each."""
        if self._thread is None:
            return
        self._button.send(b"q")
        self._thread.join()
        self._thread = None
        for parent in [*self._parents.values(), *self._retired]:
            self._lose(parent, STOPPED)
        self._selector.close()
        self._bell.close()
        self._button.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def prepare(self, image: str, *, renew: bool = False) -> None:
        """Start the image's warm parent, and tell the listener when it is warm."""
        if image not in self._images:
            self._listener.on_prepared(image, UNKNOWN_IMAGE.format(image))
            return
        with self._lock:
            if renew and image in self._parents:
                self._retire(self._parents.pop(image))
            ready = self._parent(image).ready
        if ready:
            self._listener.on_prepared(image, None)

    def run(self, task: Task) -> None:
        """Start an execution; its end is told to the listener, whatever happens."""
        if task.image not in self._images:
            reason = UNKNOWN_IMAGE.format(task.image)
            self._listener.on_end(task.execution_id, Ending(KILLED, error=reason))
            return
        deadline = time.monotonic() + self._limits.run_time
        channels = Channels(task, self._folder, deadline, self._now())
        with self._lock:
            self._running[task.execution_id] = channels
            channels.register(self._selector)
        try:
            self._request(channels)
        except OSError as error:
            _log.exception("no warm parent for %s", task.image)
            self._finish(task.execution_id, {"error": error.strerror or LOST})
        if deadline < self._sleeps_until:
            self._button.send(b"w")

    def kill(self, execution_id: str) -> None:
        """End an execution by force, if it runs."""
        with self._lock:
            channels = self._running.get(execution_id)
            if channels is None or channels.parent is None:
                return
            try:
                channels.parent.send({"kill": execution_id})
            except OSError:
                _log.info("the warm parent of %s is gone", channels.task.image)

    def log(self, execution_id: str) -> str:
        """Return what a running execution wrote so far."""
        channels = self._running.get(execution_id)
        return "" if channels is None else channels.log.text()

    def _request(self, channels: Channels) -> None:
        task = channels.task
        fixed = {
            **self._images[task.image].environment,
            RESULTS_VARIABLE: str(channels.frames.address),
        }
        if channels.fifo is not None:
            fixed[BINARY_VARIABLE] = str(channels.fifo.path)
        request = {
            "run": task.execution_id,
            "environment": for_process(task.environment, fixed),
            "limits": {
                "memory": self._limits.memory_for(task.memory),
                "processes": self._limits.processes,
                "file_size": self._limits.file_size,
            },
        }
        with channels.output_for_child() as output:
            # A parent that died just now is noticed by writing; then a new one is.
            for _ in range(2):
                with self._lock:
                    parent = channels.parent = self._parent(task.image)
                    parent.running.add(task.execution_id)
                try:
                    parent.send(request, output)
                except OSError:
                    self._forsake(parent, task.execution_id)
                else:
                    return
        self._finish(task.execution_id, {"error": LOST})

    def _forsake(self, parent: WarmParent, execution_id: str) -> None:
        """Use a parent no more; its end is heard by the runner's own thread."""
        with self._lock:
            parent.running.discard(execution_id)
            if self._parents.get(parent.image) is parent:
                del self._parents[parent.image]
                self._retired.add(parent)

    def _parent(self, image: str) -> WarmParent:
        parent = self._parents.get(image)
        if parent is None:
            program = self._images[image]
            parent = WarmParent(image, program, self._api_server, self._environment)
            self._parents[image] = parent
            self._selector.register(parent.control, selectors.EVENT_READ, parent)
        return parent

    def _retire(self, parent: WarmParent) -> None:
        self._retired.add(parent)
        if not parent.running:
            self._lose(parent, STOPPED)

    def _lose(self, parent: WarmParent, reason: str) -> None:
        with self._lock:
            if self._parents.get(parent.image) is parent:
                del self._parents[parent.image]
            self._retired.discard(parent)
            self._selector.unregister(parent.control)
            parent.close()
            lost = list(parent.running)
        for execution_id in lost:
            self._finish(execution_id, {"error": reason})

    def _work(self) -> None:
        while True:
            now = time.monotonic()
            self._sleeps_until = min(
                [now + _TICK_S, *(c.deadline for c in list(self._running.values()))]
            )
            for key, _ in self._selector.select(max(0.0, self._sleeps_until - now)):
                if key.fileobj is self._bell:
                    if self._bell.recv(1024).endswith(b"q"):
                        return
                elif isinstance(key.data, WarmParent):
                    self._hear(key.data)
                else:
                    self._read(*key.data)
            self._end_late()

    def _read(self, channels: Channels, what: str) -> None:
        if what == "frames":
            for frame in channels.frames.read():
                self._listener.on_frame(channels.task.execution_id, frame)
        else:
            channels.read_output(self._selector)

    def _hear(self, parent: WarmParent) -> None:
        with self._lock:
            if parent not in self._retired and parent is not self._parents.get(
                parent.image
            ):
                return  # lost in the meantime, by another thread
        reports = parent.receive()
        if reports is None:
            if not parent.ready:
                self._listener.on_prepared(parent.image, LOST)
            self._lose(parent, LOST)
            return
        for report in reports:
            self._obey(parent, report)

    def _obey(self, parent: WarmParent, report: dict[str, Any]) -> None:
        if "ended" in report:
            parent.running.discard(report["ended"])
            self._finish(report["ended"], report)
            with self._lock:
                if parent in self._retired and not parent.running:
                    self._lose(parent, STOPPED)
        elif "ready" in report:
            parent.ready = True
            self._listener.on_prepared(parent.image, None)
        else:
            parent.ready = True  # it said what there is to say
            self._listener.on_prepared(parent.image, report["failed"])
            self._lose(parent, report["failed"])

    def _finish(self, execution_id: str, report: dict[str, Any]) -> None:
        with self._lock:
            channels = self._running.pop(execution_id, None)
        if channels is None:
            return
        for frame in channels.close(self._selector):
            self._listener.on_frame(execution_id, frame)
        code = report.get("code", KILLED)
        ending = Ending(
            exit_code=code,
            log=channels.log.text(),
            cpu=report.get("cpu", 0),
            io=report.get("io", 0),
            error=report.get("error"),
            state=exited(code, channels.started, self._now()),
        )
        self._listener.on_end(execution_id, ending)

    def _end_late(self) -> None:
        now = time.monotonic()
        for execution_id, channels in list(self._running.items()):
            if channels.deadline <= now:
                channels.deadline = float("inf")
                self.kill(execution_id)

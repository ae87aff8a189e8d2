"""Threads that do tasks one after another, and outlive any of them."""

import logging
import queue
import threading
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)
_JOIN_SECONDS = 10.0
Task = Callable[[], None]


class Workers:
    """Some threads with one line of tasks.

    Args:
        name: of the threads.
        count: of them.
        at_end: called by each as it ends.
    """

    def __init__(
        self, name: str, count: int, at_end: Callable[[], None] = lambda: None
    ) -> None:
        self._name = name
        self._count = count
        self._at_end = at_end
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._timers: set[threading.Timer] = set()
        self._lock = threading.Lock()
        self._stopping = False

    def start(self) -> None:
        """Begin to work; again after a stop, too."""
        self._stopping = False
        self._threads = [
            threading.Thread(
                target=self._work, name=f"{self._name}-{number}", daemon=True
            )
            for number in range(self._count)
        ]
        for thread in self._threads:
            thread.start()

    def do(self, task: Task) -> None:
        """Do a task as soon as somebody has time."""
        self._tasks.put(task)

    def later(self, seconds: float, task: Task) -> None:
        """Do a task after a while, unless the work has stopped by then."""
        timer = threading.Timer(seconds, lambda: self._on_time(timer, task))
        timer.daemon = True
        with self._lock:
            if self._stopping:
                return
            self._timers.add(timer)
        timer.start()

    def end(self) -> None:
        """Begin nothing more."""
        with self._lock:
            self._stopping = True
            for timer in self._timers:
                timer.cancel()
            self._timers.clear()
        for _ in self._threads:
            self._tasks.put(None)

    def join(self, seconds: float = _JOIN_SECONDS) -> None:
        """Wait for what is under way, at most so many seconds for all of it."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))
        self._threads = []

    def _on_time(self, timer: threading.Timer, task: Task) -> None:
        with self._lock:
            self._timers.discard(timer)
        self.do(task)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            if self._stopping:
                continue  # the next process takes it up
            try:
                task()
            except Exception:  # noqa: BLE001 - a worker outlives any task
                _log.exception("a step of a job failed")
        self._at_end()

"""The threads that answer requests: as many as are needed, the warmest first.

waitress's own dispatcher starts all its threads at once and lets them take turns, so
every request meets one whose memory and locks have gone cold. Here a thread is started
when no other is idle, the one that was idle last gets the next request, and those that
nobody has needed for a while end.
"""

import logging
import threading
import time
from collections import deque
from typing import Protocol

_IDLE_S = 60.0
_log = logging.getLogger(__name__)


class Task(Protocol):
    """What waitress wants to be done: a connection with a request to answer."""

    def service(self) -> None:
        """Do it."""
        ...

    def cancel(self) -> None:
        """Give it up."""
        ...


class _Worker:
    """One thread, and the task that it is given while it is idle."""

    def __init__(self) -> None:
        self.given: Task | None = None
        self.bell = threading.Semaphore(0)


class ThreadPool:
    """Does tasks in threads of its own; in waitress's words, a task dispatcher.

    Args:
        most: threads at a time; further tasks wait.
        idle_s: seconds after which a thread that nobody needs ends.
    """

    def __init__(self, most: int, idle_s: float = _IDLE_S) -> None:
        self._most = most
        self._idle_s = idle_s
        self._changed = threading.Condition()
        self._idle: list[_Worker] = []
        self._queue: deque[Task] = deque()
        self._number = 0
        self._is_open = True

    def __len__(self) -> int:
        """Count the threads."""
        return self._number

    def add_task(self, task: Task) -> None:
        """Have a task done."""
        with self._changed:
            if self._idle:
                worker = self._idle.pop()
                worker.given = task
                worker.bell.release()
            elif self._is_open and self._number < self._most:
                self._start(task)
            else:
                self._queue.append(task)

    def shutdown(self, timeout: float = 5.0) -> None:
        """End the threads after what they are doing; give up what waits."""
        end = time.monotonic() + timeout
        with self._changed:
            self._is_open = False
            waiting, idle = list(self._queue), list(self._idle)
            self._queue.clear()
            self._idle.clear()
            for worker in idle:
                worker.bell.release()
            while self._number and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
            if self._number:
                _log.warning("%d threads are still at work", self._number)
        for task in waiting:
            task.cancel()

    def _start(self, task: Task) -> None:
        """Start a thread, and wait until it runs.

        Python 3.11 cannot install a trace function, as coverage does, in two threads
        at the same moment; the thread that comes second would die.
        """
        begun = threading.Event()

        def run() -> None:
            begun.set()
            self._work(task)

        self._number += 1
        name = f"answers-{self._number}"
        threading.Thread(target=run, name=name, daemon=True).start()
        begun.wait()

    def _work(self, first: Task) -> None:
        worker, task = _Worker(), first
        while True:
            try:
                task.service()
            except BaseException:  # noqa: BLE001 - logged; the thread has others to answer
                _log.exception("a request could not be answered")
            following = self._next(worker)
            if following is None:
                return
            task = following

    def _next(self, worker: _Worker) -> Task | None:
        """Return the worker's next task, or None where it is not needed any more."""
        with self._changed:
            if self._queue:
                return self._queue.popleft()
            if self._is_open:
                self._idle.append(worker)
            else:
                worker.bell.release()
        if not worker.bell.acquire(timeout=self._idle_s):
            with self._changed:
                if worker in self._idle:
                    self._idle.remove(worker)
                else:
                    # It was given a task in this very moment.
                    worker.bell.acquire()
        task, worker.given = worker.given, None
        if task is None:
            with self._changed:
                self._number -= 1
                self._changed.notify_all()
        return task

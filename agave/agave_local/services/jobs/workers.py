"""Threads that do tasks, and outlive any of them.

do ───────────▶ a line for each owner ──in turn──▶ threads
later ──time──▲
"""

import heapq
import itertools
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable

_log = logging.getLogger(__name__)
_JOIN_SECONDS = 10.0
_IDLE_SECONDS = 10.0
Task = Callable[[], None]


class Workers:
    """Some threads, there while there is something to do.

    The tasks of a line are begun one after another, and those of several lines in
    turn.  No line has all threads, so that nobody is held up by somebody else's tasks,
    however many they are and however long they take.

    Args:
        name: of the threads.
        count: of them, at most.
        at_end: called by each as it ends.
        idle_seconds: after which a thread without a task ends.
    """

    def __init__(
        self,
        name: str,
        count: int,
        at_end: Callable[[], None] = lambda: None,
        *,
        idle_seconds: float = _IDLE_SECONDS,
    ) -> None:
        self._name = name
        self._count = count
        self._at_end = at_end
        self._idle_seconds = idle_seconds
        self._lines: dict[str, deque[Task]] = {}
        self._busy: Counter[str] = Counter()
        self._later: list[tuple[float, int, str, Task]] = []
        self._numbers = itertools.count()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._is_open = False
        self._changed = threading.Condition()

    def start(self) -> None:
        """Begin to work; again after a stop, too."""
        with self._changed:
            self._is_open = True

    def do(self, task: Task, line: str = "") -> None:
        """Do a task as soon as its line has a thread; nothing once the work ended."""
        self.later(0, task, line)

    def later(self, seconds: float, task: Task, line: str = "") -> None:
        """Do a task after a while, unless the work has ended by then."""
        with self._changed:
            if not self._is_open:
                return
            due = time.monotonic() + seconds
            heapq.heappush(self._later, (due, next(self._numbers), line, task))
            waiting = len(self._later) + sum(map(len, self._lines.values()))
            if waiting > self._idle and len(self._threads) < self._count:
                self._hire()
            self._changed.notify()

    def end(self) -> None:
        """Begin nothing more."""
        with self._changed:
            self._is_open = False
            self._lines.clear()
            self._later.clear()
            self._changed.notify_all()

    def join(self, seconds: float = _JOIN_SECONDS) -> None:
        """Wait for what is under way, at most so many seconds for all of it."""
        until = time.monotonic() + seconds
        with self._changed:
            threads = list(self._threads)
            # What hangs now takes no thread of those that come after a new start.
            self._threads.clear()
            self._busy.clear()
        for thread in threads:
            thread.join(max(until - time.monotonic(), 0))

    def _hire(self) -> None:
        name = f"{self._name}-{next(self._numbers)}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.add(thread)
        thread.start()

    def _work(self) -> None:
        while (found := self._next()) is not None:
            line, task = found
            try:
                task()
            except Exception:  # noqa: BLE001 - a worker outlives any task
                _log.exception("a step of a job failed")
            self._leave(line)
        self._at_end()

    def _next(self) -> tuple[str, Task] | None:
        """Wait for a task; return None where there is none, and the thread ends."""
        me = threading.current_thread()
        until = time.monotonic() + self._idle_seconds
        with self._changed:
            self._idle += 1
            try:
                while self._is_open and me in self._threads:
                    found = self._choose()
                    if found is not None:
                        return found
                    if time.monotonic() >= until and not (self._later or self._lines):
                        break
                    self._changed.wait(self._pause(until))
            finally:
                self._idle -= 1
            self._threads.discard(me)
            return None

    def _choose(self) -> tuple[str, Task] | None:
        """Take the next task of the line whose turn it is."""
        now = time.monotonic()
        while self._later and self._later[0][0] <= now:
            _, _, line, task = heapq.heappop(self._later)
            self._lines.setdefault(line, deque()).append(task)
        most = max(self._count - 1, 1)
        for line in self._lines:
            if self._busy[line] < most:
                tasks = self._lines.pop(line)
                task = tasks.popleft()
                if tasks:
                    # It is the last one's turn then.
                    self._lines[line] = tasks
                self._busy[line] += 1
                return line, task
        return None

    def _pause(self, until: float) -> float | None:
        if self._later:
            until = self._later[0][0]
        elif self._lines:
            return None
        return max(until - time.monotonic(), 0)

    def _leave(self, line: str) -> None:
        with self._changed:
            self._busy[line] -= 1
            if self._busy[line] <= 0:
                del self._busy[line]
            self._changed.notify()

"""The queue of one actor, and the workers that empty it."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable


class Mailbox:
    """Executions that wait, and workers, idle or busy with one each.

    The executors take turns, so that nobody waits behind all of another's messages.

    Args:
        limit: of workers at once.
        new_worker: names a worker.
    """

    def __init__(self, limit: int, new_worker: Callable[[], str]) -> None:
        self._new_worker = new_worker
        self._changed = threading.Condition()
        self._limit = limit
        self._waiting: OrderedDict[str, deque[str]] = OrderedDict()
        self._idle: list[str] = []
        self._busy: dict[str, str] = {}
        self._open = False
        self._closed = False

    def __len__(self) -> int:
        """Count the messages that no worker took yet."""
        with self._changed:
            return sum(map(len, self._waiting.values()))

    def count(self, executor: str) -> int:
        """Count the messages of one executor that no worker took yet."""
        with self._changed:
            return len(self._waiting.get(executor, ()))

    def put(self, execution_id: str, executor: str) -> bool:
        """Add an execution to its executor's; false where the actor is going."""
        with self._changed:
            if not self._closed:
                self._waiting.setdefault(executor, deque()).append(execution_id)
            return not self._closed

    def take(self) -> tuple[str, str] | None:
        """Give the next executor's oldest execution to a worker.

        None where either is missing.

        Returns:
            The execution's id and the worker's.
        """
        with self._changed:
            if not (self._open and self._waiting and len(self._busy) < self._limit):
                return None
            worker = self._idle.pop() if self._idle else self._new_worker()
            executor, queue = self._waiting.popitem(last=False)
            execution_id = queue.popleft()
            if queue:
                self._waiting[executor] = queue
            self._busy[execution_id] = worker
            self._changed.notify_all()
            return execution_id, worker

    def release(self, execution_id: str) -> None:
        """Take the worker back from an execution that ended."""
        with self._changed:
            worker = self._busy.pop(execution_id, None)
            if worker is not None and len(self._idle) < self._limit:
                self._idle.append(worker)
            self._changed.notify_all()

    def purge(self) -> list[str]:
        """Remove and return all that waits."""
        with self._changed:
            purged = [each for queue in self._waiting.values() for each in queue]
            self._waiting.clear()
            self._changed.notify_all()
            return purged

    def withdraw(self, wanted: Callable[[str], bool]) -> list[str]:
        """Remove and return those that wait and are wanted."""
        with self._changed:
            waiting = list(self._waiting.items())
            withdrawn: list[str] = []
            for executor, queue in waiting:
                left: deque[str] = deque()
                for execution_id in queue:
                    (withdrawn if wanted(execution_id) else left).append(execution_id)
                self._waiting[executor] = left
                if not left:
                    del self._waiting[executor]
            self._changed.notify_all()
            return withdrawn

    def serve(self, *, is_open: bool, limit: int) -> None:
        """Let workers take messages, or not."""
        with self._changed:
            self._open = is_open
            self._limit = limit

    def close(self) -> tuple[list[str], list[str]]:
        """Take no more; return what waited and what runs."""
        with self._changed:
            self._open, self._closed = False, True
            return self.purge(), list(self._busy)

    def wait_short(self, executor: str, most: int, timeout: float) -> bool:
        """Wait until at most so many of an executor's wait; tell whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self.count(executor) <= most, timeout)

    def wait_idle(self, timeout: float) -> bool:
        """Wait until nothing runs; tell whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, timeout)

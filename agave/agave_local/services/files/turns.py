"""Work of several owners that waits for threads, which no single owner gets all of."""

import threading
from collections import OrderedDict, deque


class Turns:
    """A queue in which owners take turns.

    Args:
        most: of one owner's that is under way at a time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._changed = threading.Condition()
        # Whoever had a turn goes to the end.
        self._waiting: OrderedDict[str, deque[str]] = OrderedDict()
        self._under_way: dict[str, int] = {}
        self._is_open = True

    def put(self, owner: str, work: str) -> None:
        """Let something wait for its turn."""
        with self._changed:
            self._waiting.setdefault(owner, deque()).append(work)
            self._changed.notify()

    def take(self) -> tuple[str, str] | None:
        """Wait for somebody's turn; return the owner and the work, None at the end."""
        with self._changed:
            while self._is_open:
                owner = self._next()
                if owner is not None:
                    return owner, self._begin(owner)
                self._changed.wait()
            return None

    def end(self, owner: str) -> None:
        """Say that some work of an owner's has ended."""
        with self._changed:
            left = self._under_way.pop(owner) - 1
            if left:
                self._under_way[owner] = left
            self._changed.notify()

    def close(self) -> None:
        """Give nothing more out; what waits is forgotten."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()

    def _next(self) -> str | None:
        for owner in self._waiting:
            if self._under_way.get(owner, 0) < self._most:
                return owner
        return None

    def _begin(self, owner: str) -> str:
        waiting = self._waiting.pop(owner)
        work = waiting.popleft()
        if waiting:
            self._waiting[owner] = waiting
        self._under_way[owner] = self._under_way.get(owner, 0) + 1
        return work

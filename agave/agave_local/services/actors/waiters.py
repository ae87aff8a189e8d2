"""Callers of synchronous messages, who wait for a frame or the end (A.5)."""

import threading


class Waiter:
    """One caller; given a frame or a log once.

    Attributes:
        frame: the first result, where there was one.
        log: of the execution, where there was no frame.
        refusal: why there is neither.
        abandoned: whether the tenant stops before there was an answer.
    """

    def __init__(self) -> None:
        self._told = threading.Event()
        self.frame: bytes | None = None
        self.log = ""
        self.refusal = ""
        self.abandoned = False

    def tell(self, frame: bytes | None, log: str = "") -> None:
        """Give what was waited for."""
        self.frame, self.log = frame, log
        self._told.set()

    def refuse(self, reason: str) -> None:
        """Say why there will be nothing."""
        self.refusal = reason
        self._told.set()

    def wait(self, timeout: float) -> bool:
        """Wait; tell whether there was an answer."""
        return self._told.wait(timeout) and not self.abandoned


class Waiters:
    """The callers that wait now, by execution."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: dict[str, Waiter] = {}

    def add(self, execution_id: str) -> Waiter:
        """Begin to wait, before the message is given away."""
        with self._lock:
            waiter = self._waiters[execution_id] = Waiter()
        return waiter

    def __contains__(self, execution_id: str) -> bool:
        """Tell whether somebody waits for an execution."""
        with self._lock:
            return execution_id in self._waiters

    def take(self, execution_id: str) -> Waiter | None:
        """Return who waits for an execution, to be told; only the first asker gets it.

        A second frame, or the end after a frame, is nobody's news.
        """
        with self._lock:
            return self._waiters.pop(execution_id, None)

    def abandon(self) -> None:
        """Let everybody go without an answer: the tenant stops."""
        with self._lock:
            waiters = list(self._waiters.values())
            self._waiters.clear()
        for waiter in waiters:
            waiter.abandoned = True
            waiter.tell(None)

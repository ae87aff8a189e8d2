"""Failed sign-ins are spaced out, so that nobody can guess a password by trying."""

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from agave_local.clock import Clock
from agave_local.errors import TooMany

_FREE_FAILURES = 5
_LONGEST_S = 60.0
_NAMES_KEPT = 10_000
_NAME_LENGTH = 64


@dataclass
class Attempts:
    """The failures in a row of one name, and whether the try under way is right."""

    failures: int = 0
    until: float = 0.0
    succeeded: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def succeed(self) -> None:
        """Say that the password was right."""
        self.succeeded = True


class Backoff:
    """Counts failures in a row by user name, known or not.

    After five, the next try must wait 1 s, then 2 s, 4 s … at most 60 s.

    Args:
        clock: tells when a name may try again.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_name: OrderedDict[str, Attempts] = OrderedDict()

    @contextmanager
    def attempt(self, username: str) -> Iterator[Attempts]:
        """Make one try; those of one name go one by one, so many at once gain nothing.

        Raises:
            TooMany: while the name has to wait.
        """
        attempts = self._attempts(username)
        with attempts.lock:
            wait = math.ceil(attempts.until - self._clock.now())
            if wait > 0:
                unit = "second" if wait == 1 else "seconds"
                raise TooMany(f"Too many failed sign-ins; try again in {wait} {unit}.")
            attempts.succeeded = False
            try:
                yield attempts
            finally:
                self._count(attempts)

    def forget(self, username: str) -> None:
        """Let a name begin anew."""
        with self._lock:
            self._by_name.pop(username[:_NAME_LENGTH], None)

    def _attempts(self, username: str) -> Attempts:
        name = username[:_NAME_LENGTH]
        with self._lock:
            attempts = self._by_name.setdefault(name, Attempts())
            self._by_name.move_to_end(name)
            while len(self._by_name) > _NAMES_KEPT:
                self._by_name.popitem(last=False)
            return attempts

    def _count(self, attempts: Attempts) -> None:
        if attempts.succeeded:
            attempts.failures, attempts.until = 0, 0.0
            return
        attempts.failures += 1
        if attempts.failures >= _FREE_FAILURES:
            power = min(attempts.failures - _FREE_FAILURES, 6)
            attempts.until = self._clock.now() + min(2.0**power, _LONGEST_S)

"""Failed sign-ins are spaced out, so that nobody can guess a password by trying.

What counts is the name together with the caller's address: otherwise anybody could
lock a user out by failing in their name.
"""

import ipaddress
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
_PAIRS_KEPT = 10_000
_NAME_LENGTH = 64
# Whoever has one IPv6 address has at least these 2^64.
_IPV6_PREFIX = 64

_Key = tuple[str, str]


@dataclass
class Attempts:
    """The failures in a row of one name from one address.

    Attributes:
        failures: in a row.
        until: when the next try may be made.
        succeeded: whether the try under way is right.
        lock: held by the try under way.
    """

    failures: int = 0
    until: float = 0.0
    succeeded: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def succeed(self) -> None:
        """Say that the password was right."""
        self.succeeded = True


class Backoff:
    """Counts failures in a row by user name, known or not, and address.

    After five, the next try must wait 1 s, then 2 s, 4 s … at most 60 s.

    Args:
        clock: tells when a name may be tried again.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_key: OrderedDict[_Key, Attempts] = OrderedDict()

    @contextmanager
    def attempt(self, username: str, address: str = "") -> Iterator[Attempts]:
        """Make one try; those of one name and address go one by one.

        So many at once gain nothing.

        Args:
            username: known or not.
            address: of the caller's machine; empty where there is none.

        Raises:
            TooMany: while the name has to wait at this address.
        """
        attempts = self._attempts(username, address)
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
        """Let a name begin anew, from wherever."""
        name = username[:_NAME_LENGTH]
        with self._lock:
            for key in [key for key in self._by_key if key[0] == name]:
                del self._by_key[key]

    def _attempts(self, username: str, address: str) -> Attempts:
        key = (username[:_NAME_LENGTH], _origin(address))
        with self._lock:
            attempts = self._by_key.setdefault(key, Attempts())
            self._by_key.move_to_end(key)
            while len(self._by_key) > _PAIRS_KEPT:
                self._by_key.popitem(last=False)
            return attempts

    def _count(self, attempts: Attempts) -> None:
        if attempts.succeeded:
            attempts.failures, attempts.until = 0, 0.0
            return
        attempts.failures += 1
        if attempts.failures >= _FREE_FAILURES:
            power = min(attempts.failures - _FREE_FAILURES, 6)
            attempts.until = self._clock.now() + min(2.0**power, _LONGEST_S)


def _origin(address: str) -> str:
    """Return what one caller cannot easily have many of."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), _IPV6_PREFIX), strict=False))

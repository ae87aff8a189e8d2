"""Time and identifiers, injected so that tests can hold them still."""

import base64
import random
import secrets
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day, in seconds since the epoch."""

    def now(self) -> float:
        """Return the current time in seconds since the epoch."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the current time in seconds since the epoch."""
        return time.time()


class MovableClock:
    """A clock that tests move; it goes on by itself unless it was told to stand still.

    Args:
        stands_at: seconds since the epoch; None for the machine's time.
    """

    def __init__(self, stands_at: float | None = None) -> None:
        self._stands_at = stands_at
        self._moved = 0.0

    def now(self) -> float:
        """Return the current time in seconds since the epoch."""
        start = time.time() if self._stands_at is None else self._stands_at
        return start + self._moved

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._moved += seconds


def to_iso(seconds: float) -> str:
    """Write a time as Agave does: ISO 8601 with milliseconds and zone.

    Args:
        seconds: since the epoch.
    """
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


class Ids:
    """Makes the identifiers of the tenant.

    Agave's UUIDs are `<number>-242ac113-0001-<kind>`, the kind being a
    three-digit number of the resource (spec: Agave v2 conventions).
    """

    PROFILE, FILE, APP, SYSTEM, JOB = "001", "002", "005", "006", "007"
    TRANSFER, POSTIT, NOTIFICATION, METADATA = "009", "010", "011", "012"
    SCHEMA, MONITOR, JOB_EVENT = "013", "014", "028"

    def __init__(self, seed: int | None = None) -> None:
        # A seed is for tests that compare whole answers; it makes guessable tokens.
        self._random = secrets.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - only where a seed was asked for

    def uuid(self, kind: str) -> str:
        """Return a new Agave UUID of the kind, e.g. `Ids.JOB`."""
        return f"{self._random.randrange(10**19):019d}-242ac113-0001-{kind}"

    def token(self) -> str:
        """Return an unguessable token of 256 bits."""
        raw = self._random.randbytes(32)
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

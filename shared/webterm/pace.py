"""How fast a client may send."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Pace:
    """A bucket that holds `burst` and fills by `rate` a second."""

    def __init__(
        self,
        rate: float,
        burst: float,
        now: "Callable[[], float]" = time.monotonic,
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._now = now
        self._level = burst
        self._filled = now()

    def spend(self, amount: float) -> float:
        """Take an amount out; return how many seconds that was too early."""
        now = self._now()
        filled = self._level + (now - self._filled) * self._rate
        self._filled = now
        self._level = min(self._burst, filled) - amount
        return max(0.0, -self._level / self._rate)


def patience_with(fullness: float) -> float:
    """Return how long to wait before more is typed into a program that reads slowly.

    Not at all for what it has not read at a moment, and nearly a second at the limit
    where it is taken to be deaf.  Acknowledgements wait too, so it never waits long.

    Args:
        fullness: How much it has not read, as a part of that limit.
    """
    above: float = max(0.0, fullness - 0.25)
    return 2 * above**3

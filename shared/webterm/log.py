"""What a server writes to its standard error, at a bounded rate."""

import contextlib
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .loop import Timers

WINDOW_SECONDS = 60.0
STANDARD_ERROR = 2


def write_line(text: str) -> None:
    """Write a line with the time before it; a full disk ends nobody's terminal."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    with contextlib.suppress(OSError):
        os.write(STANDARD_ERROR, f"{stamp} {text}\n".encode())


class Refusals:
    """Writes the first refusal of each kind, and then one line a minute with a count.

    Whoever knocks at the door a thousand times a second fills no disk.  The kinds are
    words of ours, never a client's.
    """

    def __init__(
        self, timers: "Timers", write: "Callable[[str], None]" = write_line
    ) -> None:
        self._timers = timers
        self._write = write
        self._more: dict[str, int] = {}

    def add(self, kind: str) -> None:
        """Take note of a refusal."""
        if kind in self._more:
            self._more[kind] += 1
            return
        self._more[kind] = 0
        self._write(f"refused a client: {kind}")
        self._timers.call_later(WINDOW_SECONDS, lambda: self._sum_up(kind))

    def _sum_up(self, kind: str) -> None:
        count = self._more.pop(kind)
        if count:
            self._write(f"refused {count} more in a minute: {kind}")
            # The next one of that kind is counted as well.
            self._more[kind] = 0
            self._timers.call_later(WINDOW_SECONDS, lambda: self._sum_up(kind))

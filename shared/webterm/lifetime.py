"""How long a terminal lives: until nobody has used it for so long, or it is so old.

activity ─▶ (nothing) ─▶ warning at 900 s ─▶ warning at 120 s ─▶ end
   ▲                                                              │
   └───────── activity or `keep` calls an idle end off ◀──────────┘ (not after it)
"""

import math
from typing import TYPE_CHECKING

from .protocol import NO_WARNING, EndWarning

if TYPE_CHECKING:
    from collections.abc import Callable

    from .loop import Timer, Timers

# Seconds before the end.
WARNINGS = (900, 120)
# How often to look for a job in the foreground: rarely, since many terminals idle.
SAMPLE_SECONDS = 30.0
SAMPLES_OF_A_LIMIT = 4

IDLE = "idle"
AGE = "age"


class Lifetime:
    """Knows when a terminal was last used, and says when it is to end.

    Used means: input, output, or a job in the foreground.  Who sees input or output
    calls `touch`, which is cheap; the job is looked for from time to time.
    """

    def __init__(
        self,
        timers: "Timers",
        *,
        idle_s: int,
        max_age_s: int,
        is_busy: "Callable[[], bool]",
        on_warning: "Callable[[EndWarning], None]",
        on_end: "Callable[[str], None]",
    ) -> None:
        """Begin to count.

        Args:
            timers: The clock.
            idle_s: Without use for so long it ends, 0 for never.
            max_age_s: At that age it ends, 0 for never.
            is_busy: Whether a job is in the foreground.
            on_warning: Told when an end comes near, comes nearer, or is called off.
            on_end: Told the reason, once.
        """
        self._timers = timers
        self._idle_s = idle_s
        self._max_age_s = max_age_s
        self._is_busy = is_busy
        self._on_warning = on_warning
        self._on_end = on_end
        self._points = {IDLE: points_of(idle_s), AGE: points_of(max_age_s)}
        self._started = self._used = timers.now()
        # What was said last: which end, and at which of its points.
        self._said: tuple[str, float] = ("", 0)
        self._timer: Timer | None = None
        self._over = False
        self._look()

    @property
    def warning(self) -> EndWarning:
        """What somebody who comes now has to be told."""
        reason, point = self._said
        if not point:
            return NO_WARNING
        return EndWarning(reason, math.ceil(max(0.0, self._left(reason))))

    @property
    def idle(self) -> float:
        """How many seconds ago the terminal was last used; 0 while a job runs."""
        return 0 if self._is_busy() else max(0.0, self._timers.now() - self._used)

    def touch(self) -> None:
        """Take note that the terminal is used."""
        self._used = self._timers.now()
        if self._said[0] == IDLE:
            self._look()

    def stop(self) -> None:
        """Count no more."""
        self._over = True
        if self._timer is not None:
            self._timer.cancel()

    def _left(self, reason: str) -> float:
        """Return the seconds until an end; infinity where there is no such limit."""
        since, limit = (
            (self._used, self._idle_s)
            if reason == IDLE
            else (self._started, self._max_age_s)
        )
        return since + limit - self._timers.now() if limit else math.inf

    def _look(self) -> None:
        if self._over:
            return
        if self._idle_s and self._is_busy():
            self._used = self._timers.now()
        reason = min((AGE, IDLE), key=self._left)
        left = self._left(reason)
        if left <= 0:
            self.stop()
            self._on_end(reason)
            return
        points = self._points[reason]
        point = min((point for point in points if left <= point), default=0.0)
        self._say(reason if point else "", point, left)
        if left < math.inf:
            ahead = max((point for point in points if point < left), default=0.0)
            self._wait(left - ahead)

    def _say(self, reason: str, point: float, left: float) -> None:
        if (reason, point) != self._said:
            self._said = (reason, point)
            self._on_warning(
                EndWarning(reason, math.ceil(left)) if reason else NO_WARNING
            )

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._idle_s:
            rarely = min(SAMPLE_SECONDS, self._idle_s / SAMPLES_OF_A_LIMIT)
            seconds = min(seconds, rarely)
        self._timer = self._timers.call_later(seconds, self._look)


def points_of(limit: int) -> tuple[float, ...]:
    """Return at how many seconds before an end to warn."""
    return tuple(point for point in WARNINGS if point < limit) or (limit / 2,)


def describe(warning: EndWarning) -> str:
    """Return the line for the terminal itself."""
    minutes = math.ceil(warning.seconds / 60)
    when = f"{minutes} minutes" if minutes > 1 else f"{warning.seconds} seconds"
    if warning.reason == IDLE:
        why = "because nobody uses it. Press Enter to keep it"
    else:
        why = "because of its age. Save your work"
    return f"\r\n[This terminal ends in {when}, {why}.]\r\n"

"""What a tenant does from time to time: expiries, retries, schedules."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from agave_local.clock import Clock

_TICK_S = 1.0
_JOIN_S = 10.0
_log = logging.getLogger(__name__)


@dataclass
class _Duty:
    name: str
    every_s: float
    work: Callable[[], None]
    due: float = 0.0


class Duties:
    """Work that comes back, in one thread of its own.

    Args:
        clock: tells what is due; a clock that tests move makes duties due at once.
        after: called in the thread before it ends, to close what it opened.
        tick_s: seconds of real time between two looks at what is due.
    """

    def __init__(
        self, clock: Clock, after: Callable[[], None], tick_s: float = _TICK_S
    ) -> None:
        self._clock = clock
        self._after = after
        self._tick_s = tick_s
        self._duties: list[_Duty] = []
        self._turn = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, name: str, every_s: float, work: Callable[[], None]) -> None:
        """Have work done every so many seconds of the tenant's clock."""
        self._duties.append(_Duty(name, every_s, work))

    def start(self) -> None:
        """Begin to work; a second start does nothing."""
        if self._thread is None:
            self._ended.clear()
            self._thread = threading.Thread(
                target=self._run, name="duties", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Stop working, after what is under way."""
        if self._thread is not None:
            self._ended.set()
            self._thread.join(_JOIN_S)
            self._thread = None

    def tick(self) -> None:
        """Do now whatever is due; a duty that fails is logged and comes back."""
        with self._turn:
            now = self._clock.now()
            for duty in self._duties:
                if duty.due > now:
                    continue
                duty.due = now + duty.every_s
                try:
                    duty.work()
                except Exception:  # noqa: BLE001 - logged; the other duties must not wait for its cure
                    _log.exception("the duty %s failed", duty.name)

    def _run(self) -> None:
        while not self._ended.wait(self._tick_s):
            self.tick()
        self._after()

"""One thread and one selector: who may read or write, what is due, which signals came.

asyncio would do, and is 6 MB of memory and 50 ms of start for each terminal; a
server that owns one shell and a few sockets needs no more than this.
"""

import contextlib
import heapq
import itertools
import selectors
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

READ: Final = selectors.EVENT_READ
WRITE: Final = selectors.EVENT_WRITE
SIGNAL_BYTES = 256
# A fault that comes again and again would fill the disk, and end nothing.
MOST_FAULTS = 100


class Timer:
    """Something that is due at a time, unless it is cancelled."""

    def __init__(self, callback: "Callable[[], None]") -> None:
        self._callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Forget it."""
        self._callback = None

    def fire(self) -> None:
        """Do it, once."""
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()

    @property
    def cancelled(self) -> bool:
        """Whether nothing will happen."""
        return self._callback is None


class Timers(Protocol):
    """What those who only wait for a time need of a loop."""

    def now(self) -> float:
        """Return the time, in seconds of a clock that never jumps."""
        ...

    def call_later(self, seconds: float, callback: "Callable[[], None]") -> Timer:
        """Do something later."""
        ...


class Loop:
    """Waits for descriptors, times and signals, and calls who asked for them.

    What one handler lets go of is not called for again, in the same turn neither.
    A fault in a handler is logged and costs nobody else anything.
    The clock stands still while the machine sleeps, so nobody has been idle or silent
    because of a closed lid.
    """

    def __init__(self, now: "Callable[[], float]" = time.monotonic) -> None:
        self.now = now
        self._faults = 0
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = itertools.count()
        self._running = True
        self._signals: dict[int, Callable[[], None]] = {}
        self._awake, self._waker = socket.socketpair()

    def watch(
        self, descriptor: int, events: int, handler: "Callable[[int], None]"
    ) -> None:
        """Call a handler whenever a descriptor can be read, written, or is at an end.

        What was asked for that descriptor before is replaced; no events, no calls.
        """
        if not events:
            self.forget(descriptor)
        elif descriptor in self._selector.get_map():
            self._selector.modify(descriptor, events, handler)
        else:
            self._selector.register(descriptor, events, handler)

    def forget(self, descriptor: int) -> None:
        """Watch a descriptor no more; it must still be open."""
        if descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)

    def call_later(self, seconds: float, callback: "Callable[[], None]") -> Timer:
        """Do something after so many seconds, at the earliest."""
        timer = Timer(callback)
        entry = (self.now() + seconds, next(self._count), timer)
        heapq.heappush(self._timers, entry)
        return timer

    def on_signal(self, number: int, callback: "Callable[[], None]") -> None:
        """Call back, between two handlers, when a signal has come."""
        if not self._signals:
            self._awake.settimeout(0)
            self._waker.settimeout(0)
            signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
            self.watch(self._awake.fileno(), READ, self._take_signals)
        self._signals[number] = callback
        signal.signal(number, lambda _number, _frame: None)

    def run(self) -> None:
        """Wait and call until somebody stops it."""
        while self._running:
            self._turn()

    def stop(self) -> None:
        """Have `run` return after the handlers of this turn."""
        self._running = False

    def close(self) -> None:
        """Let go of everything."""
        if self._signals:
            signal.set_wakeup_fd(-1)
        self._selector.close()
        self._awake.close()
        self._waker.close()

    def _turn(self) -> None:
        watched = self._selector.get_map()
        for key, events in self._selector.select(self._patience()):
            # One before it in this turn may have let go of it.
            if watched.get(key.fd) is key:
                self._call(key.data, events)
        now = self.now()
        due: list[Timer] = []
        while self._timers and self._timers[0][0] <= now:
            due.append(heapq.heappop(self._timers)[2])
        # What they ask for at once is for the next turn, or nobody else had one.
        for timer in due:
            self._call(timer.fire)

    def _call(self, callback: "Callable[..., None]", *values: int) -> None:
        try:
            callback(*values)
        except Exception:
            self._faults += 1
            if self._faults > MOST_FAULTS:
                raise
            sys.excepthook(*sys.exc_info())

    def _patience(self) -> float | None:
        while self._timers and self._timers[0][2].cancelled:
            heapq.heappop(self._timers)
        if not self._timers:
            return None
        return max(0.0, self._timers[0][0] - self.now())

    def _take_signals(self, events: int) -> None:
        del events
        with contextlib.suppress(BlockingIOError):
            for number in set(self._awake.recv(SIGNAL_BYTES)):
                if number in self._signals:
                    self._signals[number]()

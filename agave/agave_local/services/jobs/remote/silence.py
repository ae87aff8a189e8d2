"""Which machines do not answer, so that nobody waits long who only wants to read.

Carrying a job may take its time.  Somebody who looks at a page is told at once what the
last one has found out, the watch of the jobs or another reader; now and then a single
reader tries again.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from agave_local.services.jobs.remote.trips import Trip
from agave_local.services.jobs.shells.errors import HostError, HostSilent
from agave_local.services.jobs.shells.words import BUSY, TOO_LONG

# Longer than a watch needs to find out once more.
NOTED_SECONDS = 90.0
READER_SECONDS = 5.0
RETRY_SECONDS = 30.0
_T = TypeVar("_T")
_Key = tuple[str, str]


class Silences:
    """Remembers machines that do not answer; several threads may use it at once.

    Args:
        clock: seconds that only grow.
        patience: seconds that a reader waits.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        patience: float = READER_SECONDS,
    ) -> None:
        self._clock = clock
        self._patience = patience
        self._until: dict[_Key, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def note(
        self, trip: Trip, error: HostError, seconds: float = NOTED_SECONDS
    ) -> None:
        """Note that the machine of a job did not answer.

        Args:
            trip: of the job.
            error: what was found; one that is no silence is not noted.
            seconds: for which it is believed.
        """
        if isinstance(error, HostSilent) and error.message != BUSY:
            with self._lock:
                self._until[_key(trip)] = self._clock() + seconds, error.message

    def end(self, trip: Trip) -> None:
        """Note that the machine of a job answers."""
        with self._lock:
            self._until.pop(_key(trip), None)

    def read(self, trip: Trip, work: Callable[[], _T], more: float = 0.0) -> _T:
        """Ask a machine for something that a reader waits for.

        What takes too long goes on by itself, and nobody hears of its end.

        Args:
            trip: of the job that it is about.
            work: asks; in a thread of its own.
            more: seconds that it may take beyond what is usual.

        Raises:
            HostSilent: the machine does not answer, or did not a moment ago.
        """
        self._check(trip)
        try:
            found = _within(self._patience + more, work)
        except HostError as error:
            self.note(trip, error, RETRY_SECONDS)
            raise
        except OSError:
            # A file that is not there is an answer, too.
            self.end(trip)
            raise
        self.end(trip)
        return found

    def _check(self, trip: Trip) -> None:
        key, now = _key(trip), self._clock()
        with self._lock:
            if key not in self._until:
                return
            until, words = self._until[key]
            if now < until:
                raise HostSilent(words)
            # This one tries; who comes meanwhile does not wait with it.
            self._until[key] = now + RETRY_SECONDS, words


def _key(trip: Trip) -> _Key:
    return trip.system, trip.owner


def _within(seconds: float, work: Callable[[], _T]) -> _T:
    answer: Future[_T] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            answer.set_exception(error)

    threading.Thread(target=run, name="jobs-reader", daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError as error:
        if answer.done():
            raise
        raise HostSilent(TOO_LONG) from error

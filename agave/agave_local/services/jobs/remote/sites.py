"""The threads of each system that jobs go to: some carry, one watches.

Each system has its own, so that one whose machine hangs holds up nobody else's jobs.
Anybody may describe systems, as many as they like: of those that are not published,
the further ones of an owner share one set of threads.
"""

import logging
import threading
import time
from collections.abc import Callable

from agave_local.services.jobs.remote.runner import RemoteRunner
from agave_local.services.jobs.remote.trips import Trip
from agave_local.services.jobs.remote.watch import Pace, Told, Watch
from agave_local.services.jobs.workers import Workers

_log = logging.getLogger(__name__)
_CARRIERS = 4
MOST_OWN_SITES = 8
_AFTER_FAULT_SECONDS = 1.0


class Site:
    """One system's threads.

    Args:
        name: of the system.
        watch: looks after its jobs.
        at_end: called by each thread as it ends.
    """

    def __init__(self, name: str, watch: Watch, at_end: Callable[[], None]) -> None:
        self.workers = Workers(f"jobs-{name}", _CARRIERS, at_end)
        self._watch = watch
        self._at_end = at_end
        self._trips: dict[str, Trip] = {}
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._stopping = False
        self._name = f"jobs-{name}-watch"
        self._thread: threading.Thread | None = None
        self.workers.start()

    def follow(self, trip: Trip) -> None:
        """Watch a job from now on."""
        with self._lock:
            self._trips[trip.job_id] = trip
            if self._thread is None and not self._stopping:
                self._thread = threading.Thread(
                    target=self._look, name=self._name, daemon=True
                )
                self._thread.start()
        self._watch.hurry()
        self._bell.set()

    def leave(self, job_id: str) -> None:
        """Watch a job no more."""
        with self._lock:
            self._trips.pop(job_id, None)

    def end(self) -> None:
        """Begin nothing more; what runs on the machine goes on."""
        self._stopping = True
        self._bell.set()
        self.workers.end()

    def join(self, seconds: float) -> None:
        """Wait for what is under way, at most so many seconds for all of it."""
        until = time.monotonic() + seconds
        self.workers.join(seconds)
        thread = self._thread
        if thread is not None:
            thread.join(max(until - time.monotonic(), 0))

    def _look(self) -> None:
        """Look as long as there is a job to look after."""
        pause = 0.0
        while not self._stopping:
            self._bell.wait(pause)
            self._bell.clear()
            with self._lock:
                trips = dict(self._trips)
                if not trips or self._stopping:
                    self._thread = None
                    break
            try:
                pause = self._watch.look(trips)
            except Exception:  # noqa: BLE001 - jobs must go on
                _log.exception("the watch of a system failed")
                pause = _AFTER_FAULT_SECONDS
        self._at_end()


class Sites:
    """The threads of all systems, made when they are needed.

    Args:
        runner: reaches the systems.
        told: hears what becomes of jobs.
        at_end: called by each thread as it ends.
        pace: of the watches.
    """

    def __init__(
        self,
        runner: RemoteRunner,
        told: Told,
        at_end: Callable[[], None],
        pace: Pace | None = None,
    ) -> None:
        self._runner = runner
        self._told = told
        self._at_end = at_end
        self._pace = pace
        self._sites: dict[str, Site] = {}
        # Where the jobs of a system are, whatever becomes of the system meanwhile.
        self._names: dict[str, str] = {}
        self._is_over = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin anew, after a stop, too."""
        with self._lock:
            self._sites.clear()
            self._names.clear()
            self._is_over = False

    def of(self, system_id: str) -> Site:
        """Return a system's threads."""
        with self._lock:
            name = self._names.get(system_id)
            if name is None:
                name = self._names[system_id] = self._name(system_id)
            site = self._sites.get(name)
            if site is None:
                watch = Watch(self._runner, self._told, time.monotonic, self._pace)
                site = self._sites[name] = Site(name, watch, self._at_end)
                if self._is_over:
                    site.end()
            return site

    def _name(self, system_id: str) -> str:
        """Return which threads a system has that is new here."""
        owner = self._runner.owner_of(system_id)
        if owner is None:
            return system_id
        mine = f"{owner}/"
        own = sum(name.startswith(mine) for name in self._sites)
        return f"{mine}{system_id if own < MOST_OWN_SITES else ''}"

    def stop(self) -> None:
        """End all threads, and sign out."""
        with self._lock:
            self._is_over = True
            sites = list(self._sites.values())
        for site in sites:
            site.end()
        until = time.monotonic() + (self._pace or Pace()).end
        for site in sites:
            # A machine that hangs is not waited for; nobody hears its answer any more.
            site.join(max(until - time.monotonic(), 0))
        self._runner.close()

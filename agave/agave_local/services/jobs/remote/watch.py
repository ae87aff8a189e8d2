"""Looks after the jobs that a system's scheduler has.

The machine is looked at often and cheaply: one listing of a folder, in which each job
leaves a file when it begins and when it ends.  The scheduler is asked seldom, once for
all jobs: why they wait, and what became of those that can say nothing any more.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from agave_local.errors import LocalTenantError
from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.remote.folders import ENDED, STARTED
from agave_local.services.jobs.remote.runner import RemoteRunner
from agave_local.services.jobs.remote.silence import READER_SECONDS
from agave_local.services.jobs.remote.trips import Trip
from agave_local.services.jobs.schedulers.base import Scheduler, Sight, State
from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.errors import NONSENSE, HostError
from agave_local.services.jobs.shells.words import NOT_UNDERSTOOD

_log = logging.getLogger(__name__)


class Told(Protocol):
    """Is told what became of jobs."""

    def began(self, job_id: str) -> None:
        """A job runs."""
        ...

    def waits(self, job_id: str, sight: Sight) -> None:
        """A job waits for its turn."""
        ...

    def ended(self, job_id: str, ended: Exit, why: str) -> None:
        """A job is over; it is not watched any more."""
        ...

    def is_lost(self, job_id: str, error: HostError) -> bool:
        """A job can't be looked at; tell whether it is to be given up."""
        ...

    def is_seen(self, job_id: str) -> None:
        """A job can be looked at again."""
        ...


@dataclass(frozen=True)
class Pace:
    """How often, in seconds.

    Attributes:
        look: between two looks while something happens.
        idle_look: between two looks when nothing has happened for a minute.
        ask: before the scheduler is asked for the first time after something new.
        idle_ask: between two questions when there is nothing new.
        grace: for a job that its scheduler has forgotten to say its last word.
        trouble: between two looks at a machine that does not answer.
        fault: before something is tried again after a fault of our own, such as a full
            disk.
        stop: that who stops a running job waits for its end, at most.
        end: that the end of the tenant waits for what is under way, at most.
        read: that who reads what a job has made waits for its machine, at most.
    """

    look: float = 0.2
    idle_look: float = 2.0
    ask: float = 2.0
    idle_ask: float = 30.0
    grace: float = 10.0
    trouble: float = 5.0
    fault: float = 2.0
    stop: float = 1.0
    end: float = 5.0
    read: float = READER_SECONDS


_BUSY_SECONDS = 60.0


class Trouble(Enum):
    """What a job can't be seen for."""

    MACHINE = auto()
    SCHEDULER = auto()


class Group:
    """The jobs that are reached in the same way.

    Attributes:
        shell: their machine.
        scheduler: that has them.
        base: of their folders.
        trips: of the jobs.
    """

    def __init__(self, shell: Shell, scheduler: Scheduler, base: str) -> None:
        self.shell = shell
        self.scheduler = scheduler
        self.base = base
        self.trips: list[Trip] = []


class Watch:
    """Looks after the jobs of one system.

    Args:
        runner: looks.
        told: hears of it.
        clock: seconds that only grow.
        pace: how often.
    """

    def __init__(
        self,
        runner: RemoteRunner,
        told: Told,
        clock: Callable[[], float],
        pace: Pace | None = None,
    ) -> None:
        self._runner = runner
        self._told = told
        self._clock = clock
        self._pace = pace or Pace()
        self._gone: dict[str, float] = {}
        self._running: set[str] = set()
        self._known: set[str] = set()
        # A machine that answers is no sign that its scheduler does.
        self._in_trouble: dict[str, Trouble] = {}
        self._news = clock()
        self._between = self._pace.ask
        self._question = clock() + self._between

    def hurry(self) -> None:
        """Something is new: look and ask soon."""
        self._news = self._clock()
        self._between = self._pace.ask
        # Never later than before: news may come all the time.
        self._question = min(self._question, self._news + self._between)

    def look(self, trips: dict[str, Trip]) -> float:
        """Look once; return in how many seconds to look again.

        Args:
            trips: of the jobs to look after.
        """
        self._meet(trips)
        is_time = self._clock() >= self._question
        trouble = False
        for group in self._groups(trips):
            trouble |= not self._visit(group, ask=is_time)
        if is_time:
            self._question = self._clock() + self._between
            self._between = min(self._between * 2, self._pace.idle_ask)
        if trouble:
            return self._pace.trouble
        is_busy = self._clock() - self._news < _BUSY_SECONDS
        return self._pace.look if is_busy else self._pace.idle_look

    def _meet(self, trips: dict[str, Trip]) -> None:
        """Forget the jobs that are here no more; take those that are new."""
        self._running &= trips.keys()
        for known in (self._gone, self._in_trouble):
            for job_id in known.keys() - trips.keys():
                del known[job_id]
        for job_id in trips.keys() - self._known:
            # An earlier process may have noted that it can't be seen.
            self._in_trouble[job_id] = Trouble.SCHEDULER
        self._known = set(trips)

    def _visit(self, group: Group, *, ask: bool) -> bool:
        """Look at a machine, and ask its scheduler; tell whether both answered."""
        left = group.trips
        trouble = Trouble.MACHINE
        try:
            left = self._look_at(group)
            for trip in group.trips:
                self._runner.silences.end(trip)
            self._find_again(left, trouble)
            if ask and left:
                trouble = Trouble.SCHEDULER
                self._ask(group, left)
                self._find_again(left, trouble)
        except HostError as error:
            self._lose(left, error, trouble)
            return False
        except (LocalTenantError, *NONSENSE) as error:
            # Whatever an account says: the jobs of others are looked at all the same.
            _log.warning("a machine says what nobody understands", exc_info=error)
            self._lose(left, HostError(NOT_UNDERSTOOD), trouble)
            return False
        return True

    def _groups(self, trips: dict[str, Trip]) -> list[Group]:
        """Sign in once for all jobs of an owner, and part jobs by where that leads."""
        owners: dict[tuple[str, str, str], list[Trip]] = {}
        for trip in trips.values():
            where = (trip.system, trip.owner, trip.base)
            owners.setdefault(where, []).append(trip)
        groups: dict[tuple[str, int, str], Group] = {}
        for (system, _, base), own in owners.items():
            try:
                spot = self._runner.spot(own[0])
            except HostError as error:
                self._lose(own, error)
                continue
            except LocalTenantError as error:
                # The system was removed: nobody can say what becomes of its jobs.
                for trip in own:
                    self._end(trip, Exit("lost"), error.message)
                continue
            key = (system, id(spot.shell), base)
            group = groups.setdefault(key, Group(spot.shell, spot.scheduler, base))
            group.trips += own
        return list(groups.values())

    def _look_at(self, group: Group) -> list[Trip]:
        """Notice what has happened; return the jobs that are not over."""
        events = self._runner.events(group.shell, group.base)
        left = []
        for trip in group.trips:
            if trip.job_id in events[STARTED]:
                self._begin(trip)
                self._runner.forget_events(group.shell, trip, (STARTED,))
            if trip.job_id not in events[ENDED] or not self._take_end(group, trip):
                left.append(trip)
        return left

    def _ask(self, group: Group, trips: list[Trip]) -> None:
        """Ask the scheduler for all of them."""
        numbers = [trip.number for trip in trips if trip.number]
        sights = group.scheduler.look(group.shell, numbers)
        for trip in trips:
            self._take_sight(group, trip, sights.get(trip.number))

    def _take_sight(self, group: Group, trip: Trip, sight: Sight | None) -> None:
        if sight is None:
            return
        if sight.state is not State.GONE:
            self._gone.pop(trip.job_id, None)
        if sight.state is State.WAITING:
            self._told.waits(trip.job_id, sight)
        elif sight.state is State.RUNNING:
            self._begin(trip)
        elif not self._take_end(group, trip):
            since = self._gone.setdefault(trip.job_id, self._clock())
            if sight.exit is not None or self._clock() - since >= self._pace.grace:
                self._is_seen(trip)
                self._end(trip, sight.exit or Exit("lost"), sight.reason)
            else:
                self._between = self._pace.ask

    def _take_end(self, group: Group, trip: Trip) -> bool:
        """Take a job's last word; tell whether it has said it."""
        ended = self._runner.exit_of(group.shell, trip)
        if ended is None:
            return False
        self._is_seen(trip)
        self._end(trip, ended, "")
        return True

    def _begin(self, trip: Trip) -> None:
        if trip.job_id in self._running:
            return
        self._told.began(trip.job_id)
        self._running.add(trip.job_id)
        self._news = self._clock()

    def _end(self, trip: Trip, ended: Exit, why: str) -> None:
        self._running.discard(trip.job_id)
        self._gone.pop(trip.job_id, None)
        self._in_trouble.pop(trip.job_id, None)
        self._news = self._clock()
        self._told.ended(trip.job_id, ended, why)

    def _lose(
        self,
        trips: list[Trip],
        error: HostError,
        trouble: Trouble = Trouble.MACHINE,
    ) -> None:
        for trip in trips:
            self._in_trouble[trip.job_id] = trouble
            if trouble is Trouble.MACHINE:
                self._runner.silences.note(trip, error)
            if self._told.is_lost(trip.job_id, error):
                self._end(trip, Exit("lost"), error.message)

    def _find_again(self, trips: list[Trip], over: Trouble) -> None:
        for trip in trips:
            if self._in_trouble.get(trip.job_id) is over:
                self._is_seen(trip)

    def _is_seen(self, trip: Trip) -> None:
        if self._in_trouble.pop(trip.job_id, None) is not None:
            self._told.is_seen(trip.job_id)

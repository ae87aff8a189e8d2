"""The way of one job to its machine and back, whatever happens to either.

    dispatch: send ─▶ submit ─▶ (watched) ─▶ fetch ─▶ (archived) ─▶ tidy
    cancel at any time; tidy also after a stop, a failure or a restart

Each step may be done again: what is done already is found done.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from agave_local.clock import Clock, to_iso
from agave_local.errors import LocalTenantError, NotFound, Unavailable
from agave_local.records.store import Document
from agave_local.services.jobs.folders import JobFolders
from agave_local.services.jobs.records import JobRecords
from agave_local.services.jobs.remote.runner import RemoteRunner
from agave_local.services.jobs.remote.trips import Trip
from agave_local.services.jobs.schedulers.base import SchedulerRefused, Sight, State
from agave_local.services.jobs.shells.errors import HostError
from agave_local.services.jobs.states import Status

_log = logging.getLogger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_CANCEL_PAUSE = 0.25
_STOPPED = (Status.STOPPED, Status.KILLED)


class TryLater(Exception):
    """A step has to wait for a machine.

    Attributes:
        seconds: to wait.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:g} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Patience:
    """For how many seconds a machine that does not answer is asked again.

    Attributes:
        dispatch: before a job is given up that could not be started.
        watch: before one is that was started.
        fetch: before its outputs are.
        tidy: before what it left on the machine is.
    """

    dispatch: float = 600.0
    watch: float = 86_400.0
    fetch: float = 3_600.0
    tidy: float = 86_400.0


class Journey:
    """Brings jobs to their machines and back; owns no thread.

    Args:
        records: of the jobs.
        runner: carries.
        clock: tells the time.
        folders: returns where a job's files are here.
        patience: with machines that do not answer.
    """

    def __init__(
        self,
        records: JobRecords,
        runner: RemoteRunner,
        clock: Clock,
        folders: Callable[[str], JobFolders],
        patience: Patience | None = None,
    ) -> None:
        self.runner = runner
        self.patience = patience or Patience()
        self._records = records
        self._clock = clock
        self._folders = folders
        # Not among the records: a thousand jobs that wait would be written each time.
        self._queue: dict[str, Document] = {}

    def dispatch(self, job_id: str) -> bool:
        """Send a queued job, and have it started; tell whether it was.

        Raises:
            TryLater: its machine or its scheduler has to be asked again.
        """
        job = self._records.get(job_id)
        if job is None or job["status"] != Status.QUEUED:
            return False
        try:
            self.runner.send(job, self._folders(job_id))
            number = self.runner.submit(job)
        except (HostError, SchedulerRefused) as error:
            self._fail(job, error.message, may_pass=error.may_pass)
            return False
        except LocalTenantError as error:
            self._fail(job, error.message, may_pass=False)
            return False
        kept = self._records.remark(
            job_id,
            Status.QUEUED,
            f"its number there is {number.partition(':')[0]}",
            localId=number,
            submitTime=self._clock.now(),
            troubleSince=None,
        )
        return kept is not None

    def note(self, job_id: str, sight: Sight) -> None:
        """Keep what the scheduler says of a job that waits, until it says more."""
        self._queue[job_id] = {
            "ahead": sight.ahead,
            "expectedStart": None if sight.expected is None else to_iso(sight.expected),
            "reason": sight.reason,
            "asOf": to_iso(self._clock.now()),
        }

    def forget(self, job_id: str) -> None:
        """Forget what the scheduler said of a job that waits no more."""
        self._queue.pop(job_id, None)

    def queue_of(self, job: Document) -> Document | None:
        """Return what the scheduler said last of a job that waits."""
        is_waiting = job["status"] == Status.QUEUED
        return self._queue.get(job["id"]) if is_waiting else None

    def is_lost(self, job_id: str, error: HostError) -> bool:
        """Note that a job can't be looked at; tell whether it is to be given up."""
        job = self._records.get(job_id)
        return job is not None and not self._may_wait(
            job, error.message, self.patience.watch
        )

    def is_seen(self, job_id: str) -> None:
        """Note that a job can be looked at again."""
        job = self._records.get(job_id)
        if job is not None and job.get("troubleSince") is not None:
            more = "its machine answers again"
            self._records.remark(
                job_id, Status(job["status"]), more, troubleSince=None, trouble=None
            )

    def fetch(self, job: Document) -> None:
        """Bring the files of a job that has ended home.

        Raises:
            TryLater: its machine has to be asked again.
            LocalTenantError: they can't be had.
        """
        trip = self.runner.trips.get(job["id"])
        if trip is None or trip.fetched:
            return
        try:
            self.runner.fetch(trip, self._folders(job["id"]))
        except HostError as error:
            if error.may_pass:
                self._wait(job, error.message, self.patience.fetch)
            raise Unavailable(
                f"What the job has made could not be fetched: {error.message}"
            ) from error
        self._records.set(job["id"], troubleSince=None)

    def cancel(self, job_id: str) -> None:
        """Ask a running job to end.

        Raises:
            TryLater: its machine has to be asked again.
        """
        trip = self.runner.trips.get(job_id)
        job = self._records.get(job_id)
        if trip is None or job is None or job["status"] != Status.RUNNING:
            return
        try:
            self.runner.cancel(trip)
        except HostError as error:
            raise TryLater(_pause(0)) from error
        except NotFound:
            _log.warning("job %s can't be cancelled: its system is gone", job_id)

    def tidy(self, job_id: str) -> None:
        """Leave nothing of a job that is over at its scheduler or on its machine.

        Raises:
            TryLater: not everything is gone yet.
        """
        trip = self.runner.trips.get(job_id)
        if trip is None:
            return
        job = self._records.get(job_id)
        ended = float((job or {}).get("endTime") or self._clock.now())
        overdue = self._clock.now() - ended > self.patience.tidy
        try:
            if self._has_run(trip) and not overdue:
                self.runner.cancel(trip)
                raise TryLater(_CANCEL_PAUSE)
            if job is not None and job["visible"] and _wants_files(job, trip):
                self.runner.fetch(trip, self._folders(job_id))
            self.runner.discard(trip)
        except (HostError, LocalTenantError) as error:
            may_pass = isinstance(error, HostError) and error.may_pass
            if may_pass and not overdue:
                raise TryLater(_LONGEST_PAUSE) from error
            _log.warning("job %s leaves files on its machine: %s", job_id, error)
            self.runner.trips.end(job_id)

    def _has_run(self, trip: Trip) -> bool:
        """Tell whether a job is still at its scheduler."""
        if self.runner.exit_of(self.runner.spot(trip).shell, trip) is not None:
            return False
        sight = self.runner.look(trip)
        return sight is not None and sight.state is not State.GONE

    def _fail(self, job: Document, message: str, *, may_pass: bool) -> None:
        if may_pass:
            self._wait(job, message, self.patience.dispatch)
            message = f"{message} It was tried for {self.patience.dispatch:.0f} s."
        self._records.advance(
            job["id"], Status.QUEUED, Status.FAILED, message, message=message
        )

    def _wait(self, job: Document, message: str, patience: float) -> None:
        """Raise TryLater, unless that was done for long enough."""
        if self._may_wait(job, message, patience):
            since = job.get("troubleSince") or self._clock.now()
            raise TryLater(_pause(self._clock.now() - float(since)))

    def _may_wait(self, job: Document, message: str, patience: float) -> bool:
        now = self._clock.now()
        since = job.get("troubleSince")
        if since is None or job.get("trouble") != message:
            since = now if since is None else since
            self._records.remark(
                job["id"],
                Status(job["status"]),
                f"{message} Trying again",
                troubleSince=since,
                trouble=message,
            )
        return now - float(since) < patience


def _wants_files(job: Document, trip: Trip) -> bool:
    return not trip.fetched and job["status"] in _STOPPED


def _pause(tried: float) -> float:
    """Return how long to wait after so many seconds of trouble."""
    return min(max(tried / 4, _FIRST_PAUSE), _LONGEST_PAUSE)

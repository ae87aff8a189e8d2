"""The way of one job to its machine and back, whatever happens to either.

    dispatch: send ─▶ submit ─▶ (watched) ─▶ fetch ─▶ (archived) ─▶ tidy
    cancel at any time; tidy also after a stop, a failure or a restart

Each step may be done again: what is done already is found done.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from agave_local.clock import Clock, to_iso
from agave_local.errors import (
    InsufficientStorage,
    LocalTenantError,
    NotFound,
    Unavailable,
)
from agave_local.records.store import Document
from agave_local.services.jobs.folders import JobFolders
from agave_local.services.jobs.records import JobRecords
from agave_local.services.jobs.remote.runner import RemoteRunner
from agave_local.services.jobs.remote.trips import Trip
from agave_local.services.jobs.schedulers.base import SchedulerRefused, Sight, State
from agave_local.services.jobs.shells.errors import NONSENSE, HostError
from agave_local.services.jobs.shells.words import NOT_UNDERSTOOD
from agave_local.services.jobs.states import Status

_log = logging.getLogger(__name__)
_LONGEST_PAUSE = 30.0
_LONGEST_TIDY_PAUSE = 300.0
# A scheduler forces a job some seconds after it was asked, when it is asked again.
_ASK_AGAIN_SECONDS = 10.0
_WATCHED = (Status.QUEUED, Status.RUNNING)
_UNFETCHED = (Status.STOPPED, Status.KILLED, Status.FAILED)
_UNUSABLE = "The local tenant could not read or write a file of the job."


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
        pause: before it is asked again for the first time; later ones are longer.
    """

    dispatch: float = 600.0
    watch: float = 86_400.0
    fetch: float = 3_600.0
    tidy: float = 86_400.0
    pause: float = 0.25


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
        self._began = clock.now()
        # Not among the records: a thousand jobs that wait would be written each time.
        self._queue: dict[str, Document] = {}
        self._asked: dict[str, float] = {}

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
            # It may be stopped meanwhile: sending may take long.
            number = self.runner.submit(job) if self._is_queued(job_id) else ""
        except (HostError, SchedulerRefused) as error:
            message, may_pass = error.message, error.may_pass
        except LocalTenantError as error:
            message, may_pass = error.message, False
        except NONSENSE as error:
            _log.warning("job %s can't be started", job_id, exc_info=error)
            message, may_pass = NOT_UNDERSTOOD, False
        except OSError as error:
            _log.warning("job %s can't be sent", job_id, exc_info=error)
            message, may_pass = _UNUSABLE, True
        else:
            self.forget(job_id)
            return bool(number) and self._submitted(job_id, Status.QUEUED, number)
        self._fail(job, message, may_pass=may_pass)
        return False

    def _is_queued(self, job_id: str) -> bool:
        job = self._records.get(job_id)
        return job is not None and job["status"] == Status.QUEUED

    def confirm(self, trip: Trip) -> None:
        """Note that a job is at its scheduler, where nobody came to that any more."""
        job = self._records.get(trip.job_id)
        if job is not None and job["submitTime"] is None:
            self._submitted(trip.job_id, Status(job["status"]), trip.number)

    def _submitted(self, job_id: str, seen: Status, number: str) -> bool:
        kept = self._records.remark(
            job_id,
            seen,
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

    def _note_trouble(self, job: Document, message: str) -> None:
        """Keep why a job waits that nobody can start or look at for now."""
        if job["status"] == Status.QUEUED:
            reason = f"{message} It is tried again."
            self.note(job["id"], Sight(State.WAITING, reason=reason))

    def forget(self, job_id: str) -> None:
        """Forget what the scheduler said of a job that waits no more."""
        self._queue.pop(job_id, None)
        self._asked.pop(job_id, None)

    def queue_of(self, job: Document) -> Document | None:
        """Return what the scheduler said last of a job that waits."""
        is_waiting = job["status"] == Status.QUEUED
        return self._queue.get(job["id"]) if is_waiting else None

    def is_lost(self, job_id: str, error: HostError) -> bool:
        """Note that a job can't be looked at; tell whether it is to be given up."""
        job = self._records.get(job_id)
        if job is None or job["status"] not in _WATCHED:
            return False
        return not self._may_wait(job, error.message, self.patience.watch)

    def is_seen(self, job_id: str) -> None:
        """Note that a job can be looked at again."""
        job = self._records.get(job_id)
        if job is None or job["status"] not in _WATCHED:
            return
        if job.get("troubleSince") is not None:
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
        except InsufficientStorage as error:
            # Here, not there: somebody may make room.
            self._wait(job, error.message, self.patience.fetch)
            raise
        self._records.set(job["id"], troubleSince=None)

    def cancel(self, job_id: str) -> None:
        """Ask a running job to end.

        Raises:
            TryLater: its machine has to be asked again, until the job has ended.
        """
        trip = self.runner.trips.get(job_id)
        job = self._records.get(job_id)
        if trip is None or job is None or job["status"] != Status.RUNNING:
            return
        now = self._clock.now()
        asked = self._asked.setdefault(job_id, now)
        try:
            self.runner.cancel(trip)
        except HostError as error:
            raise TryLater(self._pause(now - asked)) from error
        except NotFound:
            _log.warning("job %s can't be cancelled: its system is gone", job_id)
            return
        raise TryLater(_ASK_AGAIN_SECONDS)

    def tidy(self, job_id: str) -> None:
        """Leave nothing of a job that is over at its scheduler or on its machine.

        Raises:
            TryLater: not everything is gone yet.
        """
        trip = self.runner.trips.get(job_id)
        if trip is None:
            return
        job = self._records.get(job_id)
        if job is not None and not Status(job["status"]).is_over:
            return
        # This process has not tried before it began.
        since = max(float((job or {}).get("endTime") or 0), self._began)
        tried = self._clock.now() - since
        try:
            if self._has_run(trip):
                self.runner.cancel(trip)
                if tried <= self.patience.tidy:
                    raise TryLater(self._pause(tried, _LONGEST_TIDY_PAUSE))
            if job is not None and job["visible"] and _wants_files(job, trip):
                self._save(trip, tried)
            self.runner.discard(trip)
        except (HostError, LocalTenantError, *NONSENSE) as error:
            # Also where it lets nobody in: a key may be mended, and the job may run.
            if isinstance(error, HostError) and tried <= self.patience.tidy:
                raise TryLater(self._pause(tried, _LONGEST_TIDY_PAUSE)) from error
            _log.warning("job %s leaves files on its machine: %s", job_id, error)
            self.runner.trips.end(job_id)

    def _save(self, trip: Trip, tried: float) -> None:
        """Fetch what a job that did not come to its end has made, if it can be had."""
        try:
            self.runner.fetch(trip, self._folders(trip.job_id))
        except InsufficientStorage as error:
            if tried <= self.patience.tidy:
                raise TryLater(self._pause(tried, _LONGEST_TIDY_PAUSE)) from error
        except LocalTenantError as error:
            _log.info("job %s is not fetched: %s", trip.job_id, error)

    def _pause(self, tried: float, longest: float = _LONGEST_PAUSE) -> float:
        """Return how long to wait after so many seconds of trouble."""
        return min(max(tried / 4, self.patience.pause), longest)

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
            raise TryLater(self._pause(self._clock.now() - float(since)))

    def _may_wait(self, job: Document, message: str, patience: float) -> bool:
        now = self._clock.now()
        since = job.get("troubleSince")
        self._note_trouble(job, message)
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
    was_there = bool(trip.number) and not trip.fetched
    return was_there and job["status"] in _UNFETCHED

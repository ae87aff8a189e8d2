"""What happens in each state of a job, and which state comes next.

Each state is written down before its work is done, and each work may be done again:
after a restart it simply is.

    PENDING → PROCESSING_INPUTS → STAGING_INPUTS → STAGED → STAGING_JOB → SUBMITTING
    → QUEUED (waits for a slot) → RUNNING (waits for the program) → CLEANING_UP
    → ARCHIVING → ARCHIVING_FINISHED or ARCHIVING_FAILED → FINISHED or FAILED
"""

import logging
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from agave_local.clock import Clock
from agave_local.errors import LocalTenantError
from agave_local.records.store import Document
from agave_local.services.jobs.archive import Archiver
from agave_local.services.jobs.folders import JobFolders
from agave_local.services.jobs.launcher import Launcher
from agave_local.services.jobs.macros import to_slug
from agave_local.services.jobs.order import Exit, Order
from agave_local.services.jobs.quantities import to_time
from agave_local.services.jobs.records import JobRecords
from agave_local.services.jobs.remote.journey import Journey, TryLater
from agave_local.services.jobs.staging import Stager
from agave_local.services.jobs.states import STAGING, Status

_log = logging.getLogger(__name__)
MOST_RETRIES = 2
GIB = 1 << 30
USUAL_MEMORY_GIB = 8.0
_SIGNAL_BASE = 128
_INPUTS = (Status.PROCESSING_INPUTS, Status.STAGING_INPUTS)
# What shells say so; a program of its own may mean something else by it.
_OF_SHELLS = {
    126: " (in most cases: a file that can't be executed)",
    127: " (in most cases: a program that is not there)",
}
_UNUSABLE = "The local tenant could not read or write a file."
SHUT_DOWN = "The job was ended because the tenant was shut down."


@dataclass(frozen=True)
class Step:
    """Where a job goes next.

    Attributes:
        status: the next one.
        more: for the history.
        fields: that change with it.
    """

    status: Status
    more: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


class Engine:
    """Moves single jobs on; owns no thread.

    Args:
        records: of the jobs.
        clock: tells the time.
        folders: returns where a job's files are.
        stager: fills work folders.
        archiver: empties them.
        launcher: runs programs.
        journey: brings jobs to other machines and back.
        most_bytes: that the folder of a job on this machine may hold.
    """

    def __init__(
        self,
        records: JobRecords,
        clock: Clock,
        folders: Callable[[str], JobFolders],
        *,
        stager: Stager,
        archiver: Archiver,
        launcher: Launcher,
        journey: Journey,
        most_bytes: int,
    ) -> None:
        self.records = records
        self.launcher = launcher
        self.journey = journey
        self._clock = clock
        self._most_bytes = most_bytes
        self.folders = folders
        self._stager = stager
        self._archiver = archiver
        self._steps: Mapping[Status, Callable[[Document], Step]] = {
            Status.PENDING: lambda _job: Step(Status.PROCESSING_INPUTS),
            Status.PROCESSING_INPUTS: self._process_inputs,
            Status.STAGING_INPUTS: self._stage_inputs,
            Status.STAGED: lambda _job: Step(Status.STAGING_JOB),
            Status.STAGING_JOB: self._stage_job,
            Status.SUBMITTING: self._submit,
            Status.CLEANING_UP: self._clean_up,
            Status.ARCHIVING: self._archive,
            Status.ARCHIVING_FINISHED: self._leave_archive,
            Status.ARCHIVING_FAILED: self._to_end,
        }

    def recover(self, job: Document) -> None:
        """Take a half-staged job of an earlier process back to its beginning."""
        status = Status(job["status"])
        if status in STAGING:
            self.records.advance(
                job["id"], status, Status.PENDING, "taken up again after a restart"
            )

    def drive(self, job_id: str) -> Document | None:
        """Move a job on until it has to wait, or is over.

        Returns:
            The job, or None where it is gone.

        Raises:
            TryLater: its machine has to be asked again.
        """
        while True:
            job = self.records.get(job_id)
            if job is None:
                self.folders(job_id).remove()
                return None
            status = Status(job["status"])
            if status.is_over and not job["visible"]:
                self.folders(job_id).remove()
            if status not in self._steps:
                return job
            step = self._take(status, job)
            self.records.advance(job_id, status, step.status, step.more, **step.fields)

    def begin(self, job_id: str) -> bool:
        """Let a queued job run from now on; tell whether it still wants to."""
        now = self._clock.now()
        begun = self.records.advance(
            job_id, Status.QUEUED, Status.RUNNING, startTime=now
        )
        return begun is not None

    def launch(self, job: Document) -> Exit | None:
        """Start a job's program, unless it was started before.

        Returns:
            How it ended, where it could not even be started; else None.
        """
        folders = self.folders(job["id"])
        memory = job["memoryPerNode"] or USUAL_MEMORY_GIB
        slug = to_slug(job["name"])
        order = Order(
            work=str(folders.work),
            argv=("/bin/bash", f"{slug}.ipcexe"),
            slug=slug,
            user=job["owner"],
            seconds=job["seconds"],
            memory_bytes=int(memory * GIB),
            processors=job["processorsPerNode"],
            total_bytes=self._most_bytes,
        )
        if self._is_stop_wanted(job["id"]):
            # An earlier process may have started it.
            self.launcher.end(folders.control)
            return Exit("ended")
        try:
            self.launcher.launch(folders.control, order)
        except OSError:
            _log.exception("job %s did not start", job["id"])
            return Exit("start")
        if self._is_stop_wanted(job["id"]):
            self.launcher.end(folders.control)
        return None

    def finish(
        self, job_id: str, ended: Exit, *, shutdown: bool = False, why: str = ""
    ) -> None:
        """Note how a job's program ended.

        Args:
            job_id: of the job.
            ended: how.
            shutdown: whether the tenant ended it and has no time to archive.
            why: what its scheduler says of that, if it says anything.
        """
        job = self.records.get(job_id)
        if job is None:
            return
        if job["stopRequested"]:
            self.records.advance(job_id, Status.RUNNING, _wanted_end(job))
            return
        is_here = not job.get("remote")
        if ended.reason == "start" and is_here and self._start_again(job):
            return
        message = SHUT_DOWN if shutdown else why or to_message(ended, job["seconds"])
        message = message or job.get("saidFailed")
        over = self.records.advance(
            job_id,
            Status.RUNNING,
            Status.FAILED if shutdown else Status.CLEANING_UP,
            message or "",
            exitCode=ended.code,
            message=message,
            endTime=self._clock.now(),
        )
        if over is not None and over["stopRequested"]:
            # Somebody asked for that just now.
            self.records.advance(job_id, Status.CLEANING_UP, _wanted_end(over))

    def _start_again(self, job: Document) -> bool:
        """Take a job whose program did not start back, for a while; tell whether."""
        tried = job.get("submitRetries", 0)
        if tried >= MOST_RETRIES:
            return False
        self.folders(job["id"]).forget_start(to_slug(job["name"]))
        more = "its program could not be started; trying again"
        self.records.advance(
            job["id"],
            Status.RUNNING,
            Status.STAGED,
            more,
            submitRetries=tried + 1,
            startTime=None,
            submitTime=None,
        )
        return True

    def _is_stop_wanted(self, job_id: str) -> bool:
        job = self.records.get(job_id)
        return job is None or bool(job["stopRequested"])

    def _take(self, status: Status, job: Document) -> Step:
        try:
            return self._steps[status](job)
        except TryLater:
            raise
        except LocalTenantError as error:
            if status not in _INPUTS or job["retries"] >= MOST_RETRIES:
                return _failed(error.message)
            more = f"{error.message} Trying again"
            return Step(Status.PENDING, more, {"retries": job["retries"] + 1})
        except OSError as error:
            _log.warning("job %s failed in %s", job["id"], status, exc_info=error)
            return _after_fault(status, job)
        except Exception:  # noqa: BLE001 - a job says that it failed, and why not more
            _log.exception("job %s failed in %s", job["id"], status)
            return _failed("The local tenant failed; its log says why.")

    def _process_inputs(self, job: Document) -> Step:
        self._stager.check_inputs(job, job["app"])
        return Step(Status.STAGING_INPUTS)

    def _stage_inputs(self, job: Document) -> Step:
        self._stager.stage_inputs(job, self.folders(job["id"]))
        return Step(Status.STAGED)

    def _stage_job(self, job: Document) -> Step:
        self._stager.stage_app(job, job["app"], self.folders(job["id"]))
        return Step(Status.SUBMITTING)

    def _submit(self, job: Document) -> Step:
        if not job.get("elsewhere"):
            # Each of thousands of jobs would have to read all the others.
            others = [] if self.launcher.is_confined() else self.records.not_over()
            busy = {other["owner"] for other in others}
            refusal = self.launcher.refusal(job["owner"], busy)
            if refusal is not None:
                return _failed(refusal)
        submitted = None if job.get("remote") else self._clock.now()
        return Step(Status.QUEUED, fields={"submitTime": submitted})

    def _clean_up(self, job: Document) -> Step:
        if job.get("remote"):
            try:
                self.journey.fetch(job)
            except LocalTenantError as error:
                return _failed(job["message"] or error.message)
        return Step(Status.ARCHIVING) if job["archive"] else self._to_end(job)

    def _archive(self, job: Document) -> Step:
        def is_wanted() -> bool:
            now = self.records.get(job["id"])
            return now is not None and now["status"] == Status.ARCHIVING

        try:
            self._archiver.archive(job, self.folders(job["id"]), is_wanted)
        except LocalTenantError as error:
            return _not_archived(job, error.message)
        return Step(Status.ARCHIVING_FINISHED, fields={"archived": True})

    def _leave_archive(self, job: Document) -> Step:
        self.folders(job["id"]).remove_work()
        return self._to_end(job)

    def _to_end(self, job: Document) -> Step:
        ended = {"endTime": job["endTime"]}
        if job["message"] is not None:
            return Step(Status.FAILED, job["message"], ended)
        return Step(Status.FINISHED, fields=ended)


def to_message(ended: Exit, seconds: int) -> str | None:
    """Say why a job failed; None where it did not.

    Args:
        ended: how its program ended.
        seconds: that it was given.
    """
    if ended.reason == "exited":
        return _exit_message(ended.code or 0)
    return {
        "time": f"The job ran past its time of {to_time(seconds)}.",
        "ended": SHUT_DOWN,
        "bytes": "The job wrote more than it may and was ended.",
        "memory": "The job used more memory than it may and was ended.",
        "processes": "The job started more processes than it may and was ended.",
        "start": "The job's program could not be started.",
        "lost": "The job's supervisor is gone; the machine may have been restarted.",
    }[ended.reason]


def _exit_message(code: int) -> str | None:
    if code == 0:
        return None
    if code > _SIGNAL_BASE:
        with suppress(ValueError):
            sent = signal.Signals(code - _SIGNAL_BASE)
            words = (signal.strsignal(sent) or "").lower()
            return f"The job's program was ended by the signal {sent.name} ({words})."
    return f"The job's program ended with exit code {code}{_OF_SHELLS.get(code, '')}."


def _after_fault(status: Status, job: Document) -> Step:
    """Return where a job goes after a file could not be read or written."""
    if job["retries"] < MOST_RETRIES:
        more = "a file could not be read or written; trying again"
        retries = {"retries": job["retries"] + 1}
        # What has run is never staged again: that would be the end of its outputs.
        return Step(Status.PENDING if status in STAGING else status, more, retries)
    if status is Status.ARCHIVING:
        return _not_archived(job, _UNUSABLE)
    return _failed(job["message"] or _UNUSABLE)


def _not_archived(job: Document, why: str) -> Step:
    # What the program itself said comes first, if it failed too.
    message = job["message"] or f"Archiving failed: {why}"
    return Step(Status.ARCHIVING_FAILED, why, {"message": message})


def _wanted_end(job: Document) -> Status:
    """Return how a stopped job ends; an earlier version knew only one way."""
    wanted = job["stopRequested"]
    return Status(wanted) if isinstance(wanted, str) else Status.STOPPED


def _failed(message: str) -> Step:
    return Step(Status.FAILED, message, {"message": message})

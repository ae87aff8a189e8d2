"""What became of the user's jobs: list, detail, output text, cancel, delete."""

from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

from iptweb.agave import Agave
from iptweb.agave.api import Job
from iptweb.errors import (
    AgaveRefused,
    AgaveUnavailable,
    Conflict,
    Forbidden,
    NotFound,
)

from . import comparison, diagnostics
from .answers import Job as JobAnswer
from .answers import JobDetail, JobPage, JobText
from .comparison.answers import Comparison
from .comparison.outputs import MOST_BYTES, Output
from .detail import COMPILING, to_detail
from .diagnostics.answers import Diagnostics
from .history import History
from .outputs import Outputs, Stream
from .registry import Registry
from .search import JobFilter
from .text import read_text
from .view import ENDED, KEPT, away_sentence, to_job
from .webhook import of_endings

__all__ = ["JobService"]

_COMPARE: Final = "IPT_COMPARE"
_MOST_TABLE: Final = 65_536
# Ten thousand lines of a compiler, which are all that is read of them.
_MOST_MESSAGES: Final = 1024 * 1024


class JobService:
    """The jobs of one user.

    Args:
        agave: The tenant, with the user's token.
        registry: The systems of the instance.
        user: Whose jobs they are.
        storage_system: Where the home is.
    """

    def __init__(
        self, agave: Agave, registry: Registry, user: str, storage_system: str
    ) -> None:
        self._agave = agave
        self._registry = registry
        self._user = user
        self._storage_system = storage_system

    def list_jobs(self, wanted: JobFilter, *, limit: int, offset: int) -> JobPage:
        """Return one page of jobs, the newest first."""
        history = History(self._agave, self._registry, self._view)
        return history.page(wanted, limit=limit, offset=offset)

    def find(self, job_id: str) -> Job:
        """Return a job of the user's, as Agave has it.

        Raises:
            NotFound: There is no such job, or it is not to be known of.
            Forbidden: It is somebody else's, who lets the user read it.
        """
        if job_id in {".", ".."}:
            # In an address these are no part of it.
            raise NotFound("There is no such job.")
        try:
            raw = self._agave.get_job(job_id)
        except AgaveRefused as error:
            if error.upstream_status in {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}:
                raise NotFound("There is no such job.") from error
            if error.upstream_status == HTTPStatus.FORBIDDEN:
                # Not that it exists: whose it is, is nobody else's business.
                raise NotFound("There is no such job.") from error
            raise
        if raw.get("owner", self._user) != self._user:
            raise Forbidden("This job is somebody else's.")
        return raw

    def find_whole(self, job_id: str) -> Job:
        """Return a job of the user's with its notifications, told elsewhere by Agave.

        Raises:
            NotFound: There is no such job, or it is somebody else's.
        """
        return self._with_notifications(self.find(job_id))

    def _with_notifications(self, raw: Job) -> Job:
        try:
            told = self._agave.find_notifications(str(raw.get("id", "")))
        except AgaveRefused:
            # Not every platform has them.
            return raw
        return {**raw, "notifications": of_endings(told)}

    def show(self, job_id: str) -> JobDetail:
        """Return everything about one job.

        Raises:
            NotFound: There is no such job, or it is somebody else's.
        """
        raw = self.find(job_id)
        # The job is what the page is about, whatever else is in trouble.
        with suppress(AgaveUnavailable):
            raw = self._with_notifications(raw)
        return to_detail(
            raw,
            self._agave,
            self._registry,
            user=self._user,
            storage_system=self._storage_system,
        )

    def read_text(
        self, job_id: str, stream: Stream, *, offset: int = 0, from_end: int = 0
    ) -> JobText:
        """Return a piece of what a job printed, from a byte on or from near its end.

        Raises:
            NotFound: There is no such job, or it is somebody else's.
        """
        # The status first: a job that ends while we read is read once more.
        raw = self.find(job_id)
        return read_text(
            self._outputs(raw),
            stream,
            offset=offset,
            from_end=from_end,
            ended=raw.get("status") in ENDED,
        )

    def diagnose(self, job_id: str) -> Diagnostics:
        """Return what the compiler complained about; nothing of a job without one.

        Raises:
            NotFound: There is no such job, or it is somebody else's.
        """
        raw = self.find(job_id)
        text = ""
        cut = False
        if self._view(raw)["kind"] in COMPILING:
            part = self._outputs(raw).read_stream("err", 0, _MOST_MESSAGES)
            if part is not None:
                text = part.data.decode("utf-8", "replace")
                cut = len(part.data) < part.size
        places = diagnostics.HomePlaces(
            _mapping(raw.get("inputs")), self._user, self._storage_system
        )
        report = diagnostics.to_report(diagnostics.read_diagnostics(text), places)
        return {**report, "truncated": report["truncated"] or cut}

    def compare(self, job_id: str, tolerance: float) -> Comparison:
        """Return a comparison's runs so far: speed-up, and how outputs differ.

        Raises:
            NotFound: There is no such job, or it is somebody else's.
            Conflict: It compares nothing.
        """
        raw = self.find(job_id)
        if self._view(raw)["kind"] != "compare":
            raise Conflict("This job compares no programs.")
        outputs = self._outputs(raw)
        table = outputs.read(_COMPARE, 0, _MOST_TABLE)

        def read(label: str) -> Output | None:
            part = outputs.read(f"compare/{label}.out", 0, MOST_BYTES)
            return Output.read(part.data, part.size) if part else None

        report = comparison.to_report(
            comparison.read_table(table.data.decode("utf-8", "replace"))
            if table
            else [],
            read,
            tolerance=tolerance,
            done=raw.get("status") in ENDED,
        )
        launcher = _mapping(raw.get("parameters")).get("launcher")
        return {**report, "mode": "ranks" if launcher else "threads"}

    def cancel(self, job_id: str) -> JobAnswer:
        """Stop a job; one that has ended stays as it is.

        Raises:
            NotFound: There is no such job, or it is somebody else's.
            Conflict: The platform can't stop it now, or it is too late.
        """
        raw = self.find(job_id)
        if raw.get("status") not in ENDED:
            try:
                self._agave.stop_job(job_id)
            except AgaveRefused as error:
                status = self.find(job_id).get("status")
                if status not in ENDED:
                    raise _too_late(str(status)) from error
            raw = self.find(job_id)
        return self._view(raw)

    def delete(self, job_id: str) -> None:
        """Take a job out of the history; its files stay.

        Raises:
            NotFound: There is no such job, or it is somebody else's.
            Conflict: It has not ended yet.
        """
        if self.find(job_id).get("status") not in ENDED:
            raise Conflict("The job has not ended. Cancel it first.")
        self._agave.delete_job(job_id)

    def _view(self, raw: Job) -> JobAnswer:
        return to_job(raw, self._registry, self._user)

    def _outputs(self, raw: Job) -> Outputs:
        job = self._view(raw)
        away = away_sentence(job)
        return Outputs(self._agave, job["id"], job["name"], away=away)


def _too_late(status: str) -> Conflict:
    if status == "ARCHIVING" or status in KEPT:
        return Conflict(
            "It is too late to stop this job: its program has ended and its files are "
            "being kept. It is done in a moment."
        )
    return Conflict("The job can't be stopped now. Try again in a moment.")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

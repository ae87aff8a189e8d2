"""What became of the user's jobs: list, detail, output text, cancel, delete."""

import codecs
import json
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, Literal

from iptweb.agave import Agave, FileItem
from iptweb.agave.api import Job
from iptweb.errors import AgaveRefused, Conflict, Forbidden, NotFound, UpstreamError

from .registry import Registry
from .repeat import to_request
from .view import ENDED, to_job, to_output

__all__ = ["MAX_TEXT", "JobService", "Stream"]

Stream = Literal["out", "err"]
MAX_TEXT: Final = 65_536
# A text may grow sixfold as JSON, and has to fit into one result frame.
_MAX_ENCODED: Final = 120_000
_WINDOW: Final = 500
_MOST_OUTPUTS: Final = 200
_EXIT_CODE: Final = "IPT_EXIT_CODE"
_RUN_TIME: Final = "IPT_TIME"
_DIGITS: Final = 12


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

    def list_jobs(
        self,
        *,
        limit: int,
        offset: int,
        search: str = "",
        kind: str = "",
        status: str = "",
    ) -> dict[str, Any]:
        """Return one page of jobs, the newest first.

        Without a filter it is the platform's page.  With one it is a page of what
        matches among the newest jobs, because the platform can't filter by kind.
        """
        if not (search or kind or status):
            found = self._agave.list_jobs(limit=limit + 1, offset=offset)
            jobs = [self._view(raw) for raw in found]
        else:
            jobs = [
                job
                for job in map(self._view, self._agave.list_jobs(limit=_WINDOW))
                if _matches(job, search, kind, status)
            ][offset:]
        return {
            "jobs": jobs[:limit],
            "limit": limit,
            "offset": offset,
            "more": len(jobs) > limit,
        }

    def show(self, job_id: str) -> dict[str, Any]:
        """Return everything about one job.

        Raises:
            NotFound: There is no such job, or it is somebody else's.
        """
        raw = self._get(job_id)
        outputs = self._outputs(job_id)
        job = self._view(raw, self._exit_code(job_id, raw, outputs))
        archive = job["archive_path"] if raw.get("status") == "FINISHED" else ""
        return {
            **job,
            "run_seconds": self._run_seconds(job_id, raw, outputs),
            "request": to_request(
                raw,
                self._registry,
                user=self._user,
                storage_system=self._storage_system,
            ),
            "history": [_to_event(event) for event in self._agave.job_history(job_id)],
            "inputs": raw.get("inputs") or {},
            "parameters": raw.get("parameters") or {},
            "message": str(raw.get("message") or raw.get("lastStatusMessage") or ""),
            "outputs": [to_output(item, archive) for item in outputs],
        }

    def read_text(self, job_id: str, stream: Stream, offset: int) -> dict[str, Any]:
        """Return what a job printed, from a byte on; ask again at `next_offset`.

        Raises:
            NotFound: There is no such job, or it is somebody else's.
        """
        # The status first: a job that ends while we read is read once more.
        ended = self._get(job_id).get("status") in ENDED
        name = _stream_name(self._outputs(job_id), stream)
        text, used, size = "", 0, 0
        if name:
            text, used, size = self._read(job_id, name, offset, final=ended)
        reached = offset + used
        return {
            "text": text,
            "offset": offset,
            "next_offset": reached,
            "size": size,
            "done": ended and reached >= size,
        }

    def cancel(self, job_id: str) -> dict[str, Any]:
        """Stop a job; one that has ended stays as it is.

        Raises:
            NotFound: There is no such job, or it is somebody else's.
            Conflict: The platform can't stop it now.
        """
        raw = self._get(job_id)
        if raw.get("status") not in ENDED:
            try:
                self._agave.stop_job(job_id)
            except AgaveRefused as error:
                if self._get(job_id).get("status") not in ENDED:
                    raise Conflict(
                        "The job can't be stopped now. Try again in a moment."
                    ) from error
            raw = self._get(job_id)
        return self._view(raw)

    def delete(self, job_id: str) -> None:
        """Take a job out of the history; its files stay.

        Raises:
            NotFound: There is no such job, or it is somebody else's.
            Conflict: It has not ended yet.
        """
        if self._get(job_id).get("status") not in ENDED:
            raise Conflict("The job has not ended. Cancel it first.")
        self._agave.delete_job(job_id)

    def _view(self, raw: Job, exit_code: int | None = None) -> dict[str, Any]:
        return to_job(raw, self._registry, self._user, exit_code=exit_code)

    def _get(self, job_id: str) -> Job:
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

    def _outputs(self, job_id: str) -> list[FileItem]:
        """Return the files of a job; none while there is no folder yet."""
        try:
            found = self._agave.list_outputs(job_id, limit=_MOST_OUTPUTS)
        except AgaveRefused:
            return []
        return [item for item in found if item.name != "."]

    def _exit_code(self, job_id: str, raw: Job, outputs: list[FileItem]) -> int | None:
        known = raw.get("exitCode")
        if isinstance(known, int):
            return known
        try:
            return int(self._note(job_id, _EXIT_CODE, raw, outputs))
        except ValueError:
            return None

    def _run_seconds(
        self, job_id: str, raw: Job, outputs: list[FileItem]
    ) -> float | None:
        """Return how long the program itself ran, as its wrapper took the time."""
        try:
            seconds = float(self._note(job_id, _RUN_TIME, raw, outputs))
        except ValueError:
            return None
        return seconds if math.isfinite(seconds) and seconds >= 0 else None

    def _note(self, job_id: str, name: str, raw: Job, outputs: list[FileItem]) -> bytes:
        """Return what the wrapper noted about an ended job; nothing if it did not."""
        there = any(item.name == name for item in outputs)
        if not there or raw.get("status") not in ENDED:
            return b""
        try:
            return self._agave.read_output(job_id, name, 0, _DIGITS).data
        except UpstreamError:
            return b""

    def _read(
        self, job_id: str, name: str, offset: int, *, final: bool
    ) -> tuple[str, int, int]:
        """Return text, the number of its bytes, and the size of the whole."""
        try:
            part = self._agave.read_output(job_id, name, offset, MAX_TEXT)
        except AgaveRefused as error:
            if error.upstream_status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return "", 0, offset
            if error.upstream_status == HTTPStatus.NOT_FOUND:
                return "", 0, 0
            raise
        data = part.data
        at_end = final and offset + len(data) >= part.size
        text, used = _decode(data, final=at_end)
        while len(json.dumps(text, ensure_ascii=False).encode()) > _MAX_ENCODED:
            data = data[: len(data) // 2]
            text, used = _decode(data, final=False)
        return text, used, part.size


def _decode(data: bytes, *, final: bool) -> tuple[str, int]:
    """Return text and how many bytes it took; half a character is left for later."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data, final)
    return text, len(data) - len(decoder.getstate()[0])


def _stream_name(outputs: list[FileItem], stream: Stream) -> str:
    """Return the file of a stream: Agave names it after the job."""
    names = [item.name for item in outputs if item.name.endswith(f".{stream}")]
    return min(names, key=lambda name: (not name.startswith("ipt-"), name), default="")


def _matches(job: Mapping[str, Any], search: str, kind: str, status: str) -> bool:
    text = f"{job['name']} {job['id']} {job['system']}".lower()
    # Word by word: the site shows `ipt-compile-heat-…` as "Compile heat".
    return (
        all(word in text for word in search.lower().split())
        and kind in {"", job["kind"]}
        and status.upper() in {"", job["status"]}
    )


def _to_event(event: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(event.get(name, "")) for name in ("status", "description", "created")
    }

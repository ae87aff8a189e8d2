"""Everything about one job that its page shows.

A machine that does not answer takes away the files, never the job.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from iptweb.agave import Agave, FileItem
from iptweb.agave.api import Job as Raw
from iptweb.errors import AgaveUnavailable, SystemUnreachable

from .answers import Event, Job, JobDetail, MeasuredJob
from .cause import Cause, Failure, to_cause
from .outputs import MOST_OUTPUTS, Outputs
from .registry import Registry
from .repeat import to_request
from .view import ENDED, away_sentence, to_job, to_output
from .webhook import to_delivery

__all__ = ["COMPILING", "to_detail"]

COMPILING: Final = frozenset({"compile", "build-run", "compare"})
_EXIT_CODE: Final = "IPT_EXIT_CODE"
_RUN_TIME: Final = "IPT_TIME"
_STAGE: Final = "IPT_STAGE"
_COMPARE: Final = "IPT_COMPARE"
# What the app brings along, as long as it lies beside what the program makes.
_OF_APP: Final = re.compile(
    r"ipt-lib\.sh|wrapper\.sh|manifest\.sha256\.json|.*\.ipcexe"
)
_TESTS_OF_APP: Final = "test"
_NOT_GIVEN: Final = (
    "The platform does not give out the job's files at the moment. "
    "They are looked for again."
)


def to_detail(
    raw: Raw,
    agave: Agave,
    registry: Registry,
    *,
    user: str,
    storage_system: str,
) -> JobDetail:
    """Return the job of docs/architecture.md §5.3 with all that belongs to it.

    Args:
        raw: The job, with its `notifications`.
        agave: The tenant, with the user's token.
        registry: The systems of the instance.
        user: Whose job it is.
        storage_system: Where the home is.
    """
    job_id = str(raw.get("id", ""))
    job = to_job(raw, registry, user)
    outputs = Outputs(agave, job_id, job["name"], away=away_sentence(job))
    files, unavailable = _look(outputs)
    notes = _Notes(outputs, files, ended=job["status"] in ENDED)
    history = [_to_event(event) for event in agave.job_history(job_id)]
    archived = _is_archived(job, history)
    seen: MeasuredJob = {
        **job,
        "exit_code": notes.exit_code(raw),
        "stage": notes.stage() if job["kind"] == "build-run" else "",
        "run_seconds": notes.run_seconds(),
        "message": str(raw.get("message") or raw.get("lastStatusMessage") or ""),
    }
    return {
        **seen,
        "cause": _cause_of(seen, history, files),
        "request": to_request(raw, registry, user=user, storage_system=storage_system),
        "webhook": to_delivery(raw.get("notifications")),
        "diagnostics_available": job["kind"] in COMPILING
        and _has_printed(outputs, files),
        "history": history,
        "inputs": raw.get("inputs") or {},
        "parameters": raw.get("parameters") or {},
        "archived": archived,
        "outputs": [
            to_output(item, job["archive_path"] if archived else "")
            for item in files
            if archived or job["kind"] == "other" or not _is_of_app(item)
        ],
        "outputs_truncated": len(files) >= MOST_OUTPUTS,
        "outputs_unavailable": unavailable,
        "outputs_url": agave.outputs_url(job_id),
    }


def _look(outputs: Outputs) -> tuple[list[FileItem], str | None]:
    """Return a job's files, or why there are none to be had."""
    try:
        return outputs.files(), None
    except SystemUnreachable as error:
        return [], error.message
    except AgaveUnavailable:
        return [], _NOT_GIVEN


def _is_archived(job: Job, history: list[Event]) -> bool:
    """Tell whether a job's files are in its folder of the home, all of them."""
    been = {event["status"] for event in history}
    done = job["status"] == "FINISHED" or "ARCHIVING_FINISHED" in been
    return done and bool(job["archive_path"])


def _is_of_app(item: FileItem) -> bool:
    if item.type == "dir":
        return item.name == _TESTS_OF_APP
    return _OF_APP.fullmatch(item.name) is not None


def _cause_of(
    job: MeasuredJob, history: list[Event], files: list[FileItem]
) -> Cause | Literal[""]:
    if job["status"] != "FAILED":
        return ""
    compiling = {
        "compile": True,
        "build-run": job["stage"] == "compile",
        # Its table begins when the first program ran.
        "compare": bool(files) and all(item.name != _COMPARE for item in files),
    }
    failed = Failure(
        job["message"],
        job["exit_code"],
        {event["status"] for event in history},
        compiling=compiling.get(job["kind"], False),
        measured=job["run_seconds"] is not None,
    )
    return to_cause(failed)


class _Notes:
    """What the wrapper wrote about the program in small files of its own."""

    def __init__(self, outputs: Outputs, files: list[FileItem], *, ended: bool) -> None:
        self._outputs = outputs
        self._names = {item.name for item in files}
        self._complete = len(files) < MOST_OUTPUTS
        self._ended = ended

    def exit_code(self, raw: Raw) -> int | None:
        """Return the program's, as the platform or its wrapper tells it."""
        known = raw.get("exitCode")
        if isinstance(known, int):
            return known
        try:
            return int(self._read(_EXIT_CODE))
        except ValueError:
            return None

    def run_seconds(self) -> float | None:
        """Return how long the program itself ran, as its wrapper took the time."""
        try:
            seconds = float(self._read(_RUN_TIME))
        except ValueError:
            return None
        return seconds if math.isfinite(seconds) and seconds >= 0 else None

    def stage(self) -> Literal["compile", "run", ""]:
        """Return how far a job got that first compiles and then runs."""
        if not self._may_have(_STAGE):
            return ""
        match self._outputs.note(_STAGE).strip():
            case b"compile":
                return "compile"
            case b"run":
                return "run"
            case _:
                return ""

    def _read(self, name: str) -> bytes:
        # Before the end a file may be there and not yet be written.
        there = self._ended and self._may_have(name)
        return self._outputs.note(name) if there else b""

    def _may_have(self, name: str) -> bool:
        return name in self._names or not self._complete


def _has_printed(outputs: Outputs, files: list[FileItem]) -> bool:
    name = outputs.stream_name("err", files)
    return any(item.name == name and item.size > 0 for item in files)


def _to_event(event: Mapping[str, Any]) -> Event:
    return {
        "status": str(event.get("status", "")),
        "description": str(event.get("description", "")),
        "created": str(event.get("created", "")),
    }

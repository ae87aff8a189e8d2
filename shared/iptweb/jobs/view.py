"""How a job of Agave looks to our callers.

Summaries lack most fields, and older and newer Agaves name some differently; what is
not known is empty or null, never invented.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from iptweb.agave import FileItem
from iptweb.files.answers import FileEntry

from .answers import Job, JobKind, QueuePlace
from .lines import line_of_document
from .registry import Registry

__all__ = ["ENDED", "KEPT", "away_sentence", "home_path", "to_job", "to_output"]

ENDED: Final = frozenset({"FINISHED", "FAILED", "STOPPED", "KILLED"})
KEPT: Final = frozenset({"ARCHIVING_FINISHED", "ARCHIVING_FAILED"})
"""States in which there is nothing left to stop: the end follows at once."""


def to_job(
    raw: Mapping[str, Any],
    registry: Registry,
    user: str,
    *,
    exit_code: int | None = None,
) -> Job:
    """Return the job as docs/architecture.md §5.3 has it."""
    name, kind = registry.by_app(str(raw.get("appId", "")))
    system = name or _text(raw, "executionSystem", "systemId")
    status = str(raw.get("status", ""))
    known = raw.get("exitCode")
    return {
        "id": str(raw.get("id", "")),
        "name": str(raw.get("name", "")),
        "kind": cast("JobKind", kind),
        "status": status,
        "stage": "",
        "system": system,
        "system_label": registry.label(system),
        "command_line": line_of_document(raw, kind),
        "created": _text(raw, "created", "accepted", "submitTime"),
        "started": _text(raw, "startTime", "remoteStarted"),
        "ended": _text(raw, "endTime", "ended", "remoteEnded"),
        "queue": _queue(raw.get("remoteQueue")) if status == "QUEUED" else None,
        "exit_code": known if isinstance(known, int) else exit_code,
        "archive_path": home_path(str(raw.get("archivePath") or ""), user),
        "can_cancel": bool(status) and status not in ENDED | KEPT,
    }


def to_output(item: FileItem, archive: str) -> FileEntry:
    """Return an output file as a file entry; no path before it is archived."""
    return {
        "name": item.name,
        "path": f"{archive}/{item.name}" if archive else "",
        "type": item.type,
        "size": item.size,
        "modified": item.modified,
    }


def away_sentence(job: Job) -> str:
    """Return what to say where the system of a job does not give out its files.

    Empty for a job that is done: its files are not there any more.

    Args:
        job: As `to_job` returns it.
    """
    status = job["status"]
    if status == "FINISHED":
        return ""
    more = (
        "They can be had as soon as it answers again."
        if status in ENDED
        else "The job itself goes on."
    )
    return (
        f"{job['system_label'] or 'The system'} does not answer at the moment, so the "
        f"files of the job can't be read there. {more}"
    )


def home_path(path: str, user: str) -> str:
    """Return a storage path relative to the home, empty if it is elsewhere."""
    plain = path.lstrip("/")
    return plain.removeprefix(f"{user}/") if plain.startswith(f"{user}/") else ""


def _queue(raw: Any) -> QueuePlace | None:
    """Return what the scheduler told of a waiting job, None where it tells nothing."""
    if not isinstance(raw, Mapping):
        return None
    ahead = raw.get("ahead")
    counts = isinstance(ahead, int) and not isinstance(ahead, bool) and ahead >= 0
    return {
        "ahead": ahead if counts else None,
        "expected_start": _text(raw, "expectedStart") or None,
        "reason": _text(raw, "reason"),
        "as_of": _text(raw, "asOf"),
    }


def _text(raw: Mapping[str, Any], *names: str) -> str:
    for name in names:
        if raw.get(name):
            return str(raw[name])
    return ""

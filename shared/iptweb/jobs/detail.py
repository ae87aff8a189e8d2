"""Everything about one job that its page shows."""

import math
from collections.abc import Mapping
from typing import Any, Final

from iptweb.agave import Agave, FileItem
from iptweb.agave.api import Job

from .outputs import MOST_OUTPUTS, Outputs
from .registry import Registry
from .repeat import to_request
from .view import ENDED, to_job, to_output

__all__ = ["COMPILING", "to_detail"]

COMPILING: Final = frozenset({"compile", "build-run", "compare"})
_EXIT_CODE: Final = "IPT_EXIT_CODE"
_RUN_TIME: Final = "IPT_TIME"
_STAGE: Final = "IPT_STAGE"
_STAGES: Final = frozenset({"compile", "run"})


def to_detail(
    raw: Job,
    agave: Agave,
    registry: Registry,
    *,
    user: str,
    storage_system: str,
) -> dict[str, Any]:
    """Return the job of docs/architecture.md §5.3 with all that belongs to it."""
    job_id = str(raw.get("id", ""))
    outputs = Outputs(agave, job_id, str(raw.get("name", "")))
    files = outputs.files()
    notes = _Notes(outputs, files, ended=raw.get("status") in ENDED)
    job = to_job(raw, registry, user, exit_code=notes.exit_code(raw))
    archive = job["archive_path"] if raw.get("status") == "FINISHED" else ""
    return {
        **job,
        "stage": notes.stage() if job["kind"] == "build-run" else "",
        "run_seconds": notes.run_seconds(),
        "request": to_request(raw, registry, user=user, storage_system=storage_system),
        "diagnostics_available": job["kind"] in COMPILING
        and _has_printed(outputs, files),
        "history": [_to_event(event) for event in agave.job_history(job_id)],
        "inputs": raw.get("inputs") or {},
        "parameters": raw.get("parameters") or {},
        "message": str(raw.get("message") or raw.get("lastStatusMessage") or ""),
        "outputs": [to_output(item, archive) for item in files],
        "outputs_truncated": len(files) >= MOST_OUTPUTS,
    }


class _Notes:
    """What the wrapper wrote about the program in small files of its own."""

    def __init__(self, outputs: Outputs, files: list[FileItem], *, ended: bool) -> None:
        self._outputs = outputs
        self._names = {item.name for item in files}
        self._complete = len(files) < MOST_OUTPUTS
        self._ended = ended

    def exit_code(self, raw: Job) -> int | None:
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

    def stage(self) -> str:
        """Return how far a job got that first compiles and then runs."""
        if not self._may_have(_STAGE):
            return ""
        stage = self._outputs.note(_STAGE).decode("ascii", "replace").strip()
        return stage if stage in _STAGES else ""

    def _read(self, name: str) -> bytes:
        # Before the end a file may be there and not yet be written.
        there = self._ended and self._may_have(name)
        return self._outputs.note(name) if there else b""

    def _may_have(self, name: str) -> bool:
        return name in self._names or not self._complete


def _has_printed(outputs: Outputs, files: list[FileItem]) -> bool:
    name = outputs.stream_name("err", files)
    return any(item.name == name and item.size > 0 for item in files)


def _to_event(event: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(event.get(name, "")) for name in ("status", "description", "created")
    }

"""How a job of Agave looks to our callers.

Summaries lack most fields, and older and newer Agaves name some differently; what is
not known is empty or null, never invented.
"""

from collections.abc import Mapping
from typing import Any, Final

from iptweb.agave import FileItem

from .document import input_names, to_command_line
from .registry import Registry

__all__ = ["ENDED", "home_path", "to_job", "to_output"]

ENDED: Final = frozenset({"FINISHED", "FAILED", "STOPPED", "KILLED"})
_MAIN_INPUT: Final = {"compile": "driver", "run": "binary"}


def to_job(
    raw: Mapping[str, Any],
    registry: Registry,
    user: str,
    *,
    exit_code: int | None = None,
) -> dict[str, Any]:
    """Return the job as docs/architecture.md §5.3 has it."""
    system, kind = registry.by_app(str(raw.get("appId", "")))
    status = str(raw.get("status", ""))
    return {
        "id": str(raw.get("id", "")),
        "name": str(raw.get("name", "")),
        "kind": kind,
        "status": status,
        "system": system or _text(raw, "executionSystem", "systemId"),
        "command_line": _command_line(raw, kind),
        "created": _text(raw, "created", "accepted", "submitTime"),
        "started": _text(raw, "startTime", "remoteStarted"),
        "ended": _text(raw, "endTime", "ended", "remoteEnded"),
        "exit_code": exit_code,
        "archive_path": home_path(str(raw.get("archivePath") or ""), user),
        "can_cancel": bool(status) and status not in ENDED,
    }


def to_output(item: FileItem, archive: str) -> dict[str, Any]:
    """Return an output file as a file entry; no path before it is archived."""
    return {
        "name": item.name,
        "path": f"{archive}/{item.name}" if archive else "",
        "type": item.type,
        "size": item.size,
        "modified": item.modified,
    }


def home_path(path: str, user: str) -> str:
    """Return a storage path relative to the home, empty if it is elsewhere."""
    plain = path.lstrip("/")
    return plain.removeprefix(f"{user}/") if plain.startswith(f"{user}/") else ""


def _text(raw: Mapping[str, Any], *names: str) -> str:
    for name in names:
        if raw.get(name):
            return str(raw[name])
    return ""


def _command_line(raw: Mapping[str, Any], kind: str) -> str:
    inputs, parameters = raw.get("inputs"), raw.get("parameters")
    if not isinstance(inputs, Mapping) or not isinstance(parameters, Mapping):
        return ""
    if kind not in _MAIN_INPUT:
        return ""
    return to_command_line(kind, parameters, input_names(inputs, _MAIN_INPUT[kind]))

"""Submitting a job once more, though its app may have changed."""

from collections.abc import Mapping
from typing import Any

from agave_local.errors import BadRequest
from agave_local.records.store import Document
from agave_local.services.jobs.quantities import read_flag

_SWITCHES = {
    "inputs": "ignoreInputConflicts",
    "parameters": "ignoreParameterConflicts",
}


def repeat(
    request: Mapping[str, Any],
    app: Document,
    options: Mapping[str, Any],
    targets: list[Document],
) -> Document:
    """Return the request of a job, to be submitted once more.

    Args:
        request: as it was.
        app: as it is now.
        options: of the caller: `ignoreInputConflicts`, `ignoreParameterConflicts` and
            `preserveNotifications`, all false where not given.
        targets: of the job's notifications.

    Raises:
        BadRequest: the app no longer takes what the request has.
    """
    again = {key: value for key, value in request.items() if key != "notifications"}
    if _is_on(options, "preserveNotifications") and targets:
        again["notifications"] = targets
    for kind, switch in _SWITCHES.items():
        given = again.get(kind)
        if not isinstance(given, dict):
            continue
        taken = {item["id"] for item in app[kind] if item["value"].get("visible", True)}
        lost = sorted(str(name) for name in given if name not in taken)
        if lost and not _is_on(options, switch):
            raise BadRequest(
                f"The app takes {lost[0]} no longer among its {kind}; send "
                f"`{switch}` to leave it out."
            )
        again[kind] = {name: one for name, one in given.items() if name in taken}
    return again


def _is_on(options: Mapping[str, Any], name: str) -> bool:
    return read_flag(options.get(name, False), name)

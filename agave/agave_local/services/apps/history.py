"""What happened to an app, and who did it."""

from typing import Any

from agave_local.clock import Clock, Ids, to_iso
from agave_local.records.conditions import equal
from agave_local.records.store import Document, Store

_KIND = "app_history"
_DESCRIPTIONS = {
    "CREATED": "App was registered",
    "UPDATED": "App was described anew",
    "PUBLISHED": "App was published as a copy for everybody",
    "CLONED": "App was copied",
    "ENABLED": "App was enabled",
    "DISABLED": "App was disabled",
    "PERMISSION_GRANT": "A permission on the app was given",
    "PERMISSION_REVOKE": "Permissions on the app were taken away",
}


class History:
    """The histories of apps.

    Args:
        store: keeps kind `app_history`, each with the app's id as its parent.
        clock: dates it.
        ids: tells apart what happened at once.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    def note(self, app_id: str, status: str, username: str) -> None:
        """Write down what somebody did to an app."""
        event: Document = {
            "parent": app_id,
            "status": status,
            "created": to_iso(self._clock.now()),
            "createdBy": username,
        }
        self._store.insert(_KIND, self._ids.token(), event)

    def of(self, app_id: str, limit: int, offset: int) -> list[dict[str, Any]]:
        """Return a page of an app's history, the oldest first."""
        found = self._store.select(
            _KIND, equal("parent", app_id), limit=limit, offset=offset
        )
        return [
            {
                "status": event["status"],
                "created": event["created"],
                "createdBy": event["createdBy"],
                "description": _DESCRIPTIONS[event["status"]],
            }
            for event in found
        ]

    def forget(self, app_id: str) -> None:
        """Forget the history of an app."""
        self._store.discard(_KIND, equal("parent", app_id))

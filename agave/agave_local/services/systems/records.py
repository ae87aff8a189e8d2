"""The records of systems, and what else is written whenever one changes."""

from collections.abc import Callable
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import NotFound
from agave_local.events import Event, Events
from agave_local.records.conditions import ALWAYS, Condition
from agave_local.records.labels import EVERYBODY, Labels
from agave_local.records.store import Document, Store

_KIND = "system"
_TOLD = ("id", "uuid", "name", "type", "owner", "status", "available", "public")


class Records:
    """The records of systems.

    Args:
        store: keeps kinds `system` and `system.reader`.
        clock: dates changes.
        ids: makes UUIDs.
        events: told of every change.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, events: Events) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._events = events
        self._readers = Labels(store, _KIND, "reader", _readers_of)

    def find(self, system_id: str) -> Document | None:
        """Return a system, or None."""
        return self._store.get(_KIND, system_id)

    def get(self, system_id: str) -> Document:
        """Return a system.

        Raises:
            NotFound: where there is none.
        """
        system = self.find(system_id)
        if system is None:
            raise unknown(system_id)
        return system

    def visible(
        self,
        identity: Identity,
        condition: Condition = ALWAYS,
        *,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Document]:
        """Return a page of the systems that a caller may know of, the oldest first.

        Args:
            identity: the caller.
            condition: that the systems satisfy as well.
            limit: how many at most; all where None.
            offset: how many to leave out at the beginning.
        """
        condition = self._readers.visible_to(identity) & condition
        return self._store.select(_KIND, condition, limit=limit, offset=offset)

    def add(self, identity: Identity, description: Document) -> Document:
        """Add a system that is the caller's own."""
        system = {
            **description,
            "uuid": self._ids.uuid(Ids.SYSTEM),
            "owner": identity.username,
            "public": False,
            "available": True,
            "revision": 1,
            "roles": {},
            **self._stamp(),
        }
        self._put(system, "CREATED")
        return system

    def describe(self, old: Document, description: Document) -> Document:
        """Replace a system's description; who it belongs to and may use it stays."""
        kept = ("uuid", "owner", "public", "roles")
        system = {
            **description,
            **{field: old[field] for field in kept},
            "available": description.get("available", old["available"]),
            "revision": old["revision"] + 1,
            **self._stamp(),
        }
        self._put(system, "UPDATED")
        return system

    def set(self, system_id: str, **fields: Any) -> Document:
        """Change fields of a system.

        Raises:
            NotFound: where there is none.
        """
        return self.change(system_id, lambda system: {**system, **fields})

    def change(
        self, system_id: str, change: Callable[[Document], Document]
    ) -> Document:
        """Replace a system by what `change` makes of it, in one atomic step.

        Raises:
            NotFound: where there is none.
        """
        with self._store.transaction():
            system = {**change(self.get(system_id)), **self._stamp()}
            self._put(system, "UPDATED")
        return system

    def delete(self, system: Document) -> None:
        """Forget a system."""
        with self._store.transaction():
            # Those who are told may still look it up.
            self._tell(system, "DELETED")
            self._store.delete(_KIND, system["id"])
            self._readers.forget(system["id"])

    def _put(self, system: Document, event: str) -> None:
        with self._store.transaction():
            self._store.put(_KIND, system["id"], system)
            self._readers.note(system)
            self._tell(system, event)

    def _tell(self, system: Document, event: str) -> None:
        values = {"SYSTEM_ID": system["id"], "SYSTEM_NAME": system["name"]}
        body = {"system": {field: system.get(field) for field in _TOLD}}
        self._events.publish(
            Event(system["uuid"], event, system["owner"], values, body)
        )

    def _stamp(self) -> dict[str, str]:
        return {"lastModified": to_iso(self._clock.now())}


def unknown(system_id: str) -> NotFound:
    """Return the refusal of a system that is not there, or not for the caller."""
    return NotFound(f"There is no system {system_id}.")


def _readers_of(system: Document) -> list[str]:
    return [*system["roles"], *([EVERYBODY] if system["public"] else [])]

"""Notifications: who wants to be told of what, and where.

event ─▶ `on_event` ─▶ a message for each notification that asked ─▶ `deliveries.py`
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import BadRequest, LocalTenantError, NotFound, TooMany
from agave_local.events import Event, Events
from agave_local.outgoing.policy import Outgoing
from agave_local.records.conditions import Condition, among, equal
from agave_local.records.store import Document, Store
from agave_local.services.notifications.deliveries import DELIVERY, Deliveries
from agave_local.services.notifications.request import fill, read_target

NOTIFICATION = "notification"
MOST_OF_A_THING = 100
MOST_WAITING = 1_000
_ACTIVE, _FIRED = "ACTIVE", "PROCESSING"
_log = logging.getLogger(__name__)

# Raises NotFound or Forbidden where a caller may not read the thing.
Lookup = Callable[[Identity, str], object]


class Notifications:
    """The notifications of the tenant.

    Args:
        store: keeps kinds `notification` (its `parent` is what it is about) and
            `delivery`.
        clock: dates changes and attempts.
        ids: makes UUIDs.
        base_url: of the tenant, for links.
        events: that it listens to.
        outgoing: sends messages.
        identify: returns somebody as a caller, with the roles they have now.
    """

    def __init__(  # noqa: PLR0917 - the composition root passes them by place
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        base_url: str,
        events: Events,
        outgoing: Outgoing,
        identify: Callable[[str], Identity],
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._base_url = base_url
        self._outgoing = outgoing
        self._identify = identify
        self._lookups: dict[str, Lookup] = {}
        self.deliveries = Deliveries(store, clock, ids, outgoing, NOTIFICATION)
        events.subscribe(self.on_event)

    def know(self, lookups: Mapping[str, Lookup]) -> None:
        """Learn what there can be notifications about.

        Args:
            lookups: by the last part of a UUID, such as `007`.
        """
        self._lookups.update(lookups)

    def add(self, identity: Identity, body: Mapping[str, Any]) -> Document:
        """Keep a new notification.

        Raises:
            BadRequest: naming the field that is wrong.
            NotFound: for a thing that there is not, or that the caller may not read.
            TooMany: the caller has very many about this thing.
        """
        target = read_target(body, self._outgoing)
        uuid = self._read_associated(identity, body.get("associatedUuid"))
        with self._store.transaction():
            return self._insert(identity.username, uuid, target)

    def read(self, requested: object) -> list[Document]:
        """Check the notifications of a job request, before there is a job.

        Raises:
            BadRequest: naming what is wrong.
        """
        if requested in (None, ""):
            return []
        if not isinstance(requested, list) or len(requested) > MOST_OF_A_THING:
            raise BadRequest(
                f"`notifications` is a list of at most {MOST_OF_A_THING} objects with "
                "url, event and persistent."
            )
        if not all(isinstance(one, dict) for one in requested):
            raise BadRequest("`notifications` has objects with url and event.")
        return [read_target(one, self._outgoing) for one in requested]

    def attach(self, owner: str, uuid: str, targets: Iterable[Document]) -> None:
        """Keep notifications about a new thing of somebody's, inside its transaction.

        Args:
            owner: of the thing.
            uuid: of the thing.
            targets: as `read` returned them.
        """
        for target in targets:
            self._insert(owner, uuid, target)

    def targets_of(self, owner: str, uuid: str) -> list[Document]:
        """Return what somebody's notifications about a thing ask for."""
        mine = equal("parent", uuid) & equal("owner", owner)
        return [
            {field: found[field] for field in ("url", "event", "persistent")}
            for found in self._store.select(NOTIFICATION, mine)
        ]

    def list(
        self, identity: Identity, condition: Condition, limit: int, offset: int
    ) -> list[Document]:
        """Return a page of the caller's notifications, oldest first."""
        mine = equal("owner", identity.username) & condition
        return self._store.select(NOTIFICATION, mine, limit=limit, offset=offset)

    def get(self, identity: Identity, uuid: str) -> Document:
        """Return a notification.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        found = self._store.get(NOTIFICATION, uuid)
        if found is None or not identity.may_act_for(found["owner"]):
            raise NotFound(f"There is no notification {uuid}.")
        return found

    def update(
        self, identity: Identity, uuid: str, body: Mapping[str, Any]
    ) -> Document:
        """Replace what a notification asks for; it begins anew.

        Raises:
            BadRequest: naming the field that is wrong.
            NotFound: there is none, or it is about a thing that cannot be read.
        """
        old = self.get(identity, uuid)
        target = read_target({**old, **body}, self._outgoing)
        about = body.get("associatedUuid", old["parent"])
        owner = identity if identity.username == old["owner"] else self._owner(old)
        parent = self._read_associated(owner, about)
        changed = {
            **target,
            "parent": parent,
            "status": _ACTIVE,
            "lastUpdated": to_iso(self._clock.now()),
        }
        with self._store.transaction():
            self.deliveries.forget(uuid)
            new = self._store.update(
                NOTIFICATION, uuid, lambda found: {**found, **changed}
            )
        if new is None:
            raise NotFound(f"There is no notification {uuid}.")
        return new

    def delete(self, identity: Identity, uuid: str) -> None:
        """Forget a notification, and what it has not sent yet.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        with self._store.transaction():
            self.get(identity, uuid)
            self._store.delete(NOTIFICATION, uuid)
            self.deliveries.forget(uuid)

    def on_event(self, event: Event) -> None:
        """Have everybody told who asked for an event and may still know of it."""
        asked = (
            equal("parent", event.uuid)
            & equal("status", _ACTIVE)
            & among("event", (event.name, "*"))
        )
        for notification in self._store.select(NOTIFICATION, asked):
            if self._may_know(notification, event):
                self._fire(notification, event)

    def to_public(self, notification: Document) -> dict[str, Any]:
        """Return a notification as callers read it."""
        here = f"{self._base_url}/notifications/v2/{notification['id']}"
        owner = f"{self._base_url}/profiles/v2/{notification['owner']}"
        shown = {**notification, "uuid": notification["id"]}
        shown["associatedUuid"] = shown.pop("parent")
        return {
            **shown,
            "_links": {"self": {"href": here}, "profile": {"href": owner}},
        }

    def _insert(self, owner: str, uuid: str, target: Document) -> Document:
        mine = equal("parent", uuid) & equal("owner", owner)
        if self._store.tally(NOTIFICATION, mine) >= MOST_OF_A_THING:
            raise TooMany(
                f"You have {MOST_OF_A_THING} notifications about {uuid}; delete some."
            )
        stamp = to_iso(self._clock.now())
        notification: Document = {
            "id": self._ids.uuid(Ids.NOTIFICATION),
            **target,
            "parent": uuid,
            "owner": owner,
            "status": _ACTIVE,
            "success": None,
            "attempts": 0,
            "responseCode": None,
            "lastSent": None,
            "created": stamp,
            "lastUpdated": stamp,
        }
        self._store.insert(NOTIFICATION, notification["id"], notification)
        return notification

    def _read_associated(self, identity: Identity, uuid: object) -> str:
        if not isinstance(uuid, str) or not uuid:
            raise BadRequest("`associatedUuid` must be given.")
        lookup = self._lookups.get(uuid.rpartition("-")[2])
        if lookup is None:
            raise BadRequest(
                "`associatedUuid` is the UUID of a job, file, app, system, metadata or "
                "schema."
            )
        lookup(identity, uuid)
        return uuid

    def _owner(self, notification: Document) -> Identity:
        return self._identify(notification["owner"])

    def _may_know(self, notification: Document, event: Event) -> bool:
        if notification["owner"] == event.owner:
            return True
        try:
            self._read_associated(self._owner(notification), event.uuid)
        except LocalTenantError:
            return False
        return True

    def _fire(self, notification: Document, event: Event) -> None:
        waiting = self._store.tally(DELIVERY, equal("parent", notification["id"]))
        if waiting >= MOST_WAITING:
            _log.warning("%s has too many messages waiting", notification["id"])
            return
        values = {**event.values, "UUID": event.uuid, "EVENT": event.name}
        url = fill(notification["url"], values)
        self.deliveries.add(notification, event.name, url, event.body)
        if not notification["persistent"]:
            self._store.put(
                NOTIFICATION, notification["id"], {**notification, "status": _FIRED}
            )

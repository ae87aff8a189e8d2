"""What records and schemas have in common: an owner, permissions, a search."""

from dataclasses import dataclass
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import BadRequest, Forbidden, NotFound
from agave_local.events import Event, Events
from agave_local.permissions import Permission
from agave_local.records.conditions import ALWAYS, equal
from agave_local.records.grants import Grants
from agave_local.records.store import Document, Store
from agave_local.services.meta.query import Query


@dataclass(frozen=True)
class Page:
    """Which of the found documents the caller wants.

    Attributes:
        limit: at most so many.
        offset: so many are left out first.
    """

    limit: int = 250
    offset: int = 0


class Shelf:
    """The documents of one kind, by UUID, and who may do what with them.

    Args:
        store: keeps the kind, and `<kind>_grant`.
        clock: dates changes.
        ids: makes UUIDs.
        base_url: of the tenant, for links.
        events: are told of every change.
    """

    kind: str
    noun: str
    folder: str
    uuid_kind: str

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, base_url: str, events: Events
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._base_url = base_url
        self._events = events
        self._grants = Grants(store, f"{self.kind}_grant")

    def get(self, identity: Identity, uuid: str) -> Document:
        """Return a document that the caller may read.

        Raises:
            NotFound: where there is none that they may know of.
        """
        return self._require(identity, uuid, Permission.READ)

    def delete(self, identity: Identity, uuid: str) -> None:
        """Forget a document and its permissions.

        Raises:
            Forbidden: for somebody who may only read it.
            NotFound: where there is none that they may know of.
        """
        with self._store.transaction():
            record = self._require(identity, uuid, Permission.WRITE)
            self._publish("DELETED", record)
            self._store.delete(self.kind, uuid)
            self._grants.clear(uuid)

    def search(
        self,
        identity: Identity,
        query: Query,
        page: Page,
        *,
        privileged: bool = True,
    ) -> list[Document]:
        """Return the documents that a caller may read and that a query matches.

        Args:
            identity: the caller.
            query: that documents must match.
            page: of the result.
            privileged: whether an administrator sees everybody's.
        """
        visible = ALWAYS
        if not (privileged and identity.is_admin):
            owned = equal("owner", identity.username)
            visible = owned | self._grants.readable_by(identity)
        if query.verdict == ALWAYS:
            return self._store.select(
                self.kind, visible, limit=page.limit, offset=page.offset
            )
        return self._store.sift(
            self.kind,
            visible & query.hint,
            query.verdict,
            query.matches,
            limit=page.limit,
            offset=page.offset,
        )

    def pems(self, identity: Identity, uuid: str) -> dict[str, Permission]:
        """Return the permissions given on a document, its owner's first.

        Raises:
            NotFound: where there is none that the caller may know of.
        """
        record = self._require(identity, uuid, Permission.READ)
        return {record["owner"]: Permission.READ_WRITE, **self._grants.of(uuid)}

    def give(
        self, identity: Identity, uuid: str, username: str, permission: Permission
    ) -> None:
        """Give somebody exactly a permission; NONE takes all away.

        Raises:
            BadRequest: for the owner, who has them all.
            Forbidden: for a caller who may only read it.
            NotFound: where there is none that they may know of.
        """
        with self._store.transaction():
            record = self._require(identity, uuid, Permission.WRITE)
            if username == record["owner"]:
                raise BadRequest("The owner has every permission already.")
            permission &= Permission.READ_WRITE
            self._grants.give(uuid, username, permission)
            name = "PERMISSION_GRANT" if permission else "PERMISSION_REVOKE"
            self._publish(name, record)

    def take_all(self, identity: Identity, uuid: str) -> None:
        """Take every permission away, but the owner's.

        Raises:
            Forbidden: for a caller who may only read it.
            NotFound: where there is none that they may know of.
        """
        with self._store.transaction():
            record = self._require(identity, uuid, Permission.WRITE)
            self._grants.clear(uuid)
            self._publish("PERMISSION_REVOKE", record)

    def link(self, uuid: str) -> str:
        """Return the address of a document."""
        return f"{self._base_url}/meta/v2/{self.folder}/{uuid}"

    def to_public(self, record: Document) -> dict[str, Any]:
        """Return a document as callers read it."""
        here = self.link(record["uuid"])
        owner = f"{self._base_url}/profiles/v2/{record['owner']}"
        return {
            **record,
            "_links": {
                "self": {"href": here},
                "permissions": {"href": f"{here}/pems"},
                "owner": {"href": owner},
            },
        }

    def _insert(self, identity: Identity, content: Document) -> Document:
        stamp = to_iso(self._clock.now())
        record: Document = {
            "uuid": self._ids.uuid(self.uuid_kind),
            "owner": identity.username,
            "internalUsername": None,
            **content,
            "created": stamp,
            "lastUpdated": stamp,
        }
        with self._store.transaction():
            self._store.insert(self.kind, record["uuid"], record)
            self._publish("CREATED", record)
        return record

    def _replace(self, old: Document, content: Document) -> Document:
        record = {**old, **content, "lastUpdated": to_iso(self._clock.now())}
        self._store.put(self.kind, record["uuid"], record)
        self._publish("UPDATED", record)
        return record

    def _publish(self, name: str, record: Document) -> None:
        self._events.publish(
            Event(record["uuid"], name, record["owner"], {}, self.to_public(record))
        )

    def _require(
        self, identity: Identity, uuid: str, permission: Permission
    ) -> Document:
        record = self._store.get(self.kind, uuid)
        if record is None:
            raise self._not_found(uuid)
        if identity.may_act_for(record["owner"]):
            return record
        has = self._grants.held(identity, uuid)
        if Permission.READ not in has and permission not in has:
            raise self._not_found(uuid)
        if permission not in has:
            raise Forbidden(f"You may read this {self.noun}, but not change it.")
        return record

    def _not_found(self, uuid: str) -> NotFound:
        return NotFound(f"There is no {self.noun} {uuid}.")

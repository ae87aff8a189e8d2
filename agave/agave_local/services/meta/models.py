"""Metadata: named JSON documents with an owner and permissions."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import BadRequest, Forbidden, NotFound
from agave_local.permissions import WORLD, Permission, read_permission, to_name
from agave_local.services.meta.query import Query
from agave_local.store import Document, Store

_KIND = "metadata"
# One document for each permission given: name = whose, parent = the metadata's UUID.
_GRANT = "metadata_grant"
_LONGEST_NAME = 256


@dataclass(frozen=True)
class Page:
    """Which of the found documents the caller wants.

    Attributes:
        limit: at most so many.
        offset: so many are left out first.
    """

    limit: int = 250
    offset: int = 0


class Meta:
    """The metadata of the tenant.

    Args:
        store: keeps kinds `metadata`, by UUID, and `metadata_grant`.
        clock: dates changes.
        ids: makes UUIDs.
        base_url: of the tenant, for links.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, base_url: str) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._base_url = base_url

    def add(self, identity: Identity, body: Document) -> Document:
        """Keep a new document.

        Raises:
            BadRequest: naming the field that is wrong.
        """
        content = _read_content(body)
        stamp = to_iso(self._clock.now())
        record: Document = {
            "uuid": self._ids.uuid(Ids.METADATA),
            "owner": identity.username,
            "schemaId": None,
            "internalUsername": None,
            **content,
            "created": stamp,
            "lastUpdated": stamp,
        }
        self._store.insert(_KIND, record["uuid"], record)
        return record

    def get(self, identity: Identity, uuid: str) -> Document:
        """Return a document that the caller may read.

        Raises:
            NotFound: where there is none that they may know of.
        """
        return self._require(identity, uuid, Permission.READ)

    def update(self, identity: Identity, uuid: str, body: Document) -> Document:
        """Replace the name, value and associations of a document.

        Raises:
            BadRequest: naming the field that is wrong.
            Forbidden: for somebody who may only read it.
            NotFound: where there is none that they may know of.
        """
        content = _read_content(body)
        with self._store.transaction():
            old = self._require(identity, uuid, Permission.WRITE)
            record = {
                **old,
                **content,
                "lastUpdated": to_iso(self._clock.now()),
            }
            self._store.put(_KIND, uuid, record)
        return record

    def delete(self, identity: Identity, uuid: str) -> None:
        """Forget a document and its permissions.

        Raises:
            Forbidden: for somebody who may only read it.
            NotFound: where there is none that they may know of.
        """
        with self._store.transaction():
            self._require(identity, uuid, Permission.WRITE)
            self._store.delete(_KIND, uuid)
            self._store.delete_where(_GRANT, parent=uuid)

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
        everything = privileged and identity.is_admin
        found: list[Document] = []
        left_out = 0
        for record in self._candidates(identity, query.name, everything=everything):
            if len(found) >= page.limit:
                break
            if not query.matches(record):
                continue
            if left_out < page.offset:
                left_out += 1
            else:
                found.append(record)
        return found

    def pems(self, identity: Identity, uuid: str) -> dict[str, Permission]:
        """Return the permissions given on a document, its owner's first.

        Raises:
            NotFound: where there is none that the caller may know of.
        """
        record = self._require(identity, uuid, Permission.READ)
        given = {
            grant["name"]: read_permission(grant["permission"])
            for grant in self._store.find(_GRANT, parent=uuid)
        }
        return {record["owner"]: Permission.READ_WRITE, **given}

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
            key = f"{uuid}/{username}"
            if not permission:
                self._store.delete(_GRANT, key)
                return
            self._store.put(
                _GRANT,
                key,
                {
                    "name": username,
                    "parent": uuid,
                    "permission": to_name(permission),
                },
            )

    def take_all(self, identity: Identity, uuid: str) -> None:
        """Take every permission away, but the owner's.

        Raises:
            Forbidden: for a caller who may only read it.
            NotFound: where there is none that they may know of.
        """
        with self._store.transaction():
            self._require(identity, uuid, Permission.WRITE)
            self._store.delete_where(_GRANT, parent=uuid)

    def link(self, uuid: str) -> str:
        """Return the address of a document."""
        return f"{self._base_url}/meta/v2/data/{uuid}"

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
                "associationIds": [
                    {"rel": associated, "href": "", "title": "resource"}
                    for associated in record["associationIds"]
                ],
            },
        }

    def _candidates(
        self, identity: Identity, name: str | None, *, everything: bool
    ) -> Iterator[Document]:
        """Yield what the caller may read, oldest first; of one name where given."""
        if name is not None:
            for record in self._store.find(_KIND, name=name):
                if everything or Permission.READ in self._permission(identity, record):
                    yield record
            return
        if everything:
            yield from self._store.find(_KIND)
            return
        own = self._store.find(_KIND, owner=identity.username)
        granted = self._granted(identity)
        yield from heapq.merge(own, granted, key=_age)

    def _granted(self, identity: Identity) -> list[Document]:
        uuids = {
            grant["parent"]
            for name in (identity.username, *WORLD)
            for grant in self._store.find(_GRANT, name=name)
            if Permission.READ in read_permission(grant["permission"])
        }
        records = (self._store.get(_KIND, uuid) for uuid in uuids)
        return sorted(
            (
                record
                for record in records
                if record is not None and record["owner"] != identity.username
            ),
            key=_age,
        )

    def _permission(self, identity: Identity, record: Document) -> Permission:
        if identity.username == record["owner"]:
            return Permission.READ_WRITE
        has = Permission.NONE
        for name in (identity.username, *WORLD):
            grant = self._store.get(_GRANT, f"{record['uuid']}/{name}")
            if grant is not None:
                has |= read_permission(grant["permission"])
        return has

    def _require(
        self, identity: Identity, uuid: str, permission: Permission
    ) -> Document:
        record = self._store.get(_KIND, uuid)
        if record is None:
            raise _not_found(uuid)
        if identity.is_admin:
            return record
        has = self._permission(identity, record)
        if Permission.READ not in has and permission not in has:
            raise _not_found(uuid)
        if permission not in has:
            raise Forbidden("You may read this metadata, but not change it.")
        return record


def _read_content(body: Document) -> Document:
    name, value = body.get("name"), body.get("value")
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME:
        raise BadRequest("name is a text of 1 to 256 characters and must be given.")
    if "value" not in body or value is None:
        raise BadRequest("value is any JSON but null and must be given.")
    associated = body.get("associationIds") or []
    if isinstance(associated, str):
        associated = [associated]
    if not isinstance(associated, list) or not all(
        isinstance(one, str) for one in associated
    ):
        raise BadRequest("associationIds is a list of UUIDs.")
    return {"name": name, "value": value, "associationIds": associated}


def _age(record: Document) -> tuple[str, str]:
    return record["created"], record["uuid"]


def _not_found(uuid: str) -> NotFound:
    return NotFound(f"There is no metadata {uuid}.")

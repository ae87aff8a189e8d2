"""Metadata: named JSON documents with an owner and permissions."""

import re
from typing import Any

from agave_local.call import Identity
from agave_local.clock import Clock, Ids
from agave_local.errors import BadRequest, NotFound
from agave_local.events import Events
from agave_local.permissions import Permission
from agave_local.records.store import Document, Store
from agave_local.services.meta.schemas import Schemas
from agave_local.services.meta.shelf import Shelf

_LONGEST_NAME = 256
_MOST_ASSOCIATED = 1_000
_UUID = re.compile(r"[0-9A-Za-z]{1,40}(?:-[0-9A-Za-z]{1,40}){1,6}", re.ASCII)
# What a UUID's last part says, and where such a thing is.
_TITLES = {
    Ids.FILE: ("file", ""),
    Ids.APP: ("app", ""),
    Ids.SYSTEM: ("system", ""),
    Ids.JOB: ("job", "/jobs/v2/"),
    Ids.POSTIT: ("postit", "/postits/v2/"),
    Ids.NOTIFICATION: ("notification", "/notifications/v2/"),
    Ids.METADATA: ("metadata", "/meta/v2/data/"),
    Ids.SCHEMA: ("schema", "/meta/v2/schemas/"),
    Ids.MONITOR: ("monitor", "/monitors/v2/"),
}


class Meta(Shelf):
    """The metadata of the tenant.

    Args:
        store: keeps kinds `metadata`, by UUID, and `metadata_grant`.
        clock: dates changes.
        ids: makes UUIDs.
        base_url: of the tenant, for links.
        events: are told of every change.
        schemas: that values may have to follow.
    """

    kind = "metadata"
    noun = "metadata"
    folder = "data"
    uuid_kind = Ids.METADATA

    def __init__(  # noqa: PLR0917 - the composition root passes them by place
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        base_url: str,
        events: Events,
        schemas: Schemas,
    ) -> None:
        super().__init__(store, clock, ids, base_url, events)
        self._schemas = schemas

    def add(self, identity: Identity, body: Document) -> Document:
        """Keep a new document.

        Raises:
            BadRequest: naming the field that is wrong.
        """
        content = _read_content(body)
        schema_id = _read_schema_id(body)
        self._check(identity, schema_id, content["value"])
        return self._insert(identity, {"schemaId": schema_id, **content})

    def update(self, identity: Identity, uuid: str, body: Document) -> Document:
        """Replace the name, value, associations and schema of a document.

        A request that does not mention the schema leaves it as it is.

        Raises:
            BadRequest: naming the field that is wrong.
            Forbidden: for somebody who may only read it.
            NotFound: where there is none that they may know of.
        """
        content = _read_content(body)
        with self._store.transaction():
            old = self._require(identity, uuid, Permission.WRITE)
            schema_id = old.get("schemaId")
            if "schemaId" in body:
                schema_id = _read_schema_id(body)
                self._check(identity, schema_id, content["value"])
            elif schema_id is not None:
                # Its schema is the owner's affair; whoever writes must follow it.
                self._schemas.check_if_there(schema_id, content["value"])
            return self._replace(old, {**content, "schemaId": schema_id})

    def to_public(self, record: Document) -> dict[str, Any]:
        """Return a document as callers read it."""
        shown = super().to_public(record)
        shown["_links"]["associationIds"] = [
            self._to_association(uuid) for uuid in record["associationIds"]
        ]
        return shown

    def _check(self, identity: Identity, schema_id: str | None, value: Any) -> None:
        if schema_id is None:
            return
        try:
            self._schemas.get(identity, schema_id)
        except NotFound as error:
            raise BadRequest(f"There is no schema {schema_id}.") from error
        self._schemas.check_if_there(schema_id, value)

    def _to_association(self, uuid: str) -> dict[str, str]:
        title, path = _TITLES.get(uuid.rpartition("-")[2], ("resource", ""))
        href = f"{self._base_url}{path}{uuid}" if path else ""
        return {"rel": uuid, "href": href, "title": title}


def _read_content(body: Document) -> Document:
    name, value = body.get("name"), body.get("value")
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME:
        raise BadRequest("name is a text of 1 to 256 characters and must be given.")
    if "value" not in body or value is None:
        raise BadRequest("value is any JSON but null and must be given.")
    associated = body.get("associationIds") or []
    if isinstance(associated, str):
        associated = [associated]
    if (
        not isinstance(associated, list)
        or len(associated) > _MOST_ASSOCIATED
        or not all(isinstance(one, str) and _UUID.fullmatch(one) for one in associated)
    ):
        raise BadRequest(
            f"associationIds is a list of at most {_MOST_ASSOCIATED} UUIDs, such as "
            "that of a job."
        )
    unique = list(dict.fromkeys(associated))
    return {"name": name, "value": value, "associationIds": unique}


def _read_schema_id(body: Document) -> str | None:
    schema_id = body.get("schemaId")
    if schema_id is None or schema_id == "":
        return None
    if not isinstance(schema_id, str) or not _UUID.fullmatch(schema_id):
        raise BadRequest("schemaId is the UUID of a schema.")
    return schema_id

"""JSON Schema documents, which metadata may have to follow."""

import json
from typing import TYPE_CHECKING

from agave_local.call import Identity
from agave_local.clock import Ids
from agave_local.errors import BadRequest
from agave_local.permissions import Permission
from agave_local.records.store import Document
from agave_local.services.meta.shelf import Shelf

if TYPE_CHECKING:
    from agave_local.services.meta.validation import Schema

_MOST_CHARACTERS = 256 * 2**10


class Schemas(Shelf):
    """The schemas of the tenant.

    Args:
        store: keeps kinds `schema`, by UUID, and `schema_grant`.
        clock: dates changes.
        ids: makes UUIDs.
        base_url: of the tenant, for links.
        events: are told of every change.
    """

    kind = "schema"
    noun = "schema"
    folder = "schemas"
    uuid_kind = Ids.SCHEMA

    def add(self, identity: Identity, body: Document) -> Document:
        """Keep a new schema.

        Raises:
            BadRequest: where it is none, or asks too much.
        """
        return self._insert(identity, {"schema": _checked(body)})

    def update(self, identity: Identity, uuid: str, body: Document) -> Document:
        """Replace a schema; what follows the old one stays as it is.

        Raises:
            BadRequest: where it is none, or asks too much.
            Forbidden: for somebody who may only read it.
            NotFound: where there is none that they may know of.
        """
        schema = _checked(body)
        with self._store.transaction():
            old = self._require(identity, uuid, Permission.WRITE)
            return self._replace(old, {"schema": schema})

    def check_if_there(self, uuid: str, value: object) -> None:
        """Refuse a value that does not follow a schema; all do if it is deleted.

        Raises:
            BadRequest: saying what is wrong, and where.
        """
        record = self._store.get(self.kind, uuid)
        if record is not None:
            _compile(record["schema"]).check(value)


def _checked(body: Document) -> Document:
    if not body:
        raise BadRequest("The body is a JSON Schema with at least one keyword.")
    if len(json.dumps(body)) > _MOST_CHARACTERS:
        raise BadRequest("A schema has at most 256 KiB.")
    _compile(body)
    return body


def _compile(document: Document) -> "Schema":
    # Its packages are a tenth of the start of a tenant, and few tenants need them.
    from agave_local.services.meta.validation import Schema  # noqa: PLC0415 - as said

    return Schema(document)

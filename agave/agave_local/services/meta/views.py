"""What the metadata service answers; records and schemas answer alike."""

from collections.abc import Callable
from typing import Any

from agave_local.call import Answer, Call
from agave_local.errors import NotFound
from agave_local.permissions import Permission, read_permission, to_flags
from agave_local.reading.bodies import page_of, read_object, read_page, read_switch
from agave_local.services.meta.models import Meta
from agave_local.services.meta.query import Query, read_query
from agave_local.services.meta.schemas import Schemas
from agave_local.services.meta.shelf import Page
from agave_local.services.profiles.models import read_username
from agave_local.tenant import Tenant


class ShelfViews:
    """The views of records, or of schemas.

    Args:
        shelf_of: finds them in a tenant.
    """

    def __init__(self, shelf_of: Callable[[Tenant], Meta | Schemas]) -> None:
        self._of = shelf_of

    def on_list(self, call: Call) -> Answer:
        """List what the caller may read, or what of it the query `q` asks for."""
        shelf = self._of(call.tenant)
        limit, offset = read_page(call.request)
        found = shelf.search(
            call.identity,
            _read_query(call),
            Page(limit, offset),
            privileged=read_switch(call.request, "privileged", default=True),
        )
        return Answer([shelf.to_public(record) for record in found])

    def on_add(self, call: Call) -> Answer:
        """Keep a new document."""
        shelf = self._of(call.tenant)
        record = shelf.add(call.identity, read_object(call.request))
        return Answer(shelf.to_public(record), 201)

    def on_get(self, call: Call) -> Answer:
        """Return a document."""
        shelf = self._of(call.tenant)
        return Answer(shelf.to_public(shelf.get(call.identity, call.args["uuid"])))

    def on_update(self, call: Call) -> Answer:
        """Replace a document's content."""
        shelf = self._of(call.tenant)
        body = read_object(call.request)
        record = shelf.update(call.identity, call.args["uuid"], body)
        return Answer(shelf.to_public(record))

    def on_delete(self, call: Call) -> Answer:
        """Forget a document."""
        self._of(call.tenant).delete(call.identity, call.args["uuid"])
        return Answer(None)

    def on_list_pems(self, call: Call) -> Answer:
        """List who may do what with a document."""
        uuid = call.args["uuid"]
        pems = self._of(call.tenant).pems(call.identity, uuid)
        shown = [self._to_pem(call, uuid, name, pem) for name, pem in pems.items()]
        return Answer(page_of(shown, call.request))

    def on_get_pem(self, call: Call) -> Answer:
        """Return what somebody may do with a document."""
        uuid, username = call.args["uuid"], call.args["username"]
        permission = self._of(call.tenant).pems(call.identity, uuid).get(username)
        if permission is None:
            raise NotFound(f"{username} has no permission on {uuid}.")
        return Answer(self._to_pem(call, uuid, username, permission))

    def on_give(self, call: Call) -> Answer:
        """Give somebody exactly a permission on a document."""
        body = read_object(call.request)
        uuid = call.args["uuid"]
        username = read_username(call.args.get("username", body.get("username")))
        permission = read_permission(body.get("permission"), execute=False)
        self._of(call.tenant).give(call.identity, uuid, username, permission)
        return Answer(self._to_pem(call, uuid, username, permission), 201)

    def on_take(self, call: Call) -> Answer:
        """Take every permission on a document from somebody."""
        username = read_username(call.args["username"])
        self._of(call.tenant).give(
            call.identity, call.args["uuid"], username, Permission.NONE
        )
        return Answer(None)

    def on_take_all(self, call: Call) -> Answer:
        """Take every permission on a document from everybody but its owner."""
        self._of(call.tenant).take_all(call.identity, call.args["uuid"])
        return Answer(None)

    def _to_pem(
        self, call: Call, uuid: str, username: str, permission: Permission
    ) -> dict[str, Any]:
        here = self._of(call.tenant).link(uuid)
        profile = f"{call.tenant.settings.base_url}/profiles/v2/{username}"
        return {
            "username": username,
            "permission": to_flags(permission, execute=False),
            "_links": {
                "self": {"href": f"{here}/pems/{username}"},
                "parent": {"href": here},
                "profile": {"href": profile},
            },
        }


def _read_query(call: Call) -> Query:
    """Read `q`; agavepy's searchSchema asks by `uuid` instead."""
    uuid = call.request.args.get("uuid")
    text = call.request.args.get("q")
    if uuid and not text:
        return Query({"uuid": uuid})
    return read_query(text)


DATA = ShelfViews(lambda tenant: tenant.meta)
SCHEMAS = ShelfViews(lambda tenant: tenant.schemas)

"""What the metadata service answers."""

from typing import Any

from agave_local.bodies import page_of, read_object, read_page, read_switch
from agave_local.call import Answer, Call
from agave_local.errors import NotFound
from agave_local.permissions import Permission, read_permission, to_flags
from agave_local.services.meta.models import Page
from agave_local.services.meta.query import read_query
from agave_local.services.profiles.models import read_username


def on_list(call: Call) -> Answer:
    """List what the caller may read, or what of it the query `q` asks for."""
    limit, offset = read_page(call.request)
    found = call.tenant.meta.search(
        call.identity,
        read_query(call.request.args.get("q")),
        Page(limit, offset),
        privileged=read_switch(call.request, "privileged", default=True),
    )
    return Answer([call.tenant.meta.to_public(record) for record in found])


def on_add(call: Call) -> Answer:
    """Keep a new document."""
    record = call.tenant.meta.add(call.identity, read_object(call.request))
    return Answer(call.tenant.meta.to_public(record), 201)


def on_get(call: Call) -> Answer:
    """Return a document."""
    record = call.tenant.meta.get(call.identity, call.args["uuid"])
    return Answer(call.tenant.meta.to_public(record))


def on_update(call: Call) -> Answer:
    """Replace a document's content."""
    record = call.tenant.meta.update(
        call.identity, call.args["uuid"], read_object(call.request)
    )
    return Answer(call.tenant.meta.to_public(record))


def on_delete(call: Call) -> Answer:
    """Forget a document."""
    call.tenant.meta.delete(call.identity, call.args["uuid"])
    return Answer(None)


def on_list_pems(call: Call) -> Answer:
    """List who may do what with a document."""
    uuid = call.args["uuid"]
    pems = call.tenant.meta.pems(call.identity, uuid)
    shown = [_to_pem(call, uuid, name, pem) for name, pem in pems.items()]
    return Answer(page_of(shown, call.request))


def on_get_pem(call: Call) -> Answer:
    """Return what somebody may do with a document."""
    uuid, username = call.args["uuid"], call.args["username"]
    permission = call.tenant.meta.pems(call.identity, uuid).get(username)
    if permission is None:
        raise NotFound(f"{username} has no permission on {uuid}.")
    return Answer(_to_pem(call, uuid, username, permission))


def on_give(call: Call) -> Answer:
    """Give somebody exactly a permission on a document."""
    body = read_object(call.request)
    uuid = call.args["uuid"]
    username = read_username(call.args.get("username", body.get("username")))
    permission = read_permission(body.get("permission"))
    call.tenant.meta.give(call.identity, uuid, username, permission)
    return Answer(
        _to_pem(call, uuid, username, permission & Permission.READ_WRITE), 201
    )


def on_take(call: Call) -> Answer:
    """Take every permission on a document from somebody."""
    call.tenant.meta.give(
        call.identity, call.args["uuid"], call.args["username"], Permission.NONE
    )
    return Answer(None)


def on_take_all(call: Call) -> Answer:
    """Take every permission on a document from everybody but its owner."""
    call.tenant.meta.take_all(call.identity, call.args["uuid"])
    return Answer(None)


def _to_pem(
    call: Call, uuid: str, username: str, permission: Permission
) -> dict[str, Any]:
    here = call.tenant.meta.link(uuid)
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

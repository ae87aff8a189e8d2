"""What answers at the addresses of the notifications service."""

from agave_local.call import Answer, Call
from agave_local.reading.bodies import read_object, read_page
from agave_local.reading.search import Field, Kind, read_search

_FIELDS = {
    "id": Field("id"),
    "uuid": Field("id"),
    "url": Field("url"),
    "event": Field("event"),
    "status": Field("status"),
    "associatedUuid": Field("parent"),
    "persistent": Field("persistent", Kind.SWITCH),
    "success": Field("success", Kind.SWITCH),
    "attempts": Field("attempts", Kind.NUMBER),
    "responseCode": Field("responseCode", Kind.NUMBER),
    "created": Field("created", Kind.TIME),
    "lastUpdated": Field("lastUpdated", Kind.TIME),
}


def on_list(call: Call) -> Answer:
    """List the caller's notifications, all or about one thing."""
    notifications = call.tenant.notifications
    limit, offset = read_page(call.request)
    condition = read_search(call.request, _FIELDS)
    found = notifications.list(call.identity, condition, limit, offset)
    return Answer([notifications.to_public(one) for one in found])


def on_add(call: Call) -> Answer:
    """Keep a new notification."""
    notifications = call.tenant.notifications
    added = notifications.add(call.identity, read_object(call.request))
    return Answer(notifications.to_public(added), 201)


def on_get(call: Call) -> Answer:
    """Return a notification."""
    notifications = call.tenant.notifications
    return Answer(
        notifications.to_public(notifications.get(call.identity, call.args["uuid"]))
    )


def on_update(call: Call) -> Answer:
    """Replace what a notification asks for."""
    notifications = call.tenant.notifications
    changed = notifications.update(
        call.identity, call.args["uuid"], read_object(call.request)
    )
    return Answer(notifications.to_public(changed))


def on_delete(call: Call) -> Answer:
    """Forget a notification."""
    call.tenant.notifications.delete(call.identity, call.args["uuid"])
    return Answer(None)

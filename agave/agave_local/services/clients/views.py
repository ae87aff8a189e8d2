"""What the clients service answers."""

from typing import Any
from urllib.parse import quote

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest
from agave_local.reading.bodies import page_of, read_object, read_page
from agave_local.reading.search import Field, Kind, read_search
from agave_local.records.store import Document

_SEARCHED = {
    "name": Field("name"),
    "clientName": Field("name"),
    "description": Field("description"),
    "callbackUrl": Field("callback_url"),
    "consumerKey": Field("key"),
    "tier": Field("tier"),
    "created": Field("created", Kind.TIME),
}


def on_list(call: Call) -> Answer:
    """List the caller's clients, without their secrets."""
    clients = call.tenant.clients
    limit, offset = read_page(call.request)
    found = clients.of(
        call.identity,
        read_search(call.request, _SEARCHED),
        limit=limit,
        offset=offset,
    )
    return Answer([clients.to_public(one) for one in found])


def on_create(call: Call) -> Answer:
    """Register a client; its secret is in this answer and never again."""
    body = read_object(call.request)
    client, secret = call.tenant.clients.create(
        call.identity,
        # agavepy's own description of the contract says `name`.
        _text(body, "clientName") or _text(body, "name"),
        callback_url=_text(body, "callbackUrl"),
        description=_text(body, "description"),
        tier=_text(body, "tier") or "Unlimited",
    )
    return Answer(
        call.tenant.clients.to_public(client, secret),
        201,
        "Client created successfully.",
    )


def on_get(call: Call) -> Answer:
    """Return one of the caller's clients, without its secret."""
    client = call.tenant.clients.get(call.identity, call.args["name"])
    return Answer(call.tenant.clients.to_public(client))


def on_delete(call: Call) -> Answer:
    """Forget a client, and end every token it was given."""
    with call.tenant.store.transaction():
        client = call.tenant.clients.delete(call.identity, call.args["name"])
        call.tenant.oauth.end_client(client)
    return Answer(None, message="Client deleted successfully.")


def on_list_subscriptions(call: Call) -> Answer:
    """List what a client may call."""
    client = call.tenant.clients.get(call.identity, call.args["name"])
    found = call.tenant.clients.subscriptions(client)
    return Answer(page_of([_to_subscription(call, one) for one in found], call.request))


def on_subscribe(call: Call) -> Answer:
    """Let a client call an API, or all of them."""
    made = call.tenant.clients.subscribe(
        call.identity, call.args["name"], read_object(call.request)
    )
    shown = [_to_subscription(call, one) for one in made]
    return Answer(shown[0] if len(shown) == 1 else shown, 201)


def on_unsubscribe(call: Call) -> Answer:
    """Let a client call nothing any more."""
    call.tenant.clients.unsubscribe(call.identity, call.args["name"])
    return Answer(None)


def _to_subscription(call: Call, api: Document) -> dict[str, Any]:
    base_url = call.tenant.settings.base_url
    return {
        "apiName": api["name"],
        "apiVersion": api["version"],
        "apiProvider": api["owner"],
        "apiContext": api["context"],
        "apiStatus": api["status"],
        "status": api["status"],
        "tier": api["tier"],
        "_links": {
            "api": {"href": f"{base_url}{api['context']}/{api['version']}"},
            "client": {"href": f"{base_url}/clients/v2/{quote(call.args['name'])}"},
        },
    }


def _text(body: dict[str, object], field: str) -> str:
    value = body.get(field)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 2000 or "\0" in value:  # noqa: PLR2004 - longer than any URL or description has to be
        raise BadRequest(f"{field} is a text of at most 2000 characters.")
    return value

"""What the clients service answers."""

from agave_local.bodies import page_of, read_object
from agave_local.call import Answer, Call
from agave_local.errors import BadRequest

_APIS = ("Apps", "Clients", "Files", "Jobs", "Metadata", "Profiles", "Systems")


def on_list(call: Call) -> Answer:
    """List the caller's clients, without their secrets."""
    clients = call.tenant.clients
    shown = [clients.to_public(one) for one in clients.of(call.identity)]
    return Answer(page_of(shown, call.request))


def on_create(call: Call) -> Answer:
    """Register a client; its secret is in this answer and never again."""
    body = read_object(call.request)
    client, secret = call.tenant.clients.create(
        call.identity,
        _text(body, "clientName"),
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
    client = call.tenant.clients.delete(call.identity, call.args["name"])
    call.tenant.oauth.end_client(client)
    return Answer(None, message="Client deleted successfully.")


def on_list_subscriptions(call: Call) -> Answer:
    """List what a client may call, which here is everything."""
    client = call.tenant.clients.get(call.identity, call.args["name"])
    base_url = call.tenant.settings.base_url
    return Answer(
        [
            {
                "apiName": name,
                "apiVersion": "v2",
                "apiProvider": "admin",
                "apiContext": f"/{'meta' if name == 'Metadata' else name.lower()}",
                "apiStatus": "PUBLISHED",
                "tier": client["tier"],
                "_links": {
                    "client": {"href": f"{base_url}/clients/v2/{client['name']}"},
                },
            }
            for name in _APIS
        ]
    )


def _text(body: dict[str, object], field: str) -> str:
    value = body.get(field)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 2000 or "\0" in value:  # noqa: PLR2004 - longer than any URL or description has to be
        raise BadRequest(f"{field} is a text of at most 2000 characters.")
    return value

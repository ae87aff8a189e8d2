"""What the admin service answers about clients and APIs."""

from typing import Any

from agave_local.call import Answer, Call
from agave_local.reading.bodies import page_of, read_object, read_page
from agave_local.reading.search import Field, Kind, read_search
from agave_local.records.store import Document

_CLIENT_FIELDS = {
    "id": Field("key"),
    "clientName": Field("name"),
    "name": Field("name"),
    "owner": Field("owner"),
    "tier": Field("tier"),
    "created": Field("created", Kind.TIME),
}
_SUMMARY = ("id", "name", "owner", "status", "version")


def on_list_clients(call: Call) -> Answer:
    """List everybody's clients, without their secrets."""
    limit, offset = read_page(call.request)
    condition = read_search(call.request, _CLIENT_FIELDS)
    found = call.tenant.clients.all(condition, limit=limit, offset=offset)
    return Answer([_to_client(call, one) for one in found])


def on_list_apis(call: Call) -> Answer:
    """List the APIs."""
    found = page_of(call.tenant.clients.apis.all(), call.request)
    return Answer(
        [
            {**{field: api[field] for field in _SUMMARY}, "_links": _links(call, api)}
            for api in found
        ]
    )


def on_add_api(call: Call) -> Answer:
    """Register an API."""
    apis = call.tenant.clients.apis
    return Answer(
        _to_api(call, apis.add(call.identity, read_object(call.request))), 201
    )


def on_get_api(call: Call) -> Answer:
    """Describe an API."""
    return Answer(_to_api(call, call.tenant.clients.apis.get(call.args["api_id"])))


def on_set_api_status(call: Call) -> Answer:
    """Publish or retire an API."""
    status = read_object(call.request).get("status")
    apis = call.tenant.clients.apis
    return Answer(_to_api(call, apis.set_status(call.args["api_id"], status)))


def on_delete_api(call: Call) -> Answer:
    """Forget an API."""
    call.tenant.clients.apis.delete(call.args["api_id"])
    return Answer(None)


def _to_client(call: Call, client: Document) -> dict[str, Any]:
    owner = f"{call.tenant.settings.base_url}/profiles/v2/{client['owner']}"
    return {
        "id": client["key"],
        "clientName": client["name"],
        "owner": client["owner"],
        "tier": client["tier"],
        "callbackUrl": client["callback_url"],
        "created": client["created"],
        "_links": {"owner": {"href": owner}},
    }


def _to_api(call: Call, api: Document) -> dict[str, Any]:
    methods, auth = api.get("methods", []), api.get("auth", [])
    verbs = {
        method: auth[i] if len(auth) == len(methods) else auth[0]
        for i, method in enumerate(methods)
    }
    return {
        **api,
        "environments": "Production",
        "templates": [],
        "resources": [{"url_pattern": "/*", "http_verbs": verbs}] if verbs else [],
        "_links": _links(call, api),
    }


def _links(call: Call, api: Document) -> dict[str, Any]:
    here = f"{call.tenant.settings.base_url}/admin/v2/apis/{api['id']}"
    return {"self": {"href": here}}

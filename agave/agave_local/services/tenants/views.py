"""What the tenants service answers."""

from collections.abc import Mapping
from typing import Any

from agave_local.call import Answer, Call
from agave_local.errors import NotFound
from agave_local.reading.bodies import page_of


def on_list(call: Call) -> Answer:
    """Return the tenants of the server, the one at this address among them."""
    tenants = [_to_public(code, url) for code, url in _tenants(call).items()]
    return Answer(page_of(tenants, call.request))


def on_get(call: Call) -> Answer:
    """Return the tenant of a code, or of an id."""
    wanted = call.args["code"].lower()
    for code, url in _tenants(call).items():
        if code.lower() == wanted:
            return Answer(_to_public(code, url))
    raise NotFound(f"There is no tenant {call.args['code']} at this address.")


def _tenants(call: Call) -> Mapping[str, str]:
    settings = call.tenant.settings
    return settings.neighbours or {settings.code: settings.base_url}


def _to_public(code: str, base_url: str) -> dict[str, Any]:
    """Describe a tenant; agavepy finds it by `code` or by `baseUrl`."""
    code = code.lower()
    return {
        "id": code,
        "name": "Local tenant",
        "code": code,
        "baseUrl": f"{base_url}/",
        "status": "LIVE",
        "contact": [],
        "_links": {"self": {"href": f"{base_url}/tenants/{code}"}},
    }

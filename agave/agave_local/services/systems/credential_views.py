"""What the systems service answers about credentials; never a secret."""

from typing import Any

from agave_local.call import Answer, Call
from agave_local.reading.bodies import page_of, read_object
from agave_local.records.store import Document
from agave_local.services.systems.credentials import Credentials

_PARENTS = {"storage": "STORAGE", "login": "EXECUTION"}


def on_list(call: Call) -> Answer:
    """List the credentials on a system, or show an internal user's of one type."""
    system_id, user, kind = _named(call)
    credentials = Credentials(call.tenant.systems)
    found = credentials.find(call.identity, system_id, user, kind)
    shown = page_of([_to_public(call, one) for one in found], call.request)
    return Answer(shown[0] if kind and shown else shown)


def on_set(call: Call) -> Answer:
    """Add or replace a credential."""
    system_id, user, kind = _named(call)
    credentials = Credentials(call.tenant.systems)
    body = read_object(call.request)
    kept = credentials.set(call.identity, system_id, body, user, kind)
    shown = [_to_public(call, one) for one in kept]
    return Answer(shown[0] if kind and shown else shown, 201)


def on_delete(call: Call) -> Answer:
    """Forget credentials; the system's default stays."""
    system_id, user, kind = _named(call)
    Credentials(call.tenant.systems).delete(call.identity, system_id, user, kind)
    return Answer(None)


def _named(call: Call) -> tuple[str, str, str]:
    args = call.args
    return args["system_id"], args.get("user", ""), args.get("kind", "")


def _to_public(call: Call, record: Document) -> dict[str, Any]:
    system = call.tenant.systems.link(call.args["system_id"])
    user, part = record["name"], record["part"]
    here = f"{system}/credentials"
    return {
        "internalUsername": user or None,
        "default": not user,
        "type": record["type"],
        "parentType": _PARENTS[part],
        "server": record.get("server"),
        "valid": True,
        "expirationDate": None,
        "_links": {
            "self": {"href": f"{here}/{user}/{part.upper()}" if user else here},
            "parent": {"href": system},
        },
    }

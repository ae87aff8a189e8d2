"""What the systems service answers."""

from typing import Any

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, NotFound
from agave_local.reading.bodies import page_of, read_object, read_page, read_switch
from agave_local.reading.search import Field, Kind, read_search
from agave_local.records.conditions import ALWAYS, Condition, identified, negated
from agave_local.records.store import Document
from agave_local.services.profiles.models import read_username
from agave_local.services.systems.defaults import Choice
from agave_local.services.systems.roles import Role, read_role

_SUMMARY = ("id", "name", "type", "description", "status")
_ACTIONS = (
    "ENABLE",
    "DISABLE",
    "PUBLISH",
    "UNPUBLISH",
    "SETDEFAULT",
    "UNSETDEFAULT",
    "SETGLOBALDEFAULT",
    "UNSETGLOBALDEFAULT",
    "CLONE",
)
_SEARCHED = {
    **{name: Field(name) for name in ("id", "uuid", "name", "description", "site")},
    "owner": Field("owner"),
    **{
        name: Field(name, Kind.WORD)
        for name in (
            "type",
            "status",
            "executionType",
            "scheduler",
            "storage.protocol",
            "login.protocol",
        )
    },
    "storage.host": Field("storage.host"),
    "login.host": Field("login.host"),
    "public": Field("public", Kind.SWITCH),
    "available": Field("available", Kind.SWITCH),
    "revision": Field("revision", Kind.NUMBER),
    "lastModified": Field("lastModified", Kind.TIME),
}


def on_list(call: Call) -> Answer:
    """List the systems that the caller may know of, narrowed by the query."""
    limit, offset = read_page(call.request)
    systems = call.tenant.systems
    choice = systems.defaults_of(call.identity)
    found = systems.visible(
        call.identity,
        read_search(call.request, _SEARCHED, others=("default",))
        & _is_default(call, choice),
        limit=limit,
        offset=offset,
    )
    # Who picks fields picks them from all there are.
    show = _to_public if "filter" in call.request.args else _to_summary
    return Answer([show(call, system, choice) for system in found])


def on_add(call: Call) -> Answer:
    """Register a system."""
    system = call.tenant.systems.add(call.identity, read_object(call.request))
    return Answer(_to_public(call, system), 201)


def on_get(call: Call) -> Answer:
    """Describe a system."""
    system = call.tenant.systems.require(
        call.identity, call.args["system_id"], Role.GUEST
    )
    return Answer(_to_public(call, system))


def on_update(call: Call) -> Answer:
    """Describe a system anew."""
    system = call.tenant.systems.update(
        call.identity, call.args["system_id"], read_object(call.request)
    )
    return Answer(_to_public(call, system))


def on_manage(call: Call) -> Answer:
    """Enable, disable, publish or copy a system, or make it a default."""
    body = read_object(call.request)
    action = str(body.get("action")).upper()
    if action not in _ACTIONS:
        raise BadRequest(f"action is one of {', '.join(_ACTIONS)}.")
    systems, caller = call.tenant.systems, call.identity
    system_id = call.args["system_id"]
    wanted = not action.startswith(("UN", "DISABLE"))
    if action == "CLONE":
        system = systems.clone(caller, system_id, body.get("id"))
    elif action.endswith("ABLE"):
        system = systems.set_available(caller, system_id, available=wanted)
    elif action.endswith("PUBLISH"):
        system = systems.set_public(caller, system_id, public=wanted)
    else:
        system = systems.set_default(
            caller, system_id, default=wanted, everybody="GLOBAL" in action
        )
    return Answer(_to_public(call, system))


def on_delete(call: Call) -> Answer:
    """Forget a system."""
    call.tenant.systems.delete(call.identity, call.args["system_id"])
    return Answer(None)


def on_list_roles(call: Call) -> Answer:
    """List who is what on a system."""
    roles = _roles(call)
    shown = [_to_role(call, name, role) for name, role in roles.items()]
    return Answer(page_of(shown, call.request))


def on_get_role(call: Call) -> Answer:
    """Return what somebody is on a system."""
    username = call.args["username"]
    role = _roles(call).get(username)
    if role is None:
        raise NotFound(f"{username} has no role on {call.args['system_id']}.")
    return Answer(_to_role(call, username, role))


def on_give_role(call: Call) -> Answer:
    """Give somebody a role on a system."""
    body = read_object(call.request)
    username = read_username(call.args.get("username", body.get("username")))
    role = read_role(body.get("role"))
    call.tenant.systems.give_role(call.identity, call.args["system_id"], username, role)
    return Answer(_to_role(call, username, role), 201)


def on_take_role(call: Call) -> Answer:
    """Take somebody's role on a system away."""
    call.tenant.systems.give_role(
        call.identity, call.args["system_id"], call.args["username"], Role.NONE
    )
    return Answer(None)


def on_take_roles(call: Call) -> Answer:
    """Take every role on a system away, but its owner's."""
    call.tenant.systems.take_roles(call.identity, call.args["system_id"])
    return Answer(None)


def _roles(call: Call) -> dict[str, Role]:
    """Return all roles to administrators of the system, their own to others."""
    systems, system_id = call.tenant.systems, call.args["system_id"]
    systems.require(call.identity, system_id, Role.GUEST)
    has = systems.role(call.identity, system_id)
    if has >= Role.ADMIN:
        return systems.roles(system_id)
    return {call.identity.username: has}


def _is_default(call: Call, choice: Choice) -> Condition:
    if "default" not in call.request.args:
        return ALWAYS
    mine = identified(sorted(choice.own))
    return mine if read_switch(call.request, "default") else negated(mine)


def _flags(system: Document, choice: Choice) -> dict[str, bool]:
    return {
        "public": system["public"],
        "default": system["id"] in choice.own,
        "globalDefault": system["id"] in choice.everybodys,
        "available": system["available"],
    }


def _to_summary(call: Call, system: Document, choice: Choice) -> dict[str, Any]:
    flags = _flags(system, choice)
    return {
        **{field: system.get(field) for field in _SUMMARY},
        "public": flags["public"],
        "default": flags["default"],
        "_links": {"self": {"href": call.tenant.systems.link(system["id"])}},
    }


def _to_public(
    call: Call, system: Document, choice: Choice | None = None
) -> dict[str, Any]:
    systems = call.tenant.systems
    here = systems.link(system["id"])
    profile = f"{call.tenant.settings.base_url}/profiles/v2/{system['owner']}"
    return {
        **{field: value for field, value in system.items() if field != "roles"},
        **_flags(system, choice or systems.defaults_of(call.identity)),
        "_links": {
            "self": {"href": here},
            "roles": {"href": f"{here}/roles"},
            "owner": {"href": profile},
            "credentials": {"href": f"{here}/credentials"},
            "metadata": {
                "href": f"{call.tenant.settings.base_url}/meta/v2/data"
                f"?q=%7B%22associationIds%22%3A%22{system['uuid']}%22%7D"
            },
        },
    }


def _to_role(call: Call, username: str, role: Role) -> dict[str, Any]:
    here = call.tenant.systems.link(call.args["system_id"])
    profile = f"{call.tenant.settings.base_url}/profiles/v2/{username}"
    return {
        "username": username,
        "role": role.name,
        "_links": {
            "self": {"href": f"{here}/roles/{username}"},
            "parent": {"href": here},
            "profile": {"href": profile},
        },
    }

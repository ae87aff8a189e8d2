"""What the apps service answers."""

from collections.abc import Callable
from typing import Any

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, NotFound
from agave_local.permissions import Permission, read_permission, to_flags
from agave_local.reading.bodies import page_of, read_object, read_page, read_switch
from agave_local.reading.search import Field, Kind, read_search
from agave_local.records.conditions import ALWAYS, Condition, equal
from agave_local.records.store import Document
from agave_local.services.apps.form import to_form
from agave_local.services.profiles.models import read_username

_SUMMARY = (
    "id",
    "name",
    "version",
    "revision",
    "executionSystem",
    "shortDescription",
    "isPublic",
    "label",
    "lastModified",
)
_ACTIONS = "publish, clone, enable, disable, erase"
_SEARCHED = {
    **{
        name: Field(name)
        for name in (
            "id",
            "uuid",
            "name",
            "version",
            "owner",
            "label",
            "shortDescription",
            "longDescription",
            "executionSystem",
            "deploymentSystem",
            "deploymentPath",
            "templatePath",
            "defaultQueue",
        )
    },
    "executionType": Field("executionType", Kind.WORD),
    "parallelism": Field("parallelism", Kind.WORD),
    "isPublic": Field("isPublic", Kind.SWITCH),
    "public": Field("isPublic", Kind.SWITCH),
    "available": Field("available", Kind.SWITCH),
    "checkpointable": Field("checkpointable", Kind.SWITCH),
    "revision": Field("revision", Kind.NUMBER),
    "lastModified": Field("lastModified", Kind.TIME),
}
# agavepy declares no parameter for the form's app, and leaves this in the address.
_UNNAMED = "{uniqueName}"
_SWITCHES = ("publicOnly", "privateOnly")
_LABELS = ("tag", "tags", "term", "ontology")


def on_list(call: Call) -> Answer:
    """List the apps that the caller may read: all, or of a name, tag or system."""
    limit, offset = read_page(call.request)
    found = call.tenant.apps.visible(
        call.identity, _is_asked_for(call), limit=limit, offset=offset
    )
    # Who picks fields picks them from all there are.
    show = _to_public if "filter" in call.request.args else _to_summary
    return Answer([show(call, app) for app in found])


def on_add(call: Call) -> Answer:
    """Register an app."""
    app = call.tenant.apps.add(call.identity, read_object(call.request))
    return Answer(_to_public(call, app), 201)


def on_get(call: Call) -> Answer:
    """Describe an app."""
    return Answer(_to_public(call, _require(call, Permission.READ)))


def on_update(call: Call) -> Answer:
    """Describe an app anew."""
    app = call.tenant.apps.update(
        call.identity, call.args["app_id"], read_object(call.request)
    )
    return Answer(_to_public(call, app))


def on_manage(call: Call) -> Answer:
    """Publish, copy, enable, disable or erase an app."""
    body = read_object(call.request)
    apps, app_id = call.tenant.apps, call.args["app_id"]
    match str(body.get("action")).lower():
        case "publish":
            app = apps.publish(call.identity, app_id)
        case "clone":
            app = apps.clone(call.identity, app_id, body)
        case "enable":
            app = apps.set_available(call.identity, app_id, available=True)
        case "disable":
            app = apps.set_available(call.identity, app_id, available=False)
        case "erase":
            app = apps.delete(call.identity, app_id)
        case _:
            raise BadRequest(f"action is one of {_ACTIONS}.")
    return Answer(_to_public(call, app))


def on_delete(call: Call) -> Answer:
    """Forget an app."""
    call.tenant.apps.delete(call.identity, call.args["app_id"])
    return Answer(None)


def on_history(call: Call) -> Answer:
    """List what happened to an app."""
    limit, offset = read_page(call.request)
    app_id = call.args["app_id"]
    return Answer(call.tenant.apps.history(call.identity, app_id, limit, offset))


def on_form(call: Call) -> Answer:
    """Return the HTML form by which a person submits a job of an app."""
    app_id = call.args["app_id"]
    if app_id == _UNNAMED:
        app_id = call.request.args.get("uniqueName", app_id)
    app = call.tenant.apps.require(call.identity, app_id, Permission.READ)
    return Answer(to_form(app, f"{call.tenant.settings.base_url}/jobs/v2"))


def on_list_pems(call: Call) -> Answer:
    """List who may do what with an app."""
    shown = [_to_pem(call, name, pem) for name, pem in _pems(call).items()]
    return Answer(page_of(shown, call.request))


def on_get_pem(call: Call) -> Answer:
    """Return what somebody may do with an app."""
    username = call.args["username"]
    permission = _pems(call).get(username)
    if permission is None:
        raise NotFound(f"{username} has no permission on {call.args['app_id']}.")
    return Answer(_to_pem(call, username, permission))


def on_give(call: Call) -> Answer:
    """Give somebody exactly a permission on an app."""
    body = read_object(call.request)
    username = read_username(call.args.get("username", body.get("username")))
    permission = read_permission(body.get("permission"))
    call.tenant.apps.give(call.identity, call.args["app_id"], username, permission)
    return Answer(_to_pem(call, username, permission), 201)


def on_take(call: Call) -> Answer:
    """Take every permission on an app from somebody."""
    call.tenant.apps.give(
        call.identity, call.args["app_id"], call.args["username"], Permission.NONE
    )
    return Answer(None)


def on_take_all(call: Call) -> Answer:
    """Take every permission on an app from everybody but its owner."""
    call.tenant.apps.take_all(call.identity, call.args["app_id"])
    return Answer(None)


def _require(call: Call, permission: Permission) -> Document:
    return call.tenant.apps.require(call.identity, call.args["app_id"], permission)


def _pems(call: Call) -> dict[str, Permission]:
    app = _require(call, Permission.READ)
    given = {name: read_permission(pem) for name, pem in app["pems"].items()}
    return {app["owner"]: Permission.ALL, **given}


def _is_asked_for(call: Call) -> Condition:
    condition = read_search(call.request, _SEARCHED, others=(*_SWITCHES, *_LABELS))
    for name, field in (("name", "name"), ("system_id", "executionSystem")):
        if name in call.args:
            condition &= equal(field, call.args[name])
    given = call.request.args
    for name in ("tag", "tags"):
        condition &= _labelled(call.tenant.apps.tagged, call.args.get(name))
        condition &= _labelled(call.tenant.apps.tagged, given.get(name))
    for name in ("term", "ontology"):
        condition &= _labelled(call.tenant.apps.classed, call.args.get(name))
        condition &= _labelled(call.tenant.apps.classed, given.get(name))
    if read_switch(call.request, "publicOnly"):
        condition &= call.tenant.apps.public()
    if read_switch(call.request, "privateOnly"):
        condition &= equal("isPublic", value=False)
    return condition


def _labelled(find: Callable[[str], Condition], label: str | None) -> Condition:
    return ALWAYS if label is None else find(label)


def _to_summary(call: Call, app: Document) -> dict[str, Any]:
    return {
        **{field: app.get(field) for field in _SUMMARY},
        "_links": {"self": {"href": call.tenant.apps.link(app["id"])}},
    }


def _to_public(call: Call, app: Document) -> dict[str, Any]:
    base_url = call.tenant.settings.base_url
    here = call.tenant.apps.link(app["id"])
    systems = call.tenant.systems
    storage = app.get("deploymentSystem")
    return {
        **{field: value for field, value in app.items() if field != "pems"},
        "_links": {
            "self": {"href": here},
            "executionSystem": {"href": systems.link(app["executionSystem"])},
            "storageSystem": {"href": systems.link(storage) if storage else ""},
            "history": {"href": f"{here}/history"},
            "metadata": {
                "href": f"{base_url}/meta/v2/data"
                f"?q=%7B%22associationIds%22%3A%22{app['uuid']}%22%7D"
            },
            "owner": {"href": f"{base_url}/profiles/v2/{app['owner']}"},
            "permissions": {"href": f"{here}/pems"},
        },
    }


def _to_pem(call: Call, username: str, permission: Permission) -> dict[str, Any]:
    here = call.tenant.apps.link(call.args["app_id"])
    profile = f"{call.tenant.settings.base_url}/profiles/v2/{username}"
    return {
        "username": username,
        "permission": to_flags(permission, execute=True),
        "_links": {
            "self": {"href": f"{here}/pems/{username}"},
            "app": {"href": here},
            "profile": {"href": profile},
        },
    }

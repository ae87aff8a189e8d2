"""What the apps service answers."""

from typing import Any

from agave_local.bodies import page_of, read_object, read_switch
from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, NotFound
from agave_local.permissions import Permission, read_permission, to_flags
from agave_local.services.profiles.models import read_username
from agave_local.store import Document

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
_ACTIONS = "publish, clone, enable, disable"


def on_list(call: Call) -> Answer:
    """List the apps that the caller may read: all, or of a name, tag or system."""
    shown = [
        _to_summary(call, app)
        for app in call.tenant.apps.visible(call.identity)
        if _is_asked_for(call, app)
    ]
    return Answer(page_of(shown, call.request))


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
    """Publish, copy, enable or disable an app."""
    body = read_object(call.request)
    apps, app_id = call.tenant.apps, call.args["app_id"]
    match str(body.get("action")).lower():
        case "publish":
            app = apps.publish(call.identity, app_id)
        case "clone":
            old = _require(call, Permission.READ)
            app = apps.clone(
                call.identity,
                app_id,
                str(body.get("name", old["name"])),
                str(body.get("version", old["version"])),
            )
        case "enable":
            app = apps.set_available(call.identity, app_id, available=True)
        case "disable":
            app = apps.set_available(call.identity, app_id, available=False)
        case _:
            raise BadRequest(f"action is one of {_ACTIONS}.")
    return Answer(_to_public(call, app))


def on_delete(call: Call) -> Answer:
    """Forget an app."""
    call.tenant.apps.delete(call.identity, call.args["app_id"])
    return Answer(None)


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


def _is_asked_for(call: Call, app: Document) -> bool:
    args, query = call.args, call.request
    return (
        args.get("name", app["name"]) == app["name"]
        and ("tag" not in args or args["tag"] in app["tags"])
        and args.get("system_id", app["executionSystem"]) == app["executionSystem"]
        and not (read_switch(query, "publicOnly") and not app["isPublic"])
        and not (read_switch(query, "privateOnly") and app["isPublic"])
    )


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

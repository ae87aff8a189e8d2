"""What the admin service answers about accounts and roles."""

from typing import Any

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest
from agave_local.reading.bodies import page_of, read_object, read_page
from agave_local.reading.search import Field, Kind, read_search
from agave_local.records.store import Document
from agave_local.services.admin.names import read_name, read_roles

_SEARCHED = {
    "id": Field("username"),
    "username": Field("username"),
    "email": Field("email", Kind.NAME),
    "status": Field("status", Kind.NAME),
}


def on_list_accounts(call: Call) -> Answer:
    """List the accounts."""
    limit, offset = read_page(call.request)
    condition = read_search(call.request, _SEARCHED)
    found = call.tenant.profiles.all(condition, limit=limit, offset=offset)
    return Answer([_to_account(call, one) for one in found])


def on_add_account(call: Call) -> Answer:
    """Create an account with a password and roles."""
    body = read_object(call.request)
    roles = [call.tenant.roles.check(role) for role in read_roles(body) or []]
    account = call.tenant.profiles.add(
        read_name(body, "id", "account_id", "username"),
        read_name(body, "password"),
        roles=roles,
        email=read_name(body, "email") if body.get("email") else "",
    )
    return Answer(_to_account(call, account), 201)


def on_get_account(call: Call) -> Answer:
    """Return an account."""
    return Answer(_to_account(call, call.tenant.profiles.get(call.args["account"])))


def on_update_account(call: Call) -> Answer:
    """Give an account another password, or exactly some roles."""
    body, name = read_object(call.request), call.args["account"]
    call.tenant.profiles.get(name)
    if body.get("id", name) != name:
        raise BadRequest(f"The id of an account cannot change: {name}.")
    roles = read_roles(body)
    with call.tenant.store.transaction():
        if roles is not None:
            call.tenant.roles.replace(call.identity, name, roles)
        if body.get("password") is not None:
            call.tenant.profiles.set_password(name, read_name(body, "password"))
    return on_get_account(call)


def on_delete_account(call: Call) -> Answer:
    """Delete an account, with its tokens and clients."""
    if call.args["account"] == call.identity.username:
        raise BadRequest("Nobody deletes the own account.")
    call.tenant.oauth.close_account(call.args["account"])
    return Answer(None)


def on_list_account_roles(call: Call) -> Answer:
    """Return an account with its roles."""
    return on_get_account(call)


def on_give_role(call: Call) -> Answer:
    """Give an account a role; either may be named in the body."""
    body = read_object(call.request)
    account, role = call.args.get("account"), call.args.get("role")
    # agavepy's description of the contract calls the account's field `role_id` too.
    account = account or read_name(body, "account_id", "role_id", "id")
    given = role or read_name(body, "role_id", "id")
    profile = call.tenant.roles.give(account, given)
    if role is None:
        return Answer(_to_account(call, profile), 201)
    return Answer(_to_role(call, given), 201)


def on_take_role(call: Call) -> Answer:
    """Take a role from an account."""
    roles = call.tenant.roles
    roles.take(call.identity, call.args["account"], call.args["role"])
    return Answer(None)


def on_list_roles(call: Call) -> Answer:
    """List the roles."""
    names = page_of(call.tenant.roles.all(), call.request)
    return Answer([{"id": name, "_links": _role_links(call, name)} for name in names])


def on_add_role(call: Call) -> Answer:
    """Make a role."""
    body = read_object(call.request)
    name = call.tenant.roles.add(read_name(body, "id", "role_id"))
    return Answer(_to_role(call, name), 201)


def on_get_role(call: Call) -> Answer:
    """Return a role and the accounts that have it."""
    return Answer(_to_role(call, call.args["role"]))


def on_delete_role(call: Call) -> Answer:
    """Forget a role, and take it from everybody."""
    call.tenant.roles.delete(call.args["role"])
    return Answer(None)


def on_list_role_accounts(call: Call) -> Answer:
    """Return a role and the accounts that have it."""
    return on_get_role(call)


def _to_account(call: Call, profile: Document) -> dict[str, Any]:
    base_url, name = call.tenant.settings.base_url, profile["username"]
    here = f"{base_url}/admin/v2/service_accounts/{name}"
    return {
        "id": name,
        "email": profile["email"],
        "status": profile["status"],
        "roles": profile["roles"],
        "_links": {
            "self": {"href": here},
            "roles": {"href": f"{here}/roles"},
            "profile": {"href": f"{base_url}/profiles/v2/{name}"},
        },
    }


def _to_role(call: Call, role: str) -> dict[str, Any]:
    accounts = call.tenant.roles.accounts(role)
    return {"id": role, "accounts": accounts, "_links": _role_links(call, role)}


def _role_links(call: Call, role: str) -> dict[str, Any]:
    here = f"{call.tenant.settings.base_url}/admin/v2/service_roles/{role}"
    return {
        "self": {"href": here},
        "service_accounts": {"href": f"{here}/service_accounts"},
    }

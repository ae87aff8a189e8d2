"""What the profiles service answers."""

from typing import Any

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, Forbidden, Unauthorized
from agave_local.reading.bodies import read_object, read_page
from agave_local.reading.search import Field, Kind, read_search
from agave_local.records.conditions import ALWAYS, Condition, like
from agave_local.services.profiles.models import ACTIVE, INACTIVE
from agave_local.services.profiles.person import (
    FIELDS,
    read_person,
    to_public,
    with_full_name,
)

# Compared whatever the letters' case, as people write names and addresses.
_SEARCHED = {
    **{
        name: Field(field, Kind.NAME)
        for field in FIELDS
        for name in (field, FIELDS[field])
    },
    "username": Field("username", Kind.NAME),
    "status": Field("status", Kind.NAME),
    "uuid": Field("uuid"),
    "uid": Field("uid", Kind.NUMBER),
    "create_time": Field("create_time", Kind.TIME),
    "createTime": Field("create_time", Kind.TIME),
}
_LONGEST_NAME = 200


def on_list(call: Call) -> Answer:
    """List the profiles that match the query; `name` searches in all names."""
    limit, offset = read_page(call.request)
    condition = read_search(call.request, _SEARCHED, others=("name",)) & _is_named(call)
    found = call.tenant.profiles.all(condition, limit=limit, offset=offset)
    return Answer([to_public(profile) for profile in found])


def on_get_me(call: Call) -> Answer:
    """Return the caller's own profile."""
    return Answer(to_public(call.tenant.profiles.get(call.identity.username)))


def on_get(call: Call) -> Answer:
    """Return somebody's profile."""
    return Answer(to_public(call.tenant.profiles.get(call.args["username"])))


def on_create(call: Call) -> Answer:
    """Create an account; only administrators do."""
    if not call.identity.is_admin:
        raise Forbidden("Only an administrator creates accounts.")
    body = read_object(call.request)
    username, password = _text(body, "username"), _text(body, "password")
    person = with_full_name(read_person(body), {})
    profile = call.tenant.profiles.add(
        username,
        password,
        full_name=person.pop("full_name", ""),
        email=person.pop("email", ""),
        details=person,
    )
    return Answer(to_public(profile), 201)


def on_update(call: Call) -> Answer:
    """Change a profile: people their own, administrators everybody's."""
    username, identity = call.args["username"], call.identity
    if username != identity.username and not identity.is_admin:
        raise Forbidden("Only an administrator changes other people's profiles.")
    profiles = call.tenant.profiles
    old = profiles.get(username)
    body = read_object(call.request)
    if body.get("username", username) != username:
        raise BadRequest(f"The user name of an account cannot change: {username}.")
    changes: dict[str, Any] = with_full_name(read_person(body), old)
    status = _read_status(call, body, old["status"])
    if body.get("password") is not None:
        _change_password(call, username, body)
    return Answer(to_public(profiles.update(username, {**changes, "status": status})))


def on_delete(call: Call) -> Answer:
    """Delete an account, with its tokens and clients; only administrators do."""
    username, identity = call.args["username"], call.identity
    if not identity.is_admin:
        raise Forbidden("Only an administrator deletes accounts.")
    if username == identity.username:
        raise BadRequest("Nobody deletes the own account.")
    return Answer(to_public(call.tenant.oauth.close_account(username)))


def _is_named(call: Call) -> Condition:
    name = call.request.args.get("name", "")
    if len(name) > _LONGEST_NAME:
        raise BadRequest(f"name has at most {_LONGEST_NAME} characters.")
    if not name:
        return ALWAYS
    pattern = f"*{name}*"
    return like("username", pattern) | like("full_name", pattern)


def _read_status(call: Call, body: dict[str, Any], old: str) -> str:
    status = body.get("status", old)
    word = status.capitalize() if isinstance(status, str) else ""
    if word not in (ACTIVE, INACTIVE):
        raise BadRequest(f"status is {ACTIVE} or {INACTIVE}.")
    if word != old:
        if not call.identity.is_admin:
            raise Forbidden("Only an administrator changes the status of an account.")
        if call.args["username"] == call.identity.username:
            raise BadRequest("Nobody makes the own account inactive.")
    return word


def _change_password(call: Call, username: str, body: dict[str, Any]) -> None:
    """Change a password; whoever found somebody's token must not take the account."""
    profiles, password = call.tenant.profiles, _text(body, "password")
    if username == call.identity.username:
        name = "currentPassword" if "currentPassword" in body else "current_password"
        current = _text(body, name)
        try:
            profiles.sign_in(username, current, call.request.remote_addr or "")
        except Unauthorized as error:
            raise Forbidden("The current password is not right.") from error
    profiles.set_password(username, password)


def _text(body: dict[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not value:
        raise BadRequest(f"{field} is a text and must be given.")
    return value

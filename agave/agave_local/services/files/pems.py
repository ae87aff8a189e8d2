"""Permissions on files, as their owners list, give and take them."""

from typing import Any

from agave_local.errors import BadRequest, Forbidden
from agave_local.permissions import WORLD, Permission, read_permission, to_name
from agave_local.services.files.access import Place
from agave_local.services.files.documents import to_permission
from agave_local.services.files.ledger import Note
from agave_local.services.files.models import Files
from agave_local.services.profiles.models import read_username
from agave_local.services.systems.roles import Role

PUBLIC = "public"


def list_permissions(files: Files, place: Place, who: str) -> list[Any]:
    """Return who may do what at a place: its owner, then others, then everybody.

    Somebody who is not the owner sees what concerns them only.

    Raises:
        NotFound: there is no such place.
    """
    files.storage.entry(files.ground(place))
    mine = place.right
    entries = [(who, mine, True)]
    if place.is_owned:
        entries += [
            (share.username, share.permission, share.recursive)
            for share in files.shares.on(place.site)
            if share.username != who
        ]
    if files.publications.covering(place.system_id, place.parts) is not None:
        entries.append((PUBLIC, Permission.READ, True))
    return [
        to_permission(
            files.base_url, place.site, username, permission, recursive=recursive
        )
        for username, permission, recursive in entries
    ]


def give_permission(files: Files, place: Place, who: str, body: Any) -> None:
    """Let somebody do something at a place, or nothing any more.

    Args:
        files: the service.
        place: the path.
        who: gives it.
        body: with `username`, `permission` and, for all below as well, `recursive`.

    Raises:
        BadRequest: naming what is wrong.
        Forbidden: the caller may not.
        NotFound: there is no such place.
    """
    username = body.get("username")
    permission = read_permission(body.get("permission"))
    recursive = str(body.get("recursive", False)).lower() == "true"
    if username in WORLD:
        _publish(files, place, permission, recursive=recursive)
    else:
        username = _read_sharee(place, who, username)
        files.storage.entry(files.ground(place))
        give = files.shares.give_all if recursive else files.shares.give
        give(place.site, username, permission)
    files.ledger.note(
        place.site, who, place.owner, _to_note(place, str(username), permission)
    )


def clear_permissions(files: Files, place: Place, who: str) -> None:
    """Take every permission at a place away, but its owner's.

    Raises:
        Forbidden: the caller may not.
        NotFound: there is no such place.
    """
    published = files.publications.covering(place.system_id, place.parts)
    if place.role >= Role.ADMIN:
        _publish(files, place, Permission.NONE, recursive=False)
    elif published is not None:
        raise _only_administrators(place)
    else:
        _check_owned(place)
        files.storage.entry(files.ground(place))
    files.shares.clear(place.site)
    note = Note("PERMISSION_REVOKE", f"All permissions on {place.path} were taken.")
    files.ledger.note(place.site, who, place.owner, note)


def _publish(
    files: Files, place: Place, permission: Permission, *, recursive: bool
) -> None:
    if permission not in (Permission.READ, Permission.NONE):
        raise BadRequest("Everybody can be given READ or NONE; name a user for more.")
    if place.role < Role.ADMIN:
        raise _only_administrators(place)
    files.storage.entry(files.ground(place))
    publications = files.publications
    if permission:
        publications.publish(place.system_id, place.parts, recursive=recursive)
    else:
        publications.withdraw(place.system_id, place.parts)


def _read_sharee(place: Place, who: str, value: object) -> str:
    _check_owned(place)
    username = read_username(value)
    if username in (who, place.owner):
        raise BadRequest(f"{username} has every permission here already.")
    return username


def _check_owned(place: Place) -> None:
    if not place.is_owned:
        raise Forbidden(f"Only the owner of {place.path} decides who may use it.")


def _only_administrators(place: Place) -> Forbidden:
    return Forbidden(f"Only administrators of {place.system_id} may publish its files.")


def _to_note(place: Place, username: str, permission: Permission) -> Note:
    values = {"USERNAME": username, "PERMISSION": to_name(permission)}
    if not permission:
        text = f"The permission of {username} on {place.path} was taken."
        return Note("PERMISSION_REVOKE", text, values)
    text = f"{username} was given {to_name(permission)} on {place.path}."
    return Note("PERMISSION_GRANT", text, values)

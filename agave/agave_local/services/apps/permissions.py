"""What a caller may do with an app."""

from agave_local.call import Identity
from agave_local.permissions import WORLD, Permission, read_permission
from agave_local.records.labels import EVERYBODY
from agave_local.records.store import Document


def permissions_of(app: Document, identity: Identity) -> Permission:
    """Return what a caller may do with an app."""
    if identity.username == app["owner"] or identity.is_admin:
        return Permission.ALL
    has = Permission.NONE
    if app["isPublic"]:
        has |= Permission.READ_EXECUTE
    for name in (identity.username, *WORLD):
        has |= read_permission(app["pems"].get(name, "NONE"))
    return has


def readers_of(app: Document) -> list[str]:
    """Return who may read an app, besides its owner."""
    readers = [
        EVERYBODY if name in WORLD else name
        for name, given in app["pems"].items()
        if Permission.READ in read_permission(given)
    ]
    return [*readers, EVERYBODY] if app["isPublic"] else readers

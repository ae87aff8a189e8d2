"""Permissions that somebody gave on a record, each a document of its own.

A list of what somebody may read is then narrowed by the database, through the index
on the permission's `name`.
"""

from agave_local.call import Identity
from agave_local.permissions import WORLD, Permission, read_permission, to_name
from agave_local.records.conditions import Condition, among, parent_of
from agave_local.records.store import Store

_READING = tuple(
    to_name(permission)
    for permission in Permission.__members__.values()
    if Permission.READ in permission
)


class Grants:
    """The permissions on the records of one kind.

    Args:
        store: keeps them: `name` is whose, `parent` the record's id.
        kind: of the permissions, such as `metadata_grant`.
    """

    def __init__(self, store: Store, kind: str) -> None:
        self._store = store
        self._kind = kind

    def of(self, parent: str) -> dict[str, Permission]:
        """Return who was given what on a record, in order of giving."""
        return {
            grant["name"]: read_permission(grant["permission"])
            for grant in self._store.find(self._kind, parent=parent)
        }

    def held(self, identity: Identity, parent: str) -> Permission:
        """Return what a caller was given on a record, as themselves or as everybody."""
        has = Permission.NONE
        for name in (identity.username, *WORLD):
            grant = self._store.get(self._kind, f"{parent}/{name}")
            if grant is not None:
                has |= read_permission(grant["permission"])
        return has

    def give(self, parent: str, username: str, permission: Permission) -> None:
        """Give somebody exactly a permission; NONE takes all away."""
        key = f"{parent}/{username}"
        if not permission:
            self._store.delete(self._kind, key)
            return
        body = {"name": username, "parent": parent, "permission": to_name(permission)}
        self._store.put(self._kind, key, body)

    def clear(self, parent: str) -> None:
        """Take every permission on a record away."""
        self._store.delete_where(self._kind, parent=parent)

    def readable_by(self, identity: Identity) -> Condition:
        """Return the condition that a caller was given READ on a record."""
        whose = among("name", (identity.username, *WORLD))
        return parent_of(self._kind, whose & among("permission", _READING))

"""What the owners of files let single users do, path by path.

Permissions add up: those on a path itself and the recursive ones on the folders
above it.
"""

from dataclasses import dataclass

from agave_local.permissions import Permission, read_permission, to_name
from agave_local.records.conditions import beginning, identified
from agave_local.records.store import Document, Store
from agave_local.services.files.ledger import Site
from agave_local.services.files.paths import Parts, read_parts

KIND = "file_permission"
# No path and no name can hold it.
_END = "\n"


@dataclass(frozen=True)
class Share:
    """What one user may do at one path.

    Attributes:
        parts: the path.
        username: whose it is.
        permission: what they may do.
        recursive: whether all that is below belongs to it.
    """

    parts: Parts
    username: str
    permission: Permission
    recursive: bool


@dataclass(frozen=True)
class Held:
    """What a user may do at a path, all shares taken together.

    Attributes:
        permission: of them all.
        base: the highest of the shared paths that give the right in question.
        deep: whether the right in question is for all that is below as well.
    """

    permission: Permission = Permission.NONE
    base: Parts = ()
    deep: bool = False


class Shares:
    """The permissions on files.

    Args:
        store: keeps kind `file_permission`, by system, path and user.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def give(self, site: Site, username: str, permission: Permission) -> None:
        """Give a user exactly a permission on one path."""
        self._put(site, username, permission, recursive=False)

    def give_all(self, site: Site, username: str, permission: Permission) -> None:
        """Give a user exactly a permission on a path and on all below."""
        with self._store.transaction():
            for record in self._store.select(KIND, beginning(site.below)):
                if record["name"] == username:
                    self._store.delete(KIND, _key_of(record))
            self._put(site, username, permission, recursive=True)

    def clear(self, site: Site) -> None:
        """Take every permission on a path away, and on all below."""
        with self._store.transaction():
            self._store.discard(KIND, beginning(site.key + _END))
            self._store.discard(KIND, beginning(site.below))

    def move(self, old: Site, new: Site) -> None:
        """Let the permissions on a path, and on all below, follow the files."""
        with self._store.transaction():
            self.clear(new)
            for record in self._store.select(
                KIND, beginning(old.key + _END) | beginning(old.below)
            ):
                path = new.path.rstrip("/") + record["path"][len(old.path) :]
                moved = {**record, "parent": new.system_id, "path": path}
                self._store.delete(KIND, _key_of(record))
                self._store.put(KIND, _key_of(moved), moved)

    def on(self, site: Site) -> list[Share]:
        """Return the permissions that count at a path, in order of giving."""
        found: list[Share] = []
        for prefix in _prefixes(site):
            for record in self._store.select(KIND, beginning(prefix.key + _END)):
                share = _read(record)
                if share.recursive or share.parts == site.parts:
                    found.append(share)
        return found

    def held(self, site: Site, username: str, right: Permission) -> Held:
        """Return what a user may do at a path; nothing, where a right is missing."""
        here = identified(_key(prefix, username) for prefix in _prefixes(site))
        shares = [
            share
            for share in map(_read, self._store.select(KIND, here))
            if share.recursive or share.parts == site.parts
        ]
        giving = [share for share in shares if right in share.permission]
        if not giving:
            return Held()
        permission = Permission.NONE
        for share in shares:
            permission |= share.permission
        base = min((share.parts for share in giving), key=len)
        return Held(permission, base, any(share.recursive for share in giving))

    def _put(
        self, site: Site, username: str, permission: Permission, *, recursive: bool
    ) -> None:
        key = _key(site, username)
        if not permission:
            self._store.delete(KIND, key)
            return
        body = {
            "name": username,
            "parent": site.system_id,
            "path": site.path,
            "permission": to_name(permission),
            "recursive": recursive,
        }
        self._store.put(KIND, key, body)


def _prefixes(site: Site) -> list[Site]:
    counts = range(len(site.parts) + 1)
    return [Site(site.system_id, site.parts[:count]) for count in counts]


def _key(site: Site, username: str) -> str:
    return f"{site.key}{_END}{username}"


def _key_of(record: Document) -> str:
    return f"{record['parent']}:{record['path']}{_END}{record['name']}"


def _read(record: Document) -> Share:
    return Share(
        read_parts(record["path"]),
        record["name"],
        read_permission(record["permission"]),
        bool(record["recursive"]),
    )

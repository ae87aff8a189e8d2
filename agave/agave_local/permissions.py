"""Permissions on metadata and apps, and how Agave writes them."""

from enum import Flag
from typing import Any

from agave_local.errors import BadRequest

# Names that stand for everybody where a permission is given.
WORLD = ("world", "public")


class Permission(Flag):
    """What somebody may do with a thing."""

    NONE = 0
    READ = 1
    WRITE = 2
    READ_WRITE = 3
    EXECUTE = 4
    READ_EXECUTE = 5
    WRITE_EXECUTE = 6
    ALL = 7


def read_permission(name: object, *, execute: bool = True) -> Permission:
    """Read a permission's name, in any case.

    Args:
        name: of the permission.
        execute: whether the thing can be executed; what cannot has no such permission,
            and ALL of it is to read and to write.

    Raises:
        BadRequest: listing the names there are.
    """
    word = name.upper() if isinstance(name, str) else ""
    if word in ("READ_WRITE_EXECUTE", "OWN"):
        word = Permission.ALL.name or ""
    names = [one for one in _NAMES.values() if execute or "EXECUTE" not in one]
    if word not in names:
        raise BadRequest(f"permission is one of {', '.join(names)}.")
    permission = Permission[word]
    return permission if execute else permission & Permission.READ_WRITE


def to_name(permission: Permission) -> str:
    """Write a permission as one word."""
    return _NAMES[permission]


def to_flags(permission: Permission, *, execute: bool) -> dict[str, Any]:
    """Write a permission as Agave's object of booleans.

    Args:
        permission: to write.
        execute: whether the thing can be executed.
    """
    flags = {
        "read": Permission.READ in permission,
        "write": Permission.WRITE in permission,
    }
    if execute:
        flags["execute"] = Permission.EXECUTE in permission
    return flags


_NAMES = {permission: name for name, permission in Permission.__members__.items()}

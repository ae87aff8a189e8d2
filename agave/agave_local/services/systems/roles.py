"""Roles on a system, from nobody to owner."""

from enum import IntEnum

from agave_local.errors import BadRequest


class Role(IntEnum):
    """What somebody may do on a system; each includes those before it."""

    NONE = 0
    GUEST = 1
    USER = 2
    PUBLISHER = 3
    ADMIN = 4
    OWNER = 5


def read_role(name: object) -> Role:
    """Read a role's name, in any case.

    Raises:
        BadRequest: listing the names there are.
    """
    try:
        return Role[name.upper() if isinstance(name, str) else ""]
    except KeyError as error:
        raise BadRequest(
            "role is one of NONE, GUEST, USER, PUBLISHER, ADMIN, OWNER."
        ) from error

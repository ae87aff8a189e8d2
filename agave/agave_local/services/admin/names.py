"""What the bodies of the admin service may name."""

import re
from collections.abc import Mapping
from typing import Any

from agave_local.errors import BadRequest

_ROLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}(/[A-Za-z0-9_.-]{1,64})?")
_MOST_ROLES = 100


def check_role_name(role: object) -> str:
    """Return a text that can be a role's name.

    Raises:
        BadRequest: naming the rule.
    """
    if not isinstance(role, str) or not _ROLE.fullmatch(role):
        raise BadRequest(
            "A role has 1 to 64 letters, digits and `_.-`, and may have a second part "
            "after a slash."
        )
    return role


def read_name(body: Mapping[str, Any], *fields: str) -> str:
    """Return the first of some fields that is given.

    Raises:
        BadRequest: where none is, or it is no text.
    """
    for field in fields:
        value = body.get(field)
        if value is not None:
            if not isinstance(value, str):
                raise BadRequest(f"{field} is a text.")
            return value
    raise BadRequest(f"{fields[0]} must be given.")


def read_roles(body: Mapping[str, Any]) -> list[str] | None:
    """Return the roles that a body lists; None where it says nothing of them.

    Raises:
        BadRequest: where they are no list of texts.
    """
    roles = body.get("roles")
    if roles is None:
        return None
    if (
        not isinstance(roles, list)
        or len(roles) > _MOST_ROLES
        or not all(isinstance(role, str) for role in roles)
    ):
        raise BadRequest(f"roles is a list of at most {_MOST_ROLES} texts.")
    return roles

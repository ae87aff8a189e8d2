"""Names of people, as the platform gives them and as we dare to use them.

A user name becomes part of record names, folder names and command lines, so it is
checked at the border, whoever sends it.
"""

import re
from typing import Final

from iptweb.errors import BadRequest

__all__ = ["is_user_name", "read_user_name"]

_USER_NAME: Final = re.compile(r"[a-z][a-z0-9_.-]{0,31}")


def is_user_name(name: object) -> bool:
    """Return whether this may be a user's name; `..` and a final dot may not."""
    return (
        isinstance(name, str)
        and _USER_NAME.fullmatch(name) is not None
        and ".." not in name
        and not name.endswith(".")
    )


def read_user_name(name: object, *, field: str = "user_name") -> str:
    """Return the name if it is one.

    Raises:
        BadRequest: It is not; names the field, does not repeat the value.
    """
    if not is_user_name(name):
        raise BadRequest(
            f"{field} is not a user name: 1 to 32 of a-z, 0-9, '_', '.' and '-', "
            "the first a letter.",
            field=field,
        )
    return str(name)

"""Who may do what with an actor, an alias or a config (spec: Abaco, A.3)."""

from collections.abc import Mapping
from enum import IntEnum

from agave_local.errors import BadRequest

WORLD = "ABACO_WORLD"


class Level(IntEnum):
    """Each level includes those before it."""

    NONE = 0
    READ = 1
    EXECUTE = 2
    UPDATE = 3


def may(permissions: Mapping[str, str], username: str, level: Level) -> bool:
    """Tell whether a user has a level.

    Abaco lets everybody do anything where it finds the world's name, whatever the
    level given with it; so does this tenant, so that nobody relies on less.
    """
    if WORLD in permissions:
        return True
    return Level[permissions.get(username, "NONE")] >= level


def read_level(text: str) -> Level:
    """Return the level of a permission request.

    Raises:
        BadRequest: for a word that is none.
    """
    try:
        return Level[text]
    except KeyError as error:
        # The gap is a line continuation inside a string of Abaco's.
        raise BadRequest(
            f"Invalid permission level: {text}.             "
            f"The valid values are {level_names()}"
        ) from error


def level_names(highest: Level = Level.UPDATE) -> tuple[str, ...]:
    """Return the names of the levels up to one."""
    return tuple(level.name for level in Level if level <= highest)

"""The last line of a terminal server's log: why it ended."""

import json
from typing import Final

from .base import Ending

__all__ = ["read_ending"]

# What the server writes last of all: `ended {"reason": "idle", "status": 129}`.
_MARK: Final = "ended "
# 128 + SIGKILL: what the server says of a shell that was ended by force.
_KILLED: Final = 137


def read_ending(log: str, *, memory_kills: int = 0) -> Ending:
    """Return why a terminal ended, `UNKNOWN` where its server could not say.

    Args:
        log: The end of what the server wrote to its standard error.
        memory_kills: How many of its processes were ended for want of memory.
    """
    for line in reversed(log.splitlines()):
        _, mark, text = line.rpartition(_MARK)
        if not mark:
            continue
        try:
            values = json.loads(text)
            ending = Ending(values["reason"])
            memory_kills = max(memory_kills, int(values.get("memory_kills", 0)))
        except (ValueError, KeyError, TypeError):
            continue
        shell_killed = ending is Ending.EXIT and values.get("status") == _KILLED
        return Ending.MEMORY if memory_kills and shell_killed else ending
    return Ending.MEMORY if memory_kills else Ending.UNKNOWN

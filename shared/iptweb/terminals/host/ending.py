"""The last line of a terminal server's log: why it ended."""

import json
from typing import Final

from .base import Ending

__all__ = ["read_ending"]

# What the server writes last of all: `ended {"reason": "idle", "status": 129}`.
_MARK: Final = "ended "


def read_ending(log: str) -> Ending:
    """Return why a terminal ended, `UNKNOWN` where its server could not say.

    Args:
        log: The end of what the server wrote to its standard error.
    """
    for line in reversed(log.splitlines()):
        _, mark, text = line.rpartition(_MARK)
        if not mark:
            continue
        try:
            values = json.loads(text)
            return Ending(values["reason"])
        except (ValueError, KeyError, TypeError):
            continue
    return Ending.UNKNOWN

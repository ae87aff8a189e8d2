"""The states of a terminal and the legal moves between them, as one table.

```
        ┌────────────────────────────────────┐
        ▼                                    │  in line: all places are taken
     PENDING ◀──▶ SUBMITTED ──▶ READY ──▶ STOPPED
        ▲             ▲  ▲        │ │        │
        │             │  └────────┘ │        │  its terminal died: started again
        └─────────────┼─────────────┘        │
                      └──────────────────────┘  ERROR from anywhere, and from ERROR on
```
"""

from enum import StrEnum
from typing import Final

from iptweb.errors import IllegalTransition

__all__ = ["LEGAL", "MESSAGES", "Status", "check_move"]


class Status(StrEnum):
    """What a terminal's record says."""

    PENDING = "PENDING"
    SUBMITTED = "SUBMITTED"
    READY = "READY"
    STOPPED = "STOPPED"
    ERROR = "ERROR"


# Staying where one is, is always legal: a message may be delivered twice.
LEGAL: Final[dict[Status, frozenset[Status]]] = {
    Status.PENDING: frozenset({Status.SUBMITTED, Status.STOPPED, Status.ERROR}),
    Status.SUBMITTED: frozenset(
        {Status.PENDING, Status.READY, Status.STOPPED, Status.ERROR}
    ),
    Status.READY: frozenset(
        {Status.PENDING, Status.SUBMITTED, Status.STOPPED, Status.ERROR}
    ),
    Status.STOPPED: frozenset({Status.PENDING, Status.SUBMITTED, Status.ERROR}),
    Status.ERROR: frozenset({Status.PENDING, Status.SUBMITTED, Status.STOPPED}),
}

MESSAGES: Final[dict[Status, str]] = {
    Status.PENDING: "You have no terminal yet. Press Start to get one.",
    Status.SUBMITTED: "Your terminal is being started. This takes a few seconds.",
    Status.READY: "Your terminal is ready.",
    Status.STOPPED: "Your terminal is stopped; your files are kept. Press Start.",
    Status.ERROR: "Your terminal failed. Press Start to try again.",
}


def check_move(old: Status, new: Status) -> None:
    """Refuse a move that the table does not have.

    Raises:
        IllegalTransition: It does not.
    """
    if new is not old and new not in LEGAL[old]:
        raise IllegalTransition(
            f"A terminal that is {old} can't become {new}.", old=str(old), new=str(new)
        )

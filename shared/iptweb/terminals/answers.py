"""What callers get of terminals (docs/architecture.md §5.3)."""

from typing import NotRequired, TypedDict

from .states import Status

__all__ = ["IdleTimes", "Sweep", "Terminal", "TerminalTicket"]


class Terminal(TypedDict):
    """A user's terminal as it is now.

    Attributes:
        name: `<user>-<instance>-IPT`.
        user: Whose it is.
        status: PENDING: in line, or never started; SUBMITTED: being started; READY:
            it can be opened; STOPPED; ERROR: it could not be started, see `reason`.
        url: Where its WebSocket is; empty unless it is READY.
        reason: Why it failed or ended, for a person.
        host: Where it runs or may still run; empty where it never ran.
        launch: Which start it comes from; STOP and RESTART take it, so that they end
            this one and no later one.
        since: When it came into this status, ISO 8601.
        queued: When its place in line was taken; empty where it has none.
        position: Which one in line it is, 1 for the next; only of one that waits.
        message: The sentence for a person.
    """

    name: str
    user: str
    status: Status
    url: str
    reason: str
    host: str
    launch: str
    since: str
    queued: str
    position: NotRequired[int]
    message: str


class TerminalTicket(Terminal):
    """A user's terminal; the caller's own one with a ticket while it is READY.

    Attributes:
        ticket: The first frame that is sent to `url`; good once.
        ticket_expires: Until when, in seconds since the epoch: a minute from now.
    """

    ticket: NotRequired[str]
    ticket_expires: NotRequired[int]


class IdleTimes(TypedDict):
    """When terminals were used.

    Attributes:
        idle: Seconds since the last use, by user; who has no living terminal that
            answers is left out.
    """

    idle: dict[str, int]


class Sweep(TypedDict):
    """What one look after all terminals did.

    Attributes:
        looked_at: Records that were read.
        stopped: Terminals that had ended, and now their records say so.
        failed: Starts that came to nothing.
        orphans_ended: Terminals that no record asks for.
        admitted: People in line who have a terminal now.
        skipped: What could not be brought in line this time.
        silent_hosts: Names of hosts that did not answer.
        next: What `after` of the next SWEEP is to be; empty where all was looked at.
    """

    looked_at: int
    stopped: int
    failed: int
    orphans_ended: int
    admitted: int
    skipped: int
    silent_hosts: list[str]
    next: str

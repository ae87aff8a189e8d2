"""The terminal server: one shell behind a WebSocket, and a client for programs.

    python -m webterm --launch FILE

The shell belongs to the server, not to a connection: a page that goes away and comes
back is given exactly what it has not seen.  The protocol is docs/terminal-protocol.md;
this package knows nothing of Abaco, Agave or records.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .client import TerminalClient
    from .issue import issue_ticket
    from .line import TerminalClosed
    from .ticket import Ticket, TicketChecker, TicketRefused

__all__ = [
    "TerminalClient",
    "TerminalClosed",
    "Ticket",
    "TicketChecker",
    "TicketRefused",
    "issue_ticket",
]

_HOMES = {
    "TerminalClient": "client",
    "TerminalClosed": "line",
    "Ticket": "ticket",
    "TicketChecker": "ticket",
    "TicketRefused": "ticket",
    "issue_ticket": "issue",
}


def __getattr__(name: str) -> object:
    # Only upon use: the server is in this package too, and has no need of a client,
    # which would be a quarter of its memory and of the time that it takes to start.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # noqa: PLC0415 - for the reason above

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

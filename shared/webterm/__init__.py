"""The terminal server: one shell behind a WebSocket, and a client for programs.

    python -m webterm --launch FILE

The shell belongs to the server, not to a connection: a page that goes away and comes
back is given exactly what it has not seen.  The protocol is docs/terminal-protocol.md;
this package knows nothing of Abaco, Agave or records.
"""

from .client import TerminalClient, TerminalClosed
from .ticket import Ticket, TicketChecker, TicketRefused, issue_ticket

__all__ = [
    "TerminalClient",
    "TerminalClosed",
    "Ticket",
    "TicketChecker",
    "TicketRefused",
    "issue_ticket",
]

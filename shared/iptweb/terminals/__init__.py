"""Terminals: their states, their records, how they start and stop.

Tickets are in `iptweb.terminals.tickets`, which needs the extra `keys`.
"""

from .record import TerminalRecord
from .service import TerminalService
from .states import Status

__all__ = ["Status", "TerminalRecord", "TerminalService"]

"""Terminals: their states, their records, how they start and stop, their tickets."""

from .record import TerminalRecord
from .service import TerminalService
from .states import Status
from .tickets import Ticket, sign_ticket

__all__ = ["Status", "TerminalRecord", "TerminalService", "Ticket", "sign_ticket"]

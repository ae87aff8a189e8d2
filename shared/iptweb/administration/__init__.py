"""What administrators may look at and do, for all users of an instance.

    functions/admin ─▶ Administration ─┬─▶ terminals   the records, filtered and paged
                                       ├─▶ hosts       which there are, which drain
                                       ├─▶ jobs        what this instance submitted
                                       ├─▶ audit       who did what, when, to whom
                                       └─▶ Deeds       each action once, and on record

Nothing here holds a key or reaches a host: what touches a terminal is a message to the
function `terminal`.
"""

from .audit import AuditFilter
from .jobs import JobsFilter
from .service import Administration, Command
from .terminals import TerminalFilter

__all__ = [
    "Administration",
    "AuditFilter",
    "Command",
    "JobsFilter",
    "TerminalFilter",
]

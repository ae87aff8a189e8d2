"""From `MSG` to the one result frame: how a function runs inside an actor."""

from .call import Call
from .context import Context
from .entry import inline, main, run, warm
from .message import CRON_CALLER
from .platform import Platform

__all__ = [
    "CRON_CALLER",
    "Call",
    "Context",
    "Platform",
    "inline",
    "main",
    "run",
    "warm",
]

"""Places where terminals run; one interface, `Host`, whatever is behind it."""

from .base import Ended, Ending, Host, Launched, LaunchRequest
from .choose import choose_host
from .process import ProcessHost
from .sandbox import SandboxHost

__all__ = [
    "Ended",
    "Ending",
    "Host",
    "LaunchRequest",
    "Launched",
    "ProcessHost",
    "SandboxHost",
    "choose_host",
]

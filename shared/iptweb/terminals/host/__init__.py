"""Places where terminals run; one interface, `Host`, whatever is behind it."""

from .base import Ended, Ending, Host, Launched, LaunchRequest
from .census import Census
from .choose import choose_host
from .pool import HostPool
from .process import ProcessHost
from .sandbox import SandboxHost

__all__ = [
    "Census",
    "Ended",
    "Ending",
    "Host",
    "HostPool",
    "LaunchRequest",
    "Launched",
    "ProcessHost",
    "SandboxHost",
    "choose_host",
]

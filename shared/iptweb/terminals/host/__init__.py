"""Places where terminals run; one interface, `Host`, whatever is behind it."""

from .base import Host, Launched, LaunchRequest
from .choose import choose_host
from .process import ProcessHost
from .sandbox import SandboxHost

__all__ = [
    "Host",
    "LaunchRequest",
    "Launched",
    "ProcessHost",
    "SandboxHost",
    "choose_host",
]

"""The settings of a function, read from Abaco configs and from nowhere else.

Plain environment variables can be set by whoever sends a message, so they are never
settings (docs/architecture.md §5.1).  The platform hands all configs of an actor
over in one variable, `_actor_configs`, as the Python repr of `{name: value}`.
"""

from .configs import Configs, OAuthClient
from .instance import Settings, read_settings
from .terminals import EngineHost, TerminalLimits, TerminalSettings

__all__ = [
    "Configs",
    "EngineHost",
    "OAuthClient",
    "Settings",
    "TerminalLimits",
    "TerminalSettings",
    "read_settings",
]

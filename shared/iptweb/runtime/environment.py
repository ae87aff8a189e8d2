"""The environment of an actor, which the caller has a hand in.

Query parameters of a message become environment variables.  Names that the platform
sets itself are safe, because it sets them last; anything else (`HTTP_PROXY`,
`REQUESTS_CA_BUNDLE`, `PATH`, `LD_PRELOAD`, `PYTHONPATH`, ...) may come from a caller
and is dropped before the first line of ours reads it.
"""

from collections.abc import MutableMapping
from typing import Final

__all__ = ["FIXED", "KEPT", "take_environment"]

KEPT: Final = frozenset(
    {
        "MSG",
        "_actor_configs",
        "_abaco_access_token",
        "_abaco_actor_id",
        "_abaco_actor_revision",
        "_abaco_api_server",
        "_abaco_execution_id",
        "_abaco_results_socket",
        "_abaco_username",
    }
)
FIXED: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
}


def take_environment(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Return the platform's variables and leave only the fixed ones behind.

    What is taken is removed as well, so that no program started from here inherits
    a token or a key.
    """
    taken = {name: value for name, value in environ.items() if name in KEPT}
    environ.clear()
    environ.update(FIXED)
    return taken

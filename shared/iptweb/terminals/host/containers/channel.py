"""HTTP over SSH channels: each connection is a command that reaches the engine.

`docker system dial-stdio`, and podman's of the same name, join their standard input
and output to the engine's socket.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .ssh import SshLink

__all__ = ["ChannelAdapter"]

MOST_CONNECTIONS = 4


class ChannelAdapter(HTTPAdapter):
    """Carries the requests of a session through an SSH connection.

    Args:
        link: The connection, which outlives this.
        command: What reaches the engine.
    """

    def __init__(self, link: "SshLink", command: str) -> None:
        super().__init__()
        self._pool = _ChannelPool(link, command)

    def get_connection_with_tls_context(
        self,
        request: "PreparedRequest",
        verify: bool | str | None,  # noqa: FBT001 - as requests calls it
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,
    ) -> "_ChannelPool":
        """Return where connections come from; there is one engine only."""
        del request, verify, proxies, cert
        return self._pool

    def close(self) -> None:
        """Close all connections."""
        super().close()
        self._pool.close()


class _ChannelPool(urllib3.HTTPConnectionPool):
    def __init__(self, link: "SshLink", command: str) -> None:
        super().__init__("engine", maxsize=MOST_CONNECTIONS)
        self._link = link
        self._command = command

    def _new_conn(self) -> "_ChannelConnection":
        return _ChannelConnection(self._link, self._command)


class _ChannelConnection(HTTPConnection):
    def __init__(self, link: "SshLink", command: str) -> None:
        super().__init__("engine")
        self._link = link
        self._command = command

    def connect(self) -> None:
        """Run the command; its input and output are the connection."""
        channel = self._link.run(self._command)
        channel.settimeout(self.timeout)
        self.sock = channel

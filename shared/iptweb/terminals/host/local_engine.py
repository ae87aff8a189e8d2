"""Whether this machine has a container engine with the image of terminals.

Asked at each start where the setting is `auto`, so not with the engine's SDK, which
takes longer to load than a sandbox takes to start.
"""

import contextlib
import http.client
import os
import pwd
import socket
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

__all__ = ["find_engine", "usual_sockets"]

ANSWER_SECONDS: Final = 2.0


def find_engine(
    url: str = "", image: str = "", sockets: Iterable[str] | None = None
) -> str | None:
    """Return the address of an engine that answers here, None if there is none.

    Args:
        url: The one to ask, `unix:///path`; the usual ones where empty.
        image: The image that it must have; any engine will do where empty.
        sockets: The usual ones, where they are others.
    """
    usual = usual_sockets(os.getuid()) if sockets is None else list(sockets)
    places = [urlsplit(url).path] if url else usual
    wanted = f"/images/{quote(image)}/json" if image else "/_ping"
    return next((f"unix://{place}" for place in places if has(place, wanted)), None)


def usual_sockets(uid: int) -> list[str]:
    """Return where engines of this machine and of one account usually listen."""
    own = f"/run/user/{uid}"
    places = [
        *("/run/docker.sock", "/var/run/docker.sock", "/run/podman/podman.sock"),
        *(f"{own}/docker.sock", f"{own}/podman/podman.sock"),
    ]
    # Not $HOME: a function's environment is not its own.  Some accounts have none.
    with contextlib.suppress(KeyError):
        places.append(f"{pwd.getpwuid(uid).pw_dir}/.docker/run/docker.sock")
    return places


def has(path: str, wanted: str) -> bool:
    """Return whether an engine answers for something that it has."""
    connection = Connection(path)
    try:
        connection.request("GET", wanted)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("engine", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(ANSWER_SECONDS)
        self.sock.connect(self._path)

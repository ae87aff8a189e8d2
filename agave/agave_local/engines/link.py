"""The way to a container engine: any with Docker's API will do (Docker, podman)."""

import contextlib
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound
from requests.exceptions import RequestException

from agave_local.engines.errors import EngineDown, EngineRefused, NotThere, Taken
from agave_local.engines.names import is_reference

PATIENCE_S = 60
_CONFLICT = 409
# struct ucred: process, account, group
_CREDENTIALS = struct.Struct("=iII")


class EngineLink:
    """The way to an engine, found again after it was gone.

    Args:
        url: such as `unix:///run/docker.sock`.
        patience: seconds that it has for an answer.

    Attributes:
        url: the same.
    """

    def __init__(self, url: str, patience: int = PATIENCE_S) -> None:
        self.url = url
        self._patience = patience
        self._version = ""

    def has(self, image: str) -> bool:
        """Tell whether an image is here."""
        if not is_reference(image):
            return False
        try:
            with self.client() as client:
                client.inspect_image(image)
        except NotThere:
            return False
        return True

    def connect(self, patience: int | None = None) -> docker.APIClient:
        """Return a client of the engine; close it.

        Raises:
            EngineDown: it does not answer.
        """
        self._knock()
        try:
            with translated():
                version = self._version or self.ask_version()
                client = docker.APIClient(self.url, version, patience or self._patience)
        except EngineRefused as error:
            raise EngineDown(str(error)) from error
        self._version = str(client.api_version)
        return client

    def ask_version(self) -> str:
        """Return the version of the API to speak; `auto` lets the SDK ask for it."""
        return "auto"

    @contextlib.contextmanager
    def client(self, patience: int | None = None) -> Iterator[Any]:
        """Lend a client whose errors are ours.

        Raises:
            EngineDown: it does not answer.
            EngineRefused: the answer is no.
        """
        client = self.connect(patience)
        try:
            with translated():
                yield client
        finally:
            client.close()

    def owner(self) -> int | None:
        """Return whose the engine is, by its socket; None where that is not told.

        Raises:
            EngineDown: it does not answer.
        """
        # Its own answer takes podman a second or two.
        return self._knock()

    def _knock(self) -> int | None:
        """Look whether the engine is there; the SDK leaves a socket open if not."""
        scheme, _, path = self.url.partition("://")
        if scheme != "unix":
            return None
        with socket.socket(socket.AF_UNIX) as knocking:
            knocking.settimeout(self._patience)
            try:
                knocking.connect(f"/{path.lstrip('/')}")
            except OSError as error:
                raise EngineDown(str(error)) from error
            return _owner(knocking)


def _owner(connected: socket.socket) -> int | None:
    """Return who listens at the other end of a socket; Linux alone tells."""
    if sys.platform != "linux":
        return None
    told = connected.getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size
    )
    return int(_CREDENTIALS.unpack(told)[1])


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what the SDK raises into what this package does.

    Raises:
        EngineDown: there was no answer.
        EngineRefused: the answer is no.
    """
    try:
        yield
    except NotFound as error:
        raise NotThere(str(error.explanation or error)) from error
    except APIError as error:
        raise _to_refusal(error) from error
    except (ValueError, LookupError, TypeError) as error:
        # No JSON, as for a container that ended meanwhile, or another one than said.
        raise EngineRefused(str(error)) from error
    except (DockerException, RequestException, OSError) as error:
        raise EngineDown(str(error)) from error


def _to_refusal(error: APIError) -> EngineRefused:
    """Return what a refusal means; podman does not always say it by the status."""
    text = str(error.explanation or error)
    if "no such container" in text:
        return NotThere(text)
    if error.status_code == _CONFLICT or "already in use" in text:
        return Taken(text)
    return EngineRefused(text)

"""This machine's container engine: where it is, and what it says when it can't.

The Docker SDK is imported by who calls it, since most commands need no engine.
"""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agave_deploy.errors import ImageError

if TYPE_CHECKING:
    from docker import DockerClient

__all__ = ["check_image", "connect", "describe_terminals", "find_engine"]

_PATIENCE_S = 600
_NO_ENGINE = (
    "There is no container engine here. Start Docker or Podman (`podman system "
    "service`), or name one: --engine unix:///path/to.sock"
)


def find_engine(
    environment: Mapping[str, str] = os.environ, root: Path = Path("/")
) -> str | None:
    """Return the address of this machine's engine, or None.

    Args:
        environment: `DOCKER_HOST` comes first.
        root: where the usual sockets are looked for.
    """
    if environment.get("DOCKER_HOST"):
        return environment["DOCKER_HOST"]
    places = ["var/run/docker.sock", "run/podman/podman.sock"]
    for folder in ("XDG_RUNTIME_DIR", "HOME"):
        if environment.get(folder):
            place = environment[folder].lstrip("/")
            places += [f"{place}/podman/podman.sock", f"{place}/docker.sock"]
            places += [f"{place}/.docker/run/docker.sock"]
    found = (root / place for place in places if (root / place).is_socket())
    return next((f"unix://{socket}" for socket in found), None)


@contextmanager
def connect(
    url: str | None, find: Callable[[], str | None] = find_engine
) -> "Iterator[DockerClient]":
    """Talk to an engine.

    Args:
        url: its address, this machine's own where None.
        find: finds that.

    Raises:
        ImageError: There is none, or it does not answer.
    """
    import docker  # noqa: PLC0415 - most commands need no engine
    from docker.errors import DockerException  # noqa: PLC0415 - as above
    from requests import RequestException  # noqa: PLC0415 - as above

    address = url or find()
    if address is None:
        raise ImageError(_NO_ENGINE)
    try:
        _knock(address)
        client = docker.DockerClient(address, version="auto", timeout=_PATIENCE_S)
    except (DockerException, RequestException, OSError) as error:
        raise ImageError(f"The engine {address} does not answer: {error}") from error
    try:
        yield client
    except RequestException as error:
        raise ImageError(f"The engine {address} does not answer: {error}") from error
    finally:
        client.close()


def _knock(address: str) -> None:
    """Try a socket of this machine: the SDK leaves its own open if that fails.

    Raises:
        OSError: Nobody listens.
    """
    scheme, _, path = address.partition("://")
    if scheme == "unix":
        with socket.socket(socket.AF_UNIX) as knocking:
            knocking.connect(path)


def check_image(url: str | None, image: str) -> None:
    """Refuse an engine that can't run terminals.

    Args:
        url: of the engine, None where there is none.
        image: the terminals' image.

    Raises:
        ImageError: There is no engine, or it has no such image; says what to do.
    """
    if url is None:
        raise ImageError(_NO_ENGINE)
    from docker.errors import ImageNotFound  # noqa: PLC0415 - see connect

    with connect(url) as client:
        try:
            client.images.get(image)
        except ImageNotFound as error:
            raise ImageError(
                f"The engine has no image {image}; build it: "
                "./build.sh image terminal-session"
            ) from error


def describe_terminals(image: str, find: Callable[[], str | None] = find_engine) -> str:
    """Tell a person whether terminals and jobs can run in containers here.

    Args:
        image: the terminals' image.
        find: finds this machine's engine.
    """
    url = find()
    try:
        check_image(url, image)
    except ImageError as error:
        return f"Terminals and jobs don't run in containers: {error}"
    return f"Terminals and jobs can run in containers: {url} has the image {image}."

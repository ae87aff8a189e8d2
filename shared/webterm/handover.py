"""The listening socket of a terminal server, from whoever starts it.

It is inherited, or it is handed over through a Unix socket: then the server may be in
a container that has no network, while the listener, and all connections that come by
it, are of the network in which it was made.
"""

import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECT_SECONDS = 20.0
RECEIVE_SECONDS = 20.0
RETRY_SECONDS = 0.02
GO = b"g"
# More than the one is closed again; more than these the kernel drops.
MOST_DESCRIPTORS = 16


class NoListener(Exception):
    """There is no socket to serve; the message says why."""


def send_listener(connection: socket.socket, listener: socket.socket) -> None:
    """Hand a listening socket to the terminal server that has connected."""
    socket.send_fds(connection, [GO], [listener.fileno()])


def receive_listener(
    path: str,
    *,
    connect_seconds: float = CONNECT_SECONDS,
    receive_seconds: float = RECEIVE_SECONDS,
    sleep: "Callable[[float], None]" = time.sleep,
) -> socket.socket:
    """Fetch the listening socket from who hands it over.

    Raises:
        NoListener: Nobody does in time, or what comes is not a listening socket.
    """
    with connect(path, connect_seconds, sleep) as connection:
        connection.settimeout(receive_seconds)
        try:
            _, descriptors, _, _ = socket.recv_fds(
                connection, len(GO), MOST_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC
            )
        except OSError as error:
            raise NoListener("the socket was not handed over") from error
    if not descriptors:
        raise NoListener("the socket was not handed over")
    for extra in descriptors[1:]:
        os.close(extra)
    return take_listener(descriptors[0])


def connect(
    path: str, seconds: float, sleep: "Callable[[float], None]"
) -> socket.socket:
    """Connect to a Unix socket that may not be there yet.

    Raises:
        NoListener: Nobody answers in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
        except OSError as error:
            connection.close()
            if time.monotonic() >= deadline:
                raise NoListener(f"nobody hands it over: {error.strerror}") from error
        else:
            return connection
        sleep(RETRY_SECONDS)


def take_listener(descriptor: int) -> socket.socket:
    """Return a descriptor as a listening socket, which no child will inherit.

    Raises:
        NoListener: It is something else, and is closed.
    """
    try:
        listener = socket.socket(fileno=descriptor)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.close(descriptor)
        raise NoListener("the descriptor is not an open socket") from error
    listening = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    network = listener.family in {socket.AF_INET, socket.AF_INET6}
    if not (listening and network and listener.type == socket.SOCK_STREAM):
        listener.close()
        raise NoListener("the socket does not listen")
    listener.set_inheritable(False)
    listener.settimeout(0)
    return listener

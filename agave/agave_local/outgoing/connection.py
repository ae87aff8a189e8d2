"""One HTTP request to one address that has been judged, and its status."""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_LEAST_S = 0.01
_PIECE = 1 << 18
_REDIRECTIONS = (301, 302, 303, 307, 308)
_NOT_HTTP = "The message cannot be sent to that address."


class NotDelivered(Exception):
    """A message did not reach its address; the message says why."""


class Refused(NotDelivered):
    """The address may not be called, now or later."""


class Unreachable(NotDelivered):
    """Nobody answered there in time; later somebody may."""


@dataclass(frozen=True)
class Connected:
    """Whom to connect to.

    Attributes:
        host: as the caller wrote it, for the certificate and the `Host` header.
        port: of the host.
        is_secure: whether it speaks TLS.
        addresses: of the host, each of them judged; tried in turn.
    """

    host: str
    port: int
    is_secure: bool
    addresses: tuple[Address, ...]


def send(
    connected: Connected,
    target: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout_s: float,
    check: Callable[[bool], None],
    tls: Callable[[], ssl.SSLContext],
) -> int:
    """Post a body; return the status of the answer.

    Args:
        connected: whom to send it to.
        target: path and query.
        body: of the message.
        headers: of the message.
        timeout_s: for all of it.
        check: told, before anything is sent, whether the other end is this very
            machine; raises what `send` then raises.
        tls: makes what certificates are judged by.

    Raises:
        Refused: where the message cannot be written as HTTP.
        Unreachable: where nobody answered properly, or not in time.
    """
    deadline = time.monotonic() + timeout_s
    try:
        with _socket(connected, deadline) as plain:
            check(_is_own(plain))
            with _closed_at(plain, deadline), _secured(connected, plain, tls) as stream:
                connection = http.client.HTTPConnection(connected.host, connected.port)
                connection.sock = stream
                connection.request("POST", target, body, dict(headers))
                return connection.getresponse().status
    except http.client.InvalidURL as error:
        raise Refused(_NOT_HTTP) from error
    except (OSError, http.client.HTTPException) as error:
        name = f"{connected.host}:{connected.port}"
        raise Unreachable(f"{name} gave no answer ({type(error).__name__}).") from error
    except ValueError as error:
        raise Refused(_NOT_HTTP) from error


def _socket(connected: Connected, deadline: float) -> socket.socket:
    failure: OSError | None = None
    for address in connected.addresses:
        left = max(_LEAST_S, deadline - time.monotonic())
        try:
            return socket.create_connection((str(address), connected.port), left)
        except OSError as error:
            failure = error
    raise failure or ConnectionError


def _is_own(stream: socket.socket) -> bool:
    """Tell whether the other end is this machine: it then has this end's address."""
    same: bool = stream.getsockname()[0] == stream.getpeername()[0]
    return same


@contextmanager
def _closed_at(stream: socket.socket, deadline: float) -> Iterator[None]:
    """Cut a connection at a time; a trickle of bytes must not keep it alive."""

    def cut() -> None:
        # A descriptor of its own: TLS takes the first one over.
        with twin, contextlib.suppress(OSError):
            twin.shutdown(socket.SHUT_RDWR)

    twin = stream.dup()
    timer = threading.Timer(max(_LEAST_S, deadline - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        twin.close()


@contextmanager
def _secured(
    connected: Connected, plain: socket.socket, tls: Callable[[], ssl.SSLContext]
) -> Iterator[socket.socket]:
    if not connected.is_secure:
        yield plain
        return
    with tls().wrap_socket(plain, server_hostname=connected.host) as stream:
        yield stream


def dial(
    connected: Connected, *, timeout_s: float, check: Callable[[bool], None]
) -> socket.socket:
    """Connect, and say nothing yet.

    Args:
        connected: whom to.
        timeout_s: for the connection, and for each read and write afterwards.
        check: told whether the other end is this very machine; see `send`.

    Raises:
        Unreachable: where nobody is there, or not in time.
    """
    try:
        plain = _socket(connected, time.monotonic() + timeout_s)
    except OSError as error:
        name = f"{connected.host}:{connected.port}"
        raise Unreachable(f"{name} can't be reached ({type(error).__name__}).") from (
            error
        )
    try:
        check(_is_own(plain))
        plain.settimeout(timeout_s)
    except BaseException:
        plain.close()
        raise
    return plain


def receive(
    connected: Connected,
    plain: socket.socket,
    target: str,
    take: Callable[[memoryview], object],
    *,
    timeout_s: float,
    tls: Callable[[], ssl.SSLContext],
) -> str | None:
    """Fetch what is at a path; the connection is closed afterwards.

    Args:
        connected: whom to ask.
        plain: the connection, from `dial`.
        target: path and query.
        take: gets the body, piece by piece.
        timeout_s: for all of it.
        tls: makes what certificates are judged by.

    Returns:
        Where it is instead, for a redirection; None where all was taken.

    Raises:
        Refused: where the address cannot be written as HTTP.
        Unreachable: where the answer is no file, or ends early, or takes too long.
    """
    name = f"{connected.host}:{connected.port}"
    deadline = time.monotonic() + timeout_s
    try:
        with (
            plain,
            _closed_at(plain, deadline),
            _secured(connected, plain, tls) as stream,
        ):
            connection = http.client.HTTPConnection(connected.host, connected.port)
            connection.sock = stream
            connection.request("GET", target, headers={"Accept-Encoding": "identity"})
            with connection.getresponse() as answer:
                if answer.status in _REDIRECTIONS:
                    return answer.headers.get("Location", "")
                if answer.status != http.client.OK:
                    raise Unreachable(f"{name} answered {answer.status}.")
                _take_body(answer, take)
    except http.client.InvalidURL as error:
        raise Refused(_NOT_HTTP) from error
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{name} gave no file ({type(error).__name__}).") from error
    return None


def _take_body(
    answer: http.client.HTTPResponse, take: Callable[[memoryview], object]
) -> None:
    announced = answer.length
    buffer = memoryview(bytearray(_PIECE))
    taken = 0
    while count := answer.readinto(buffer):
        take(buffer[:count])
        taken += count
    if announced is not None and taken < announced:
        raise http.client.IncompleteRead(b"", announced - taken)

"""Servers and names for tests of what the tenant calls."""

import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

Answer = Callable[[socket.socket], None]


class Listener:
    """A socket that answers one connection after the other.

    Attributes:
        port: that it listens at.
        received: what came, a text a connection.
    """

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.received: list[str] = []
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with suppress(OSError), connection:
                connection.settimeout(5)
                if connection.recv(1, socket.MSG_PEEK) == b"":
                    return
                if self._tls is None:
                    self._converse(connection)
                    continue
                with self._tls.wrap_socket(connection, server_side=True) as secured:
                    self._converse(secured)

    def _converse(self, connection: socket.socket) -> None:
        data = b""
        # A connection closed with something unread in it would look broken.
        while not _is_whole(data):
            chunk = connection.recv(65536)
            if not chunk:
                return
            data += chunk
        self.received.append(data.decode())
        self._answer(connection)

    def close(self) -> None:
        """End."""
        with socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._thread.join()
        self._socket.close()


def _is_whole(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    found = re.search(rb"Content-Length: (\d+)", head)
    return bool(end) and (found is None or len(body) >= int(found[1]))


def answering(status: str, headers: str = "") -> Answer:
    """Return what answers with a status and headers."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 {status}\r\n{headers}\r\n".encode())

    return answer


@contextmanager
def listening() -> Iterator[Callable[[Answer], Listener]]:
    """Give what starts listeners, and end them all."""
    listeners: list[Listener] = []

    def listen(answer: Answer, tls: ssl.SSLContext | None = None) -> Listener:
        listeners.append(Listener(answer, tls))
        return listeners[-1]

    yield listen
    for listener in listeners:
        listener.close()


def resolving(*addresses: str) -> Any:
    """Return what finds these addresses for every name."""

    def resolve(host: str, port: int) -> Iterable[Any]:
        assert host
        assert port
        return [ipaddress.ip_address(address) for address in addresses]

    return resolve

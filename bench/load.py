"""A client that costs little: raw connections that are kept, all in one thread.

It runs in a process of its own, so that what is measured is the server.
"""

import multiprocessing
import selectors
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
_SHOWN = 5


@dataclass
class Outcome:
    """What a run of requests came to.

    Attributes:
        seconds: from the first request to the last answer.
        times: of each request, in milliseconds.
        refused: answers other than 2xx, each as its first line; a few of them.
    """

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.times) / self.seconds


def load(
    address: tuple[str, int], requests: list[bytes], *, clients: int, number: int
) -> Outcome:
    """Send requests over several connections, one after the other on each.

    Args:
        address: of the server.
        requests: that are sent in turn.
        clients: number of connections.
        number: of requests in all.
    """
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(send_all, (address, requests, clients, number))


def send_all(
    address: tuple[str, int], requests: list[bytes], clients: int, number: int
) -> Outcome:
    """Do what `load` does, in this process."""
    outcome = Outcome()
    waiting = iter(requests[turn % len(requests)] for turn in range(number))
    with selectors.DefaultSelector() as selector:
        connections = [_Connection(address) for _ in range(clients)]
        began = time.perf_counter()
        open_ = 0
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            open_ += connection.send_next(waiting)
        while open_:
            for key, _ in selector.select():
                connection = key.data
                if connection.receive(outcome):
                    open_ -= not connection.send_next(waiting)
        outcome.seconds = time.perf_counter() - began
        for connection in connections:
            connection.socket.close()
    return outcome


class _Connection:
    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._began = 0.0

    def send_next(self, waiting: Iterator[bytes]) -> bool:
        request = next(waiting, None)
        if request is None:
            return False
        self._buffer = b""
        self._began = time.perf_counter()
        self.socket.sendall(request)
        return True

    def receive(self, outcome: Outcome) -> bool:
        """Read what has come; tell whether the answer is complete."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed the connection")
        self._buffer += data
        head, end, body = self._buffer.partition(_END)
        if not end or len(body) < _length(head.lower().splitlines()):
            return False
        outcome.times.append(1000 * (time.perf_counter() - self._began))
        if not head.startswith(b"HTTP/1.1 2") and len(outcome.refused) < _SHOWN:
            outcome.refused.append(head.splitlines()[0] + body[:200])
        return True


def _length(lines: Iterable[bytes]) -> int:
    for line in lines:
        if line.startswith(_LENGTH):
            return int(line[len(_LENGTH) :])
    raise ConnectionError("an answer without a length")

"""Connections that are too slow, too many, or say two things at once."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest
from waitress.adjustments import Adjustments
from waitress.parser import ParsingError

from agave_local.transports.guarded import (
    GuardedChannel,
    GuardedParser,
    Sizes,
    make_channel_factory,
)

ADJUSTMENTS = Adjustments(connection_limit=16, asyncore_use_poll=True)


class Server:
    """What a channel needs of waitress's server."""

    def __init__(self) -> None:
        self.active_channels: dict[int, Any] = {}
        self.adj = ADJUSTMENTS
        self.tasks: list[Any] = []
        self.add_task = self.tasks.append


@pytest.fixture(name="held")
def _held() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


@pytest.fixture(name="server")
def _server() -> Server:
    return Server()


def _channel(held: ExitStack, seconds: list[float]) -> GuardedChannel:
    ours, theirs = socket.socketpair()
    held.callback(ours.close)
    held.callback(theirs.close)
    channel = GuardedChannel(Server(), ours, ("192.0.2.1", 1), ADJUSTMENTS, map={})
    channel.now = lambda: seconds[0]
    return channel


def test_a_request_that_drips(held: ExitStack) -> None:
    """A head that comes byte by byte ends the connection; time to begin is given."""
    seconds = [0.0]
    channel = _channel(held, seconds)
    channel.received(b"GET / HTTP/1.1\r\nX-A: ")
    seconds[0] = 20.0
    channel.received(b"a")
    assert not channel.will_close

    seconds[0] = 21.0
    channel.received(b"a")

    assert channel.will_close


def test_a_body_at_a_slow_line(held: ExitStack) -> None:
    """A body that comes slowly, but comes, is waited for."""
    seconds = [0.0]
    channel = _channel(held, seconds)
    channel.received(b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(60):
        seconds[0] += 1
        channel.received(b"x" * 600)

    assert not channel.will_close


def test_each_request_has_its_own_time(held: ExitStack) -> None:
    """A connection may be old; only the request at hand is measured."""
    seconds = [0.0]
    channel = _channel(held, seconds)
    for number in range(3):
        seconds[0] = number * 1000.0
        channel.received(b"GET / HTTP/1.1\r\n")
        seconds[0] += 1
        channel.received(b"\r\n")
        assert len(channel.requests) == 1
        channel.requests.clear()

    assert not channel.will_close


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_two_lengths(held: ExitStack, head: bytes) -> None:
    """A request that tells its length in two ways could hide another one."""
    parser = GuardedParser(ADJUSTMENTS, _channel(held, [0.0]), Sizes())

    with pytest.raises(ParsingError, match="not clear"):
        parser.parse_header(head)


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("/meta/v2/data", 1),
        ("/actors/v2/x/messages", 2),
        ("/actors/x/messages/", 2),
        ("/actors/x/state", 1),
        ("/files/v2/media/system/s/a", 3),
        ("/agave/files/v2/media", 3),
        ("/messages", 1),
    ],
)
def test_sizes(path: str, size: int) -> None:
    """How large a body may be, its address says."""
    assert Sizes(document=1, message=2, file=3).of(path) == size


@pytest.mark.parametrize(("length", "status"), [(5, None), (6, 413)])
def test_largest_body(held: ExitStack, length: int, status: int | None) -> None:
    """A body beyond its measure is refused by its head alone."""
    parser = GuardedParser(ADJUSTMENTS, _channel(held, [0.0]), Sizes(5, 5, 5))

    parser.received(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % length)

    assert getattr(parser.error, "code", None) == status


def test_largest_chunked_body(held: ExitStack) -> None:
    """A body without an announced length is measured while it comes."""
    parser = GuardedParser(ADJUSTMENTS, _channel(held, [0.0]), Sizes(5, 5, 5))
    parser.received(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")

    parser.received(b"8\r\n12345678\r\n")

    assert parser.completed
    assert getattr(parser.error, "code", None) == 413


def _connect(
    held: ExitStack, server: Server, address: str, trusted: str = ""
) -> GuardedChannel | None:
    ours, theirs = socket.socketpair()
    held.callback(ours.close)
    held.callback(theirs.close)
    connect = make_channel_factory(1, Sizes(), lambda known: known == trusted)
    return connect(server, ours, (address, 1), ADJUSTMENTS, map={})


def test_one_address_leaves_room(held: ExitStack, server: Server) -> None:
    """In a crowd, an address with many connections gets no further one."""
    for number in range(9):
        address = "192.0.2.1" if number < 6 else f"198.51.100.{number}"
        server.active_channels[1000 + number] = _busy(address)

    assert _connect(held, server, "192.0.2.1") is None
    assert _connect(held, server, "192.0.2.1", trusted="192.0.2.1") is not None
    assert _connect(held, server, "203.0.113.9") is not None


def test_before_it_is_crowded(held: ExitStack, server: Server) -> None:
    """Where there is room, an address may have as many as it likes."""
    for number in range(7):
        server.active_channels[1000 + number] = _busy("192.0.2.1")

    assert _connect(held, server, "192.0.2.1") is not None


def test_idle_connections_make_room(held: ExitStack, server: Server) -> None:
    """In a crowd, connections on which nothing goes on are closed."""
    busy, idle = _busy("192.0.2.1"), _idle("192.0.2.2")
    server.active_channels = {1000: busy, 1001: idle}
    for number in range(2, 9):
        server.active_channels[1000 + number] = _busy(f"192.0.2.{number}")

    _connect(held, server, "203.0.113.9")

    assert (busy.will_close, idle.will_close) == (False, True)


def _busy(address: str) -> Any:
    return SimpleNamespace(
        addr=(address, 1),
        requests=["one"],
        request=None,
        last_activity=0,
        will_close=False,
    )


def _idle(address: str) -> Any:
    idle = _busy(address)
    idle.requests = []
    return idle

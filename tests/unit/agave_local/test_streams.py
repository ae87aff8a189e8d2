"""Bodies that go straight between a socket and a view."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from waitress.adjustments import Adjustments
from waitress.channel import ClientDisconnected

from agave_local.transports.socket_body import SocketBody
from agave_local.transports.streams import (
    MOST_BUFFERED,
    SMALLEST,
    Readers,
    StreamingChannel,
    StreamingTask,
)
from agave_local.transports.streams import StreamingParser as Parser

HEAD = (
    b"POST /files/v2/media/system/s/f HTTP/1.1\r\nHost: h\r\n"
    b"%sContent-Length: %d\r\n\r\n"
)


@pytest.fixture(name="ends")
def _ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    near.settimeout(0)
    with near, far:
        yield near, far


Ends = tuple[socket.socket, socket.socket]


def test_read_a_body(ends: Ends) -> None:
    """What came with the head is read first, then what comes, and then the end."""
    far = ends[1]
    body = SocketBody(ends[0], b"be", 10)
    far.sendall(b"gun later and more")

    assert body.read(4) == b"begu"
    assert body.left == 6
    assert body.read() == b"n late"
    assert body.read(5) == b""
    assert body.readinto(bytearray(5)) == 0


def test_read_lines(ends: Ends) -> None:
    """Lines can be read as from any input of WSGI."""
    body = SocketBody(ends[0], b"one\ntwo\nend", 11)

    assert [body.readline(), body.readline(2), body.readline()] == [
        *(b"one\n", b"tw", b"o\n")
    ]
    assert [body.readline(), body.readline()] == [b"end", b""]


def test_wait_for_a_body(ends: Ends) -> None:
    """A body that comes later is waited for."""
    far = ends[1]
    body = SocketBody(ends[0], b"", 4)
    later = threading.Timer(0.02, far.sendall, (b"data",))
    later.start()

    assert body.read() == b"data"
    later.join()


def test_a_body_that_ends_early(ends: Ends) -> None:
    """A caller who goes away is an error, not the end of the body."""
    near, far = ends
    body = SocketBody(near, b"", 4)
    far.sendall(b"da")
    far.close()

    with pytest.raises(ConnectionResetError):
        body.read()


def test_a_body_that_trickles(ends: Ends) -> None:
    """A body that comes too slowly on the whole is given up."""
    times = iter([0.0, 10.0, 25.0])
    body = SocketBody(ends[0], b"", 4_000, now=lambda: next(times))
    ends[1].sendall(b"x")
    assert body.readinto(bytearray(9)) == 1
    ends[1].sendall(b"x")

    with pytest.raises(TimeoutError):
        body.readinto(bytearray(9))


def test_ask_for_a_body(ends: Ends) -> None:
    """Who waits for a word is asked once, when somebody wants the body."""
    near, far = ends
    asked: list[int] = []

    def ask() -> None:
        asked.append(1)
        far.sendall(b"data")

    body = SocketBody(near, b"", 8, ask)
    body.discard()
    assert asked == []
    assert body.read(4) == b"data"
    far.sendall(b"more")
    assert body.read(4) == b"more"
    assert asked == [1]


def test_who_sends_at_once_is_not_asked(ends: Ends) -> None:
    """Who has begun to send needs no word."""
    body = SocketBody(ends[0], b"da", 4, lambda: pytest.fail("asked"))
    ends[1].sendall(b"ta")

    assert body.read() == b"data"


def test_discard_a_body(ends: Ends) -> None:
    """What nobody reads is taken in, until the caller ends or goes away."""
    near, far = ends
    body = SocketBody(near, b"da", 6)
    far.sendall(b"ta")
    far.close()

    body.discard()

    assert body.left == 2


class Channel:
    """What a parser needs of a connection."""

    def __init__(self, connection: socket.socket, slots: int) -> None:
        self.socket = connection
        self.slots = threading.BoundedSemaphore(slots)

    def ask(self) -> None:
        """Ask for nothing."""


def _parser(channel: Channel | None) -> Any:
    return Parser(Adjustments(max_request_body_size=1 << 40), channel)  # type: ignore[arg-type]


def test_stream_a_large_upload(ends: Ends) -> None:
    """A large upload is complete with its head, and its body is read by the view."""
    channel = Channel(ends[0], 1)
    parser = _parser(channel)
    head = HEAD % (b"Expect: 100-continue\r\n", SMALLEST)

    assert parser.received(head[:20]) == 20
    assert not parser.completed
    data = head[20:] + b"begun"
    assert parser.received(data) == len(data)

    assert parser.completed
    assert parser.expect_continue is False
    assert parser.get_body_stream().read(5) == b"begun"
    assert not channel.slots.acquire(blocking=False)
    parser.close()
    parser.close()
    assert channel.slots.acquire(blocking=False)


@pytest.mark.parametrize(
    "head",
    [
        HEAD % (b"", SMALLEST - 1),
        HEAD.replace(b"/files/", b"/meta/") % (b"", SMALLEST),
        HEAD % (b"Transfer-Encoding: chunked\r\n", SMALLEST),
    ],
)
def test_leave_the_rest_to_waitress(ends: Ends, head: bytes) -> None:
    """Small bodies, other addresses and chunks are taken in by the loop."""
    parser = _parser(Channel(ends[0], 1))

    assert parser.received(head + b"begun") == len(head)
    assert not parser.completed
    parser.close()


def test_no_thread_is_free(ends: Ends) -> None:
    """Without a free thread the loop takes an upload in, but not a huge one."""
    parser = _parser(Channel(ends[0], 1))
    parser.received(HEAD % (b"", SMALLEST))
    parser.close()
    channel = Channel(ends[0], 1)
    channel.slots.acquire()

    small, huge, made = _parser(channel), _parser(channel), _parser(None)
    small.received(HEAD % (b"", SMALLEST))
    huge.received(HEAD % (b"", MOST_BUFFERED + 1))
    made.received(HEAD % (b"", MOST_BUFFERED + 1))

    assert (small.completed, small.error) == (False, None)
    assert huge.completed
    assert huge.error.code == 503
    assert (made.completed, made.error) == (False, None)
    for one in (small, huge, made):
        one.close()


class Server:
    """What a channel needs of waitress's server."""

    def __init__(self) -> None:
        self.active_channels: dict[int, Any] = {}
        self.adj = Adjustments()

    def pull_trigger(self) -> None:
        """Wake the loop, which is not there."""


def _task(ends: Ends, readers: Readers) -> StreamingTask:
    ends[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
    server = Server()
    channel = StreamingChannel(server, ends[0], ("192.0.2.1", 1), server.adj, map={})
    channel.readers = readers
    request = channel.parser_class(server.adj)
    request.received(b"GET / HTTP/1.1\r\n\r\n")
    return StreamingTask(channel, request)


def _read(far: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (piece := far.recv(1 << 20)):
        data += piece
    return data


@pytest.mark.parametrize(
    "readers",
    [Readers(wait_s=0.01), Readers(wait_s=5, grace_s=-1, brisk=1 << 40)],
    ids=["who read nothing", "who read slowly"],
)
def test_a_slow_reader_holds_no_thread(
    ends: Ends, tmp_path: Path, readers: Readers
) -> None:
    """What a reader does not take soon is left to the loop, and comes all the same."""
    data = os.urandom(1 << 20)
    path = tmp_path / "f"
    path.write_bytes(data)
    task = _task(ends, readers)
    task.content_length = len(data)

    with path.open("rb") as file:
        task.send_file(file.fileno(), 1, len(data) - 1)

    assert task.close_on_finish
    assert task.content_bytes_written == len(data) - 1
    reader = threading.Thread(target=task.channel.drain, args=(5,))
    reader.start()
    assert _read(ends[1], len(data) - 1) == data[1:]
    reader.join()
    task.channel.close()


def test_a_file_that_shrinks_before_a_slow_reader(ends: Ends, tmp_path: Path) -> None:
    """What is not there any more is asked for once, not again and again."""
    path = tmp_path / "f"
    path.write_bytes(b"x" * (1 << 20))
    task = _task(ends, Readers(wait_s=0.01))
    with path.open("rb+") as file:
        task.send_file(file.fileno(), 0, 1 << 20)
        file.truncate(0)
    ends[1].recv(1 << 20)

    with pytest.raises(ConnectionAbortedError):
        task.channel.drain(5)
    task.channel.close()


def test_a_file_that_is_empty_by_now(ends: Ends, tmp_path: Path) -> None:
    """Nothing is left to the loop where nothing is left of the file."""
    task = _task(ends, Readers(wait_s=0, grace_s=-1, brisk=1 << 40))
    with (tmp_path / "f").open("wb+") as file:
        task.send_file(file.fileno(), 0, 10)

    assert (task.content_bytes_written, task.channel.total_outbufs_len) == (0, 0)
    task.channel.close()


@pytest.mark.parametrize("least", [0, 1 << 40])
def test_a_slow_reader_of_a_long_answer(ends: Ends, least: int) -> None:
    """A thread waits for who takes something, and ends the connection of others."""
    task = _task(ends, Readers(reading_s=0.01, least_read=least))
    channel = task.channel
    channel.adj = Adjustments(outbuf_high_watermark=1 << 16)
    channel.write_soon(b"x" * (1 << 20))
    reader = threading.Timer(0.03, _read, (ends[1], 1 << 20))
    if least:
        with pytest.raises(ClientDisconnected):
            channel.write_soon(b"more")
        assert channel.will_close
    else:
        reader.start()
        channel.write_soon(b"more")
    channel.close()
    if not least:
        reader.join()

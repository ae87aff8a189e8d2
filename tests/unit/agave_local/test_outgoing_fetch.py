"""Files and connections that the tenant asks for by itself."""

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from agave_local.outgoing.policy import Outgoing, Reach, Refused, Unreachable

Serve = Callable[[bytes], int]


@pytest.fixture(name="serve")
def _serve() -> Iterator[Serve]:
    """Return what answers every connection to a new port with the same bytes."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def answer(listener: socket.socket, data: bytes) -> None:
        try:
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4_096)
                    connection.sendall(data)
        except OSError:
            return

    def serve(data: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threads.append(threading.Thread(target=answer, args=(listener, data)))
        threads[-1].start()
        port: int = listener.getsockname()[1]
        return port

    yield serve
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join()


def _fetch(outgoing: Outgoing, url: str) -> bytes:
    taken = bytearray()
    outgoing.fetch(url, taken.extend)
    return bytes(taken)


def test_fetch_a_file(serve: Serve) -> None:
    """A file is taken in whole, with or without a length."""
    for head in (b"", b"Content-Length: 4\r\n"):
        port = serve(b"HTTP/1.1 200 OK\r\n%s\r\ndata" % head)
        assert _fetch(Outgoing(), f"http://127.0.0.1:{port}/f?x=1") == b"data"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "answered 404"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ndata", "gave no file"),
        (b"220 mail\r\n", "gave no file"),
        (b"", "gave no file"),
    ],
)
def test_what_is_no_file(serve: Serve, answer: bytes, reason: str) -> None:
    """A refusal, half an answer and no HTTP at all are no file."""
    with pytest.raises(Unreachable, match=reason):
        _fetch(Outgoing(), f"http://127.0.0.1:{serve(answer)}/")


def test_redirections(serve: Serve) -> None:
    """A redirection is followed where its address may be called, and not for ever."""
    moved = b"HTTP/1.1 302 Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
    end = serve(b"HTTP/1.1 200 OK\r\n\r\ndata")
    port = serve(moved % b"http://127.0.0.1:%d/f" % end)
    assert _fetch(Outgoing(), f"http://127.0.0.1:{port}/") == b"data"

    port = serve(moved % b"http://169.254.169.254/")
    with pytest.raises(Refused, match="never called"):
        _fetch(Outgoing(), f"http://127.0.0.1:{port}/")
    with pytest.raises(Unreachable, match="too many redirections"):
        _fetch(Outgoing(), f"http://127.0.0.1:{serve(moved % b'/again')}/")
    with pytest.raises(Refused):
        _fetch(Outgoing(), f"http://127.0.0.1:{serve(moved % b'file:///etc/passwd')}/")


def test_a_redirection_to_nowhere(serve: Serve) -> None:
    """What a server says that is no address is refused, not a failure of ours."""
    answer = b"HTTP/1.1 302 Moved\r\nLocation: http://[x\r\n\r\n"

    with pytest.raises(Refused, match="no URL"):
        _fetch(Outgoing(), f"http://127.0.0.1:{serve(answer)}/")


def test_nothing_of_the_tenants_own(serve: Serve) -> None:
    """The tenant's own port is neither fetched from nor connected to."""
    port = serve(b"HTTP/1.1 200 OK\r\n\r\ndata")
    outgoing = Outgoing(own_ports=[port])

    with pytest.raises(Refused):
        _fetch(outgoing, f"http://127.0.0.1:{port}/f")
    with pytest.raises(Refused):
        _fetch(outgoing, f"http://127.0.0.1:{port}/actors/x/messages")
    with pytest.raises(Refused):
        outgoing.dial("127.0.0.1", port)


def test_only_where_it_is_allowed(serve: Serve) -> None:
    """What may not be called is not connected to, by any name."""
    port = serve(b"data")
    for allow in ([], [Reach.PUBLIC]):
        outgoing = Outgoing(allow)
        with pytest.raises(Refused):
            outgoing.dial("127.0.0.1", port)
        with pytest.raises(Refused):
            _fetch(outgoing, f"http://127.0.0.1:{port}/")
    local = [ipaddress.ip_address("127.0.0.1")]
    renamed = Outgoing([Reach.PUBLIC], resolve=lambda _host, _port: local)
    with pytest.raises(Refused):
        renamed.dial("data.example", port)


def test_connect_only(serve: Serve) -> None:
    """A connection can be had without a word being said."""
    with Outgoing().dial("127.0.0.1", serve(b"SSH-2.0")) as connection:
        connection.sendall(b"hello")
        assert connection.recv(7, socket.MSG_WAITALL)[:4] == b"SSH-"


def test_nobody_is_there() -> None:
    """A closed port is told as such."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match="can't be reached"):
        Outgoing().dial("127.0.0.1", port)


def test_a_file_of_a_test() -> None:
    """A test gives files itself; the longest beginning of an address counts."""
    outgoing = Outgoing([])
    outgoing.provide("https://data.example/", lambda url: url.encode())
    outgoing.provide("https://data.example/b", lambda _: b"b")

    outgoing.check("https://data.example/x")
    assert _fetch(outgoing, "https://data.example/a") == b"https://data.example/a"
    assert _fetch(outgoing, "https://data.example/bc") == b"b"

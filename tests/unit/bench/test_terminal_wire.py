"""The benchmark's own WebSocket client, against the library's server."""

import contextlib
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from bench.terminals.processes import (
    Memory,
    family,
    memory,
    parent,
    processor_seconds,
)
from bench.terminals.wire import BINARY, TEXT, Wire, WireClosed, masked

LARGE = bytes(range(256)) * 8192  # more than the client's buffer at first


def echo(connection: ServerConnection) -> None:
    """Send back what comes, after a ping that has to be answered."""
    # The client goes without a word.
    with contextlib.suppress(ConnectionClosed):
        for message in connection:
            assert connection.ping().wait(5)
            if message == "end":
                connection.close(1000, "told to")
            connection.send(message)


def refuse(connection: ServerConnection, request: Request) -> Response | None:
    """Have one path that is no WebSocket's."""
    if request.path == "/":
        return None
    return connection.respond(HTTPStatus.NOT_FOUND, "no")


@pytest.fixture(name="url", scope="module")
def _url() -> Iterator[str]:
    with serve(
        echo, "127.0.0.1", 0, compression=None, max_size=None, process_request=refuse
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, len(LARGE)])
def test_frames_of_every_length_go_both_ways(url: str, size: int) -> None:
    """What is sent comes back the same, and a ping in between is answered."""
    wire = Wire(url)
    wire.send(BINARY, LARGE[:size])

    # The ping comes before the answer: it must be read for that to come.
    assert wire.receive() == (BINARY, LARGE[:size])
    wire.close()


def test_a_close_is_told_with_its_reason(url: str) -> None:
    """Who is waiting for a frame learns why none will come."""
    wire = Wire(url)
    wire.send(TEXT, b"end")

    with pytest.raises(WireClosed, match="told to"):
        wire.receive()
    wire.close()


def test_silence_is_a_timeout(url: str) -> None:
    """A server that says nothing is not waited for longer than asked."""
    wire = Wire(url)

    with pytest.raises(TimeoutError):
        wire.receive(0.01)
    wire.close()


def test_a_refused_handshake_is_told(url: str) -> None:
    """An address that is no WebSocket's is refused by its answer's first line."""
    with pytest.raises(WireClosed, match="404"):
        Wire(f"{url}elsewhere")


def test_masking_is_its_own_inverse() -> None:
    """Masked twice is not masked."""
    assert (
        masked(masked(LARGE[:7], b"\x01\x02\x03\x04"), b"\x01\x02\x03\x04")
        == (LARGE[:7])
    )


def test_what_the_kernel_tells_of_processes_is_read(tmp_path: Path) -> None:
    """Memory, processor time and the family come from the files of /proc."""
    for pid, children in (("7", "8 "), ("8", "")):
        task = tmp_path / pid / "task" / pid
        task.mkdir(parents=True)
        (task / "children").write_text(children)
        (task / "schedstat").write_text("2500000000 17 3\n")
    (tmp_path / "8" / "stat").write_text("8 (a ) b) S 7 1 1\n")
    (tmp_path / "8" / "smaps_rollup").write_text(
        "0-1 ---p 0 00:00 0 [rollup]\nRss: 20 kB\nPss: 10 kB\nPss_Anon: 5 kB\n"
    )

    assert family(7, tmp_path) == [7, 8]
    assert parent(8, tmp_path) == 7
    assert processor_seconds(7, tmp_path) == 2.5
    assert memory(8, tmp_path) == Memory(10 * 1024, 5 * 1024, 20 * 1024)

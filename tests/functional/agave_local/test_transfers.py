"""Large files through a served tenant, byte by byte on the connection."""

import http.client
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from agave_local.services.jobs.testing import STORAGE, add_storage
from agave_local.testing import LocalAgave, served_agave

MEDIA = f"/files/v2/media/system/{STORAGE}"
MARK = "0123456789abcdef"
DATA = os.urandom(1 << 20) * 6 + b"end"
BEFORE = (
    f"--{MARK}\r\nContent-Disposition: form-data; "
    'name="fileToUpload"; filename="big"\r\n\r\n'
).encode()
FORM = BEFORE + DATA + f"\r\n--{MARK}--\r\n".encode()


@pytest.fixture(name="agave")
def _agave(tmp_path: Path) -> Iterator[LocalAgave]:
    with served_agave(tmp_path / "data") as agave:
        add_storage(agave.tenant)
        listing = f"/files/v2/listings/system/{STORAGE}/anna"
        agave.client("anna").get(listing).raise_for_status()
        yield agave


@pytest.fixture(name="connection")
def _connection(agave: LocalAgave) -> Iterator[socket.socket]:
    parts = urlsplit(agave.base_url)
    address = (parts.hostname or "", parts.port or 0)
    with socket.create_connection(address, 10) as connection:
        yield connection


def _head(token: str, path: str = "anna", **headers: str) -> bytes:
    lines = [
        f"POST {MEDIA}/{path} HTTP/1.1",
        "Host: h",
        f"Authorization: Bearer {token}",
        f"Content-Type: multipart/form-data; boundary={MARK}",
        f"Content-Length: {len(FORM)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _answer(connection: socket.socket) -> tuple[int, bytes]:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    with answer:
        return answer.status, answer.read()


def _kept(agave: LocalAgave) -> bytes:
    home = agave.tenant.settings.data / "storage" / STORAGE / "anna"
    return (home / "big").read_bytes()


def _incoming(agave: LocalAgave) -> list[str]:
    incoming = agave.tenant.files.storage.incoming
    return [path.name for path in incoming.iterdir()] if incoming.exists() else []


def test_upload_and_download(agave: LocalAgave, connection: socket.socket) -> None:
    """A large file comes in and goes out, twice on one connection."""
    token = agave.token("anna")
    fetch = f"GET {MEDIA}/anna/big HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}"
    for _ in range(2):
        connection.sendall(_head(token) + FORM)
        assert _answer(connection)[0] == 202
        connection.sendall(f"{fetch}\r\n\r\n".encode())
        assert _answer(connection) == (200, DATA)
        part = f"{fetch}\r\nRange: bytes=100000-5000000\r\n\r\n"
        connection.sendall(part.encode())
        assert _answer(connection) == (206, DATA[100_000:5_000_001])
    assert _kept(agave) == DATA
    assert _incoming(agave) == []


def test_requests_one_after_the_other(
    agave: LocalAgave, connection: socket.socket
) -> None:
    """An upload that is sent before an earlier answer has come waits its turn."""
    token = agave.token("anna")
    first = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
    connection.sendall(first + _head(token) + FORM)

    assert _answer(connection)[0] == 200
    assert _answer(connection)[0] == 202
    assert _kept(agave) == DATA


def test_wait_for_a_word(agave: LocalAgave, connection: socket.socket) -> None:
    """A caller who waits is asked to send, once it is known that it is welcome."""
    connection.sendall(_head(agave.token("anna"), Expect="100-continue"))
    line = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert connection.recv(len(line), socket.MSG_WAITALL) == line
    connection.sendall(FORM)

    assert _answer(connection)[0] == 202
    assert _kept(agave) == DATA


@pytest.mark.parametrize(("path", "status"), [("anna", 401), ("bob", 403)])
def test_refuse_before_the_body(
    agave: LocalAgave, connection: socket.socket, path: str, status: int
) -> None:
    """A caller who waits for a word, and is not welcome, sends nothing."""
    token = agave.token("anna") if path == "bob" else "wrong"
    connection.sendall(_head(token, path, Expect="100-continue"))

    assert _answer(connection)[0] == status
    assert connection.recv(1) == b""


@pytest.mark.parametrize(("path", "status"), [("anna", 401), ("anna/none", 404)])
def test_refuse_while_the_body_comes(
    agave: LocalAgave, connection: socket.socket, path: str, status: int
) -> None:
    """A caller who sends at once reads the refusal, not a broken connection."""
    token = "wrong" if status == 401 else agave.token("anna")
    connection.sendall(_head(token, path) + FORM)

    assert _answer(connection)[0] == status
    assert _incoming(agave) == []


def test_a_caller_goes_away(agave: LocalAgave, connection: socket.socket) -> None:
    """Of an upload that breaks off nothing is kept, and the tenant goes on."""
    connection.sendall(_head(agave.token("anna")) + FORM[: len(FORM) // 2])
    for _ in range(1_000):
        if _incoming(agave):
            break
        time.sleep(0.005)
    connection.close()
    for _ in range(1_000):
        if not _incoming(agave):
            break
        time.sleep(0.005)

    assert _incoming(agave) == []
    listing = f"/files/v2/listings/system/{STORAGE}/anna"
    assert len(agave.client("anna").get(listing).json()["result"]) == 1


def test_a_reader_goes_away(agave: LocalAgave, connection: socket.socket) -> None:
    """A download that nobody reads to its end gives its file back."""
    token = agave.token("anna")
    connection.sendall(_head(token) + FORM)
    _answer(connection)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count
    fetch = f"GET {MEDIA}/anna/big HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}"
    connection.sendall(f"{fetch}\r\n\r\n".encode())
    assert connection.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200"
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()

    for _ in range(1_000):
        if len(os.listdir("/proc/self/fd")) < before:  # noqa: PTH208 - a count
            return
        time.sleep(0.005)
    raise AssertionError


def test_upload_through_a_postit(agave: LocalAgave, connection: socket.socket) -> None:
    """A postit for an upload takes a large file from anybody."""
    body = {"url": f"{agave.base_url}{MEDIA}/anna", "method": "POST"}
    postit = agave.client("anna").post("/postits/v2", json=body).json()["result"]
    head = _head("none").replace(f"{MEDIA}/anna".encode(), b"%s")
    connection.sendall(head % urlsplit(postit["url"]).path.encode() + FORM)

    assert _answer(connection)[0] == 202
    assert _kept(agave) == DATA


def test_a_file_that_shrinks(agave: LocalAgave, connection: socket.socket) -> None:
    """A file that becomes shorter on its way ends the connection, not the tenant."""
    home = agave.tenant.settings.data / "storage" / STORAGE / "anna"
    with (home / "big").open("wb") as file:
        file.truncate(1 << 30)
    token = agave.token("anna")
    fetch = f"GET {MEDIA}/anna/big HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}"
    connection.sendall(f"{fetch}\r\n\r\n".encode())
    connection.recv(100)
    os.truncate(home / "big", 1 << 10)

    with pytest.raises(http.client.HTTPException):
        _read_to_end(connection)


def _read_to_end(connection: socket.socket) -> None:
    size = 0
    while piece := connection.recv(1 << 20):
        size += len(piece)
    if size < 1 << 30:
        raise http.client.IncompleteRead(b"", size)


def test_chunked_bodies_of_strangers(connection: socket.socket) -> None:
    """Of who has no good token little is kept, where the length is not told."""
    head = _head("wrong").replace(
        f"Content-Length: {len(FORM)}".encode(), b"Transfer-Encoding: chunked"
    )
    connection.sendall(head + b"%x\r\n" % len(FORM) + FORM[: (1 << 20) + 10])

    assert _answer(connection)[0] == 413


def test_chunked_bodies_of_users(agave: LocalAgave, connection: socket.socket) -> None:
    """Who has a good token may leave the length open."""
    head = _head(agave.token("anna")).replace(
        f"Content-Length: {len(FORM)}".encode(), b"Transfer-Encoding: chunked"
    )
    connection.sendall(head + b"%x\r\n" % len(FORM) + FORM + b"\r\n0\r\n\r\n")

    assert _answer(connection)[0] == 202
    assert _kept(agave) == DATA


def test_large_bodies_of_strangers_are_not_kept(connection: socket.socket) -> None:
    """Where a token is refused, that is said before the body is there."""
    head = _head("wrong").replace(f"{MEDIA}/anna".encode(), b"/meta/v2/data")
    connection.sendall(head + FORM[:100])
    connection.settimeout(1)

    assert _answer(connection)[0] == 401

"""What no proper client would send, byte by byte, to the served tenant."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from agave_local.app import all_routes
from agave_local.testing import LocalAgave, served_agave

LONG = b"x" * 100_000


@pytest.fixture(name="agave", scope="module")
def _agave(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAgave]:
    with served_agave(tmp_path_factory.mktemp("raw") / "data") as agave:
        yield agave


def _send(agave: LocalAgave, raw: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    """Send bytes, and read one answer to the end of the connection or its length."""
    parts = urlsplit(agave.base_url)
    with socket.create_connection((parts.hostname, parts.port or 80), 10) as connection:
        connection.sendall(raw)
        reader = connection.makefile("rb")
        status = int(reader.readline().split()[1])
        headers = {}
        while line := reader.readline().rstrip(b"\r\n"):
            name, _, value = line.partition(b": ")
            headers[name.lower()] = value
        return status, headers, reader.read(int(headers.get(b"content-length", b"0")))


def _ask(
    agave: LocalAgave,
    address: bytes = b"/meta/v2/data",
    *headers: bytes,
    method: bytes = b"GET",
) -> tuple[int, dict[bytes, bytes], bytes]:
    head = b"\r\n".join([b"%s %s HTTP/1.1" % (method, address), *headers])
    return _send(agave, head + b"\r\nHost: x\r\n\r\n")


def _check_refusal(answer: tuple[int, dict[bytes, bytes], bytes], status: int) -> None:
    """Check that an answer is a refusal in the envelope, which shows nothing inside."""
    code, headers, body = answer
    assert status == code
    assert headers[b"content-type"] == b"application/json"
    refusal = json.loads(body)
    assert refusal.get("status") == "error" or "fault" in refusal
    for inside in (b"Traceback", b".py", b"waitress", b"werkzeug"):
        assert inside not in body


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\nGET\r\n\r\n",
        b"GET /\r\n\r\nX",
        b"get / HTTP/1.1\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1 x\r\n\r\n",
        b"GET / HTTP/1.1\r\nNo colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nA\x00: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nA : b\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded: b\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1e3\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: \xd9\xa5\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdefgh\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_no_request_at_all(agave: LocalAgave, raw: bytes) -> None:
    """Bytes that are no request are refused, and the connection ends."""
    answer = _send(agave, raw)

    if raw.startswith(b"GET /\r\n"):
        assert answer[0] == 302  # a request of HTTP 0.9, if an old one
        return
    _check_refusal(answer, 400)
    assert answer[1][b"connection"] == b"close"


@pytest.mark.parametrize("encoding", [b"gzip", b"gzip, chunked", b"x"])
def test_unknown_transfer_encoding(agave: LocalAgave, encoding: bytes) -> None:
    """A transfer encoding that the tenant does not know is said not to be known."""
    answer = _ask(agave, b"/", b"Transfer-Encoding: " + encoding, method=b"POST")

    _check_refusal(answer, 501)


def test_absurd_lengths(agave: LocalAgave) -> None:
    """A body that no address takes is refused before it is sent."""
    for length in (b"99999999999", b"9" * 40):
        header = b"Content-Length: " + length
        _check_refusal(_ask(agave, b"/meta/v2/data", header, method=b"POST"), 413)


def test_too_many_headers(agave: LocalAgave) -> None:
    """Headers without end are refused; so is one that is very long."""
    _check_refusal(_ask(agave, b"/", b"X-A: " + LONG), 431)
    many = [b"X-%d: y" % number for number in range(9000)]
    _check_refusal(_ask(agave, b"/", *many), 431)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (b"/\xff\xfe", 400),
        (b"/%ff%fe", 400),
        (b"/meta/v2/data/%c3%28", 400),
        (b"/meta/v2/data?q=\xff", 400),
        (b"/meta/v2/data?q=%ff", 401),
        (b"/meta/v2/data?%zz=%z&&&=&=", 401),
        (b"/%zz", 404),
        (b"/%", 404),
        (b"/%00", 404),
        (b"/a%0d%0aX-Evil:%20b", 404),
        (b"//evil.example.org/%2e%2e/", 404),
        (b"http://evil.example.org/x", 404),
        (b"*", 404),
        (b"/" + b"x" * 40_000, 414),
        (b"/?" + b"&".join([b"a=b"] * 10_000), 414),
        (b"/actors/%ff/messages?x-nonce=\xff", 400),
        (b"/actors/v2/x/messages?_abaco_synchronous=\xff", 400),
    ],
)
def test_odd_addresses(agave: LocalAgave, address: bytes, status: int) -> None:
    """An address is refused as what it is, and nothing of it gets into a header."""
    answer = _ask(agave, address)

    _check_refusal(answer, status)
    assert b"x-evil" not in answer[1]


@pytest.mark.parametrize(
    "header",
    [
        b"Authorization: Bearer a\r\nAuthorization: Bearer b",
        b"Authorization: Basic \xff\xff",
        b"Authorization: Basic ====",
        b"Authorization: Bearer \xff\x80",
        b"Authorization: " + b"B" * 30_000,
        b"X-Jwt-Assertion-LOCAL: \xff.\xff.\xff",
        b"X-Jwt-Assertion-\xff: a",
        b"Cookie: a=b; \xff=\xff; ;;=",
        b"Content-Type: \xff/\xff; charset=\xff",
        b"Accept: ;;;q=nan",
        b"Range: bytes=9-1,\xff",
        b"If-Modified-Since: never",
        b"X-Request-Id: \xff\r\nX-Request-Id: a",
        b"X-Forwarded-For: \xff, 1.2.3.4",
        b'Forwarded: for="_x',
        b"Host: a\r\nHost: \xff",
        b"Expect: the worst",
        b"Upgrade: websocket\r\nConnection: Upgrade",
    ],
)
def test_odd_headers(agave: LocalAgave, header: bytes) -> None:
    """Whatever a header has, a call without a good token is refused as one."""
    status = 400 if b"-\xff:" in header else 401

    for address in (b"/meta/v2/data", b"/clients/v2"):
        _check_refusal(_ask(agave, address, header), status)


@pytest.mark.parametrize(
    "method", [b"TRACE", b"CONNECT", b"PATCH", b"PROPFIND", b"X-Y", b"DELETE", b"'"]
)
def test_methods(agave: LocalAgave, method: bytes) -> None:
    """A method that an address does not know is refused, in the service's words."""
    answer = _ask(agave, b"/meta/v2/data", b"X-Secret: mirror", method=method)
    _check_refusal(answer, 405)
    assert b"mirror" not in answer[2]

    _check_refusal(_ask(agave, b"/actors/x/state", method=method), 405)


def test_head_and_options_everywhere(agave: LocalAgave) -> None:
    """Every address answers HEAD without a body, and OPTIONS to anybody."""
    for rule in {route.rule for route in all_routes()}:
        address = rule.replace("<", "").replace(">", "").replace(":", "").encode()
        status, headers, body = _ask(agave, address, method=b"OPTIONS")
        assert (status, body) == (200, b"")
        raw = b"HEAD %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % address
        parts = urlsplit(agave.base_url)
        with socket.create_connection((parts.hostname, parts.port or 80), 10) as peer:
            peer.sendall(raw)
            answer = b"".join(iter(lambda: peer.recv(65536), b""))
        head, _, rest = answer.partition(b"\r\n\r\n")
        assert rest == b"", address
        assert int(head.split()[1]) < 500, address
        assert b"x-request-id" in headers


def test_two_requests_in_one(agave: LocalAgave) -> None:
    """A second request that hides in the body of the first is not answered."""
    inner = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    raw = (
        b"POST /meta/v2/data HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n"
        b"Connection: close\r\n\r\n%s" % (len(inner), inner)
    )
    parts = urlsplit(agave.base_url)
    with socket.create_connection((parts.hostname, parts.port or 80), 10) as peer:
        peer.sendall(raw)
        answer = b"".join(iter(lambda: peer.recv(65536), b""))

    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith(b"HTTP/1.1 401 ")


def test_goes_on(agave: LocalAgave) -> None:
    """After all that, the tenant answers as ever."""
    assert agave.client("anna").get("/meta/v2/data").ok
    assert agave.anonymous().get("/readyz").ok

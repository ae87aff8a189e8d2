"""The request that opens a WebSocket, and those that do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.typing import Origin, Subprotocol
from websockets.uri import parse_uri

from webterm.handshake import (
    HandshakeError,
    Request,
    accept_key,
    answer_plainly,
    answer_upgrade,
    read_request,
)

PROTOCOL = "ipt.terminal.v1"
NOT_13 = "That is not a WebSocket of version 13."
NO_KEY = "The WebSocket's key is not one."
GOOD = {
    "Host": "127.0.0.1",
    "Upgrade": "WebSocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": f"chat, {PROTOCOL}",
}


def head(first: str = "GET / HTTP/1.1", **changes: str) -> bytearray:
    """Return a request; underscores in names are hyphens."""
    values = GOOD | {name.replace("_", "-"): text for name, text in changes.items()}
    lines = [first, *(f"{name}: {text}" for name, text in values.items())]
    return bytearray("\r\n".join((*lines, "", "")).encode())


def ask(received: bytearray) -> bytes:
    """Return the answer to a request."""
    request = read_request(received)
    assert request is not None
    return answer_upgrade(request, PROTOCOL)


def refusal(received: bytearray) -> tuple[int, str]:
    """Return how a request is refused."""
    with pytest.raises(HandshakeError) as refused:
        ask(received)
    return refused.value.status, str(refused.value)


def test_good_request_is_accepted() -> None:
    """The answer has the proof of the standard's own example."""
    request = read_request(head(Origin="http://site"))

    assert request is not None
    assert (request.path, request.origin) == ("/", "http://site")
    answer = answer_upgrade(request, PROTOCOL).decode()
    assert answer.startswith("HTTP/1.1 101 ")
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in answer
    assert f"Sec-WebSocket-Protocol: {PROTOCOL}\r\n" in answer


def test_half_a_request_is_waited_for() -> None:
    """A head that comes in parts is read when it is whole; the rest is left."""
    received = head()
    rest = received[40:]
    del received[40:]
    early = read_request(received)
    received += rest + b"frames"

    assert early is None
    assert isinstance(read_request(received), Request)
    assert received == b"frames"


def test_program_has_no_origin() -> None:
    """What is not a page is told apart from a page without a name."""
    request = read_request(head())

    assert request is not None
    assert request.origin is None


def test_repeated_headers_are_one_list() -> None:
    """A second Origin can't hide behind the first."""
    request = read_request(
        bytearray(b"GET / HTTP/1.0\r\nOrigin: a\r\nORIGIN: b\r\n\r\n")
    )

    assert request is not None
    assert request.origin == "a, b"


@pytest.mark.parametrize(
    ("received", "status", "message"),
    [
        (head("POST / HTTP/1.1"), 405, "There is only GET."),
        (head("GET / HTTP/2"), 400, "That is not a request."),
        (head("nonsense"), 400, "That is not a request."),
        (head(**{f"x{n}": "" for n in range(70)}), 400, "That is not a request."),
        (bytearray(b"GET / HTTP/1.1\r\nx\r\n\r\n"), 400, "That is not a header."),
        (bytearray(b"GET / HTTP/1.1\r\n x: y\r\n\r\n"), 400, "That is not a header."),
        (bytearray(b"x" * 8192), 431, "The request is too long."),
        (head(Upgrade="h2c"), 426, "There is only a WebSocket here."),
        (head(Connection="close"), 426, "There is only a WebSocket here."),
        (head(Sec_WebSocket_Version="8"), 426, NOT_13),
        (head(Sec_WebSocket_Version=""), 426, NOT_13),
        (head(Sec_WebSocket_Key="short"), 400, NO_KEY),
        (head(Sec_WebSocket_Key="ü"), 400, NO_KEY),
        (head("GET / HTTP/1.0"), 426, "There is only a WebSocket here."),
        (bytearray(b"GET / HTTP/1.1\r\n\r\n"), 400, "There must be one Host."),
        (head(host="evil"), 400, "There must be one Host."),
        (head(Content_Length="5"), 400, "There is no room for a body."),
        (head(Content_Length="0, 0"), 400, "There is no room for a body."),
        (head(Transfer_Encoding="chunked"), 400, "There is no room for a body."),
        (head(**{"X ": "y"}), 400, "That is not a header."),
        (head(X="y\r\n folded"), 400, "That is not a header."),
        (head(X="y\nOrigin: http://site"), 400, "That is not a header."),
        (head(X="y\rOrigin: http://site"), 400, "That is not a header."),
        (head(X="y\0"), 400, "That is not a header."),
        (head(sec_WebSocket_Key=GOOD["Sec-WebSocket-Key"]), 400, NO_KEY),
        (head(sec_WebSocket_Version="13"), 426, NOT_13),
        (
            head(Sec_WebSocket_Protocol="chat"),
            400,
            "The subprotocol must be ipt.terminal.v1.",
        ),
    ],
)
def test_other_requests_are_refused(
    received: bytearray, status: int, message: str
) -> None:
    """Whatever is not a good handshake is told what is missing."""
    assert refusal(received) == (status, message)


def test_plain_answers_are_whole() -> None:
    """A plain answer ends the connection, and 426 says what there is instead."""
    assert answer_plainly(200, "hello").endswith(b"\r\n\r\nhello\n")
    assert b"Content-Length: 6\r\n" in answer_plainly(200, "hello")
    assert b"\r\nConnection: close\r\n" in answer_plainly(200, "hello")
    refused = answer_plainly(426, "no")
    assert b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" in refused
    assert b"\r\nConnection: close, Upgrade\r\n" in refused
    assert b"\r\nAllow: GET\r\n" in answer_plainly(405, "no")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/ready", "/ready"),
        ("http://127.0.0.1:8080/ready", "/ready"),
        ("HTTP://site", "/"),
        ("ws://site/a://b", "/a://b"),
        ("/a://b", "/a://b"),
        ("javascript://x", "javascript://x"),
        ("*", "*"),
    ],
)
def test_target_may_be_a_whole_address(target: str, path: str) -> None:
    """So a proxy may ask; what it asks for is the path in it."""
    request = read_request(head(f"GET {target} HTTP/1.1"))

    assert request is not None
    assert request.path == path


@given(st.integers(1, 60), st.sampled_from(["", "http://site", "null"]))
def test_library_of_others_is_understood(step: int, origin: str) -> None:
    """What `websockets` asks is answered so that it is content, however it is cut."""
    client = ClientProtocol(
        parse_uri("ws://127.0.0.1/"),
        origin=Origin(origin) if origin else None,
        subprotocols=[Subprotocol("other"), Subprotocol(PROTOCOL)],
    )
    client.send_request(client.connect())
    sent = b"".join(client.data_to_send())
    received = bytearray()
    request = None
    for start in range(0, len(sent), step):
        assert request is None
        received += sent[start : start + step]
        request = read_request(received)
    assert request is not None
    client.receive_data(answer_upgrade(request, PROTOCOL))

    assert request.origin == (origin or None)
    assert (client.state, client.handshake_exc) == (State.OPEN, None)
    assert client.subprotocol == PROTOCOL


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_noise_is_answered_or_waited_for(noise: bytes) -> None:
    """Whatever comes, there is a plain answer to it."""
    for received in (noise + b"\r\n\r\n", b"GET / HTTP/1.1\r\n" + noise + b"\r\n\r\n"):
        try:
            request = read_request(bytearray(received))
            assert request is not None
            answer = answer_upgrade(request, PROTOCOL)
        except HandshakeError as error:
            answer = answer_plainly(error.status, str(error))
        assert answer.startswith(b"HTTP/1.1 4")


def test_key_is_answered_as_the_standard_says() -> None:
    """The example of RFC 6455."""
    assert accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

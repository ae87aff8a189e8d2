"""The request that opens a WebSocket, and those that do not."""

import pytest

from webterm.handshake import (
    HandshakeError,
    Request,
    accept_key,
    answer_plainly,
    answer_upgrade,
    read_request,
)

PROTOCOL = "ipt.terminal.v1"
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
        (
            head(Sec_WebSocket_Version="8"),
            426,
            "That is not a WebSocket of version 13.",
        ),
        (head(Sec_WebSocket_Version=""), 426, "That is not a WebSocket of version 13."),
        (head(Sec_WebSocket_Key="short"), 400, "The WebSocket's key is not one."),
        (head(Sec_WebSocket_Key="ü"), 400, "The WebSocket's key is not one."),
        (head("GET / HTTP/1.0"), 426, "There is only a WebSocket here."),
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
    assert b"Upgrade: websocket\r\n" in answer_plainly(426, "no")


def test_key_is_answered_as_the_standard_says() -> None:
    """The example of RFC 6455."""
    assert accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

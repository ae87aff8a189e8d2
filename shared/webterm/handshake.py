"""The HTTP before the WebSocket: one request, one answer (RFC 6455, section 4)."""

import base64
import binascii
import hashlib
from typing import NamedTuple

MOST_HEAD_BYTES = 8 * 1024
MOST_LINES = 64
KEY_BYTES = 16
VERSION = "13"
SALT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
PHRASES = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    426: "Upgrade Required",
    431: "Request Header Fields Too Large",
}


class HandshakeError(Exception):
    """The request gets no WebSocket; the message is its answer.

    Attributes:
        status: The HTTP status.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Request(NamedTuple):
    """The head of a request."""

    path: str
    headers: dict[str, str]

    @property
    def origin(self) -> str | None:
        """The page that asks; None for a program."""
        return self.headers.get("origin")


def read_request(received: bytearray) -> Request | None:
    """Take a request's head out of what came; None where it is not whole yet.

    Raises:
        HandshakeError: It is not a request that we answer.
    """
    end = received.find(b"\r\n\r\n", 0, MOST_HEAD_BYTES)
    if end < 0:
        if len(received) >= MOST_HEAD_BYTES:
            raise HandshakeError(431, "The request is too long.")
        return None
    # Latin-1 takes every byte; what is not ASCII matches nothing below.
    first, *lines = received[:end].decode("latin-1").split("\r\n")
    del received[: end + 4]
    method, _, rest = first.partition(" ")
    path, _, version = rest.partition(" ")
    if version not in {"HTTP/1.1", "HTTP/1.0"} or len(lines) > MOST_LINES:
        raise HandshakeError(400, "That is not a request.")
    if method != "GET":
        raise HandshakeError(405, "There is only GET.")
    return Request(path, read_headers(lines))


def read_headers(lines: list[str]) -> dict[str, str]:
    """Return headers by their names in lower case; repeated ones are joined.

    Raises:
        HandshakeError: A line is not a header.
    """
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or not name or name != name.strip():
            raise HandshakeError(400, "That is not a header.")
        value = value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def answer_upgrade(request: Request, subprotocol: str) -> bytes:
    """Return the answer that makes the connection a WebSocket.

    Raises:
        HandshakeError: It is not a request for one that speaks our protocol.
    """
    headers = request.headers
    if headers.get("upgrade", "").lower() != "websocket" or "upgrade" not in words(
        headers.get("connection", "").lower()
    ):
        raise HandshakeError(426, "There is only a WebSocket here.")
    key = headers.get("sec-websocket-key", "")
    if headers.get("sec-websocket-version") != VERSION or not is_key(key):
        raise HandshakeError(400, "That is not a WebSocket of version 13.")
    if subprotocol not in words(headers.get("sec-websocket-protocol", "")):
        raise HandshakeError(400, f"The subprotocol must be {subprotocol}.")
    return (
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept_key(key)}\r\n"
        f"Sec-WebSocket-Protocol: {subprotocol}\r\n"
        "\r\n"
    ).encode()


def words(text: str) -> set[str]:
    """Return the parts of a header that is a list."""
    return {word.strip() for word in text.split(",")}


def is_key(text: str) -> bool:
    """Return whether a header is 16 bytes in base64."""
    try:
        return len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except (ValueError, binascii.Error):
        return False


def accept_key(key: str) -> str:
    """Return the proof that the server has understood the request."""
    digest = hashlib.sha1(key.encode() + SALT, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def answer_plainly(status: int, text: str) -> bytes:
    """Return an answer that is not a WebSocket."""
    body = f"{text}\n".encode()
    upgrade = "Upgrade: websocket\r\n" if status == 426 else ""  # noqa: PLR2004 - HTTP's
    head = (
        f"HTTP/1.1 {status} {PHRASES[status]}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"{upgrade}"
        "Connection: close\r\n"
        "\r\n"
    )
    return head.encode() + body

"""The HTTP before the WebSocket: one request, one answer.

RFC 6455, section 4; RFC 9112, sections 2, 3 and 5, of which the strict reading is
taken: a proxy before us must not see another request than we do.
"""

import base64
import binascii
import string
from typing import NamedTuple

from cryptography.hazmat.primitives.hashes import SHA1, Hash

MOST_HEAD_BYTES = 8 * 1024
MOST_LINES = 64
KEY_BYTES = 16
VERSION = "13"
SALT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SCHEMES = {"http", "https", "ws", "wss"}
NAME_CHARACTERS = frozenset("!#$%&'*+-.^_`|~" + string.ascii_letters + string.digits)
BLANKS = " \t"
# Of these none but the tab may be in a head; each ends a line to somebody.
CONTROLS = frozenset(map(chr, (*range(0x20), 0x7F))) - {"\t"}
PHRASES = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    426: "Upgrade Required",
    431: "Request Header Fields Too Large",
}
# What an answer has to say besides (RFC 9110, sections 15.5.6 and 15.5.22).
HINTS = {
    405: "Allow: GET\r\n",
    426: "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
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
    target, _, version = rest.partition(" ")
    if version not in {"HTTP/1.1", "HTTP/1.0"} or len(lines) > MOST_LINES:
        raise HandshakeError(400, "That is not a request.")
    if method != "GET":
        raise HandshakeError(405, "There is only GET.")
    headers = read_headers(lines)
    check_frame(headers, version)
    return Request(path_of(target), headers)


def path_of(target: str) -> str:
    """Return the path of a target, which may be a whole address."""
    scheme, mark, rest = target.partition("://")
    if mark and scheme.lower() in SCHEMES:
        return "/" + rest.partition("/")[2]
    return target


def check_frame(headers: dict[str, str], version: str) -> None:
    """Refuse a request of which it is not clear for whom it is or where it ends.

    Raises:
        HandshakeError: It is one.
    """
    if version == "HTTP/1.0":
        # It knows no such thing (RFC 9110, section 7.8).
        headers.pop("upgrade", None)
    elif "," in headers.get("host", ","):
        raise HandshakeError(400, "There must be one Host.")
    length = headers.get("content-length", "0")
    if length != "0" or "transfer-encoding" in headers:
        raise HandshakeError(400, "There is no room for a body.")


def read_headers(lines: list[str]) -> dict[str, str]:
    """Return headers by their names in lower case; repeated ones are joined.

    Raises:
        HandshakeError: A line is not a header.
    """
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        # A line that goes on the one before begins with a blank: that is no name.
        named = colon and name and NAME_CHARACTERS.issuperset(name)
        if not named or not CONTROLS.isdisjoint(value):
            raise HandshakeError(400, "That is not a header.")
        name, value = name.lower(), value.strip(BLANKS)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def answer_upgrade(request: Request, subprotocol: str) -> bytes:
    """Return the answer that makes the connection a WebSocket.

    Raises:
        HandshakeError: It is not a request for one that speaks our protocol.
    """
    headers = request.headers
    if "websocket" not in words(
        headers.get("upgrade", "").lower()
    ) or "upgrade" not in words(headers.get("connection", "").lower()):
        raise HandshakeError(426, "There is only a WebSocket here.")
    if headers.get("sec-websocket-version") != VERSION:
        raise HandshakeError(426, "That is not a WebSocket of version 13.")
    key = headers.get("sec-websocket-key", "")
    if not is_key(key):
        raise HandshakeError(400, "The WebSocket's key is not one.")
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
    return {word.strip(BLANKS) for word in text.split(",")}


def is_key(text: str) -> bool:
    """Return whether a header is 16 bytes in base64."""
    try:
        return len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except (ValueError, binascii.Error):
        return False


def accept_key(key: str) -> str:
    """Return the proof that the server has understood the request."""
    # hashlib would load a second OpenSSL beside the one in `cryptography`: 3 MB.
    hashing = Hash(SHA1())  # noqa: S303 - RFC 6455 asks for it; it protects nothing
    hashing.update(key.encode() + SALT)
    digest = hashing.finalize()
    return base64.b64encode(digest).decode()


def answer_plainly(status: int, text: str) -> bytes:
    """Return an answer that is not a WebSocket."""
    body = f"{text}\n".encode()
    options = "close, Upgrade" if "Upgrade" in HINTS.get(status, "") else "close"
    head = (
        f"HTTP/1.1 {status} {PHRASES[status]}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"{HINTS.get(status, '')}"
        f"Connection: {options}\r\n"
        "\r\n"
    )
    return head.encode() + body

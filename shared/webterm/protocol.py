"""Terminal protocol, version 1: the frames, both ways, and nothing else.

Reading is strict: an unknown type, a missing or an additional kind of value is a
`BadFrame`, which ends the connection.  docs/terminal-protocol.md tells the story.
"""

import json
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

VERSION = 1
SUBPROTOCOL = "ipt.terminal.v1"
FRAME_BYTES = 64 * 1024
HELLO_BYTES = 8 * 1024
HEADER_BYTES = 8
MOST_CELLS = 1000
LARGEST_POSITION = 2**63 - 1
WINDOW_BYTES = 1 << 20
LEAST_WINDOW_BYTES = 64 * 1024


class Close(IntEnum):
    """Why a connection ended; the numbers are part of the protocol."""

    ENDED = 1000
    FULL = 1013
    BAD_FRAME = 4400
    TICKET = 4401
    ORIGIN = 4403
    LATE = 4408
    TOO_FAST = 4429


class BadFrame(Exception):
    """A frame that the protocol does not know; the message is for its sender."""


class Refusal(Exception):
    """The client is told why it is not served any more.

    Attributes:
        close: The close code.
        code: The error's word, for programs and for the log.
    """

    def __init__(self, close: int, code: str, message: str) -> None:
        super().__init__(message)
        self.close = close
        self.code = code


@dataclass(frozen=True)
class Hello:
    """A client's first frame.

    Attributes:
        window: How much may be on its way to the client; one that shows slowly
            asks for little, so that what it shows is never old.
    """

    ticket: str
    seen: int
    rows: int
    columns: int
    window: int = WINDOW_BYTES


@dataclass(frozen=True)
class Ack:
    """All output below this position has been shown."""

    seen: int


@dataclass(frozen=True)
class Resize:
    """The size of the client's window, in character cells."""

    rows: int
    columns: int


@dataclass(frozen=True)
class Take:
    """The client wants to be the one who types."""


@dataclass(frozen=True)
class Keep:
    """Somebody wants the terminal to live on."""


class EndWarning(NamedTuple):
    """The end that comes next, and in how many seconds; no reason: none is near."""

    reason: str
    seconds: int


NO_WARNING = EndWarning("", 0)

Control = Ack | Resize | Take | Keep


def encode_hello(ticket: str, seen: int, rows: int, columns: int) -> str:
    """Return a client's first frame."""
    return encode(
        "hello",
        version=VERSION,
        ticket=ticket,
        seen=seen,
        rows=rows,
        columns=columns,
    )


def read_hello(frame: str | bytes) -> Hello:
    """Return the first frame's content.

    Raises:
        BadFrame: It is not a hello of this version.
    """
    values = read_object(frame)
    if values.get("type") != "hello":
        raise BadFrame("The first frame must be a hello.")
    if values.get("version") != VERSION:
        raise BadFrame(f"This server speaks version {VERSION} only.")
    ticket = values.get("ticket", "")
    if not isinstance(ticket, str):
        raise BadFrame("ticket must be text.")
    size = read_size(values)
    window = {"window": WINDOW_BYTES, **values}
    return Hello(
        ticket=ticket,
        seen=read_position({"seen": 0, **values}),
        rows=size.rows,
        columns=size.columns,
        window=read_number(window, "window", LEAST_WINDOW_BYTES, WINDOW_BYTES),
    )


def read_control(frame: str) -> Control:
    """Return a later text frame's content.

    Raises:
        BadFrame: It is none of ack, resize, take and keep.
    """
    values = read_object(frame)
    match values.get("type"):
        case "ack":
            return Ack(read_position(values))
        case "resize":
            return read_size(values)
        case "take":
            return Take()
        case "keep":
            return Keep()
        case _:
            raise BadFrame("Unknown type of frame.")


def read_object(frame: str | bytes) -> dict[str, Any]:
    """Return the JSON object in a text frame.

    Raises:
        BadFrame: There is none.
    """
    if not isinstance(frame, str):
        raise BadFrame("A text frame was expected.")
    try:
        values = json.loads(frame)
    except (ValueError, RecursionError) as error:
        raise BadFrame("The frame is not JSON.") from error
    if not isinstance(values, dict):
        raise BadFrame("The frame is not a JSON object.")
    return values


def read_size(values: dict[str, Any]) -> Resize:
    """Return the window's size.

    Raises:
        BadFrame: A side is missing or out of range.
    """
    return Resize(
        rows=read_number(values, "rows", 1, MOST_CELLS),
        columns=read_number(values, "columns", 1, MOST_CELLS),
    )


def read_position(values: dict[str, Any]) -> int:
    """Return the number of bytes seen.

    Raises:
        BadFrame: It is missing or out of range.
    """
    return read_number(values, "seen", 0, LARGEST_POSITION)


def read_number(values: dict[str, Any], name: str, least: int, most: int) -> int:
    """Return a whole number between two limits.

    Raises:
        BadFrame: There is no such number.
    """
    value = values.get(name)
    # bool is an int to Python, not to us.
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadFrame(f"{name} must be a whole number.")
    if not least <= value <= most:
        raise BadFrame(f"{name} must be between {least} and {most}.")
    return value


def encode_position(position: int) -> bytes:
    """Return what comes before output whose first byte has that number."""
    return position.to_bytes(HEADER_BYTES, "big")


def encode_output(position: int, data: bytes) -> bytes:
    """Return the binary frame for output whose first byte has that number."""
    return encode_position(position) + data


def decode_output(frame: bytes) -> tuple[int, bytes]:
    """Return number and bytes of an output frame.

    Raises:
        BadFrame: It is too short to be one.
    """
    if len(frame) < HEADER_BYTES:
        raise BadFrame("The output frame has no number.")
    return int.from_bytes(frame[:HEADER_BYTES], "big"), frame[HEADER_BYTES:]


def encode(kind: str, **values: object) -> str:
    """Return a text frame."""
    return json.dumps({"type": kind, **values}, separators=(",", ":"))

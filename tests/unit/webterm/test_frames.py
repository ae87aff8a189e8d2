"""WebSocket frames, as clients send them and as they should not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from webterm.frames import (
    BINARY,
    CLOSE,
    PING,
    TEXT,
    FrameError,
    FrameReader,
    Message,
    encode_close,
    encode_frame,
    unmask,
)

MASK = b"\x01\x02\x03\x04"


def client_frame(
    kind: int, data: bytes, *, first: int = 0x80, masked: bool = True
) -> bytes:
    """Return a frame as a client sends it."""
    frame = encode_frame(kind, data)
    size = len(frame) - len(data)
    head = bytes([frame[0] & 0x7F | first, frame[1] | (0x80 if masked else 0)])
    return head + frame[2:size] + MASK + unmask(bytearray(data), MASK)


def read_all(reader: FrameReader, data: bytes) -> list[Message]:
    """Return all messages in some bytes."""
    reader.feed(data)
    return list(iter(reader.read, None))


def refusal(data: bytes, most: int = 100) -> int:
    """Return the close code that some bytes get."""
    with pytest.raises(FrameError) as refused:
        read_all(FrameReader(most), data)
    return refused.value.code


@given(st.lists(st.binary(max_size=300)), st.integers(1, 50))
def test_messages_come_out_as_they_went_in(payloads: list[bytes], step: int) -> None:
    """However the stream is cut, messages are whole and in order."""
    stream = b"".join(client_frame(BINARY, data) for data in payloads)
    reader = FrameReader(1000)
    found = []
    for start in range(0, len(stream), step):
        found += read_all(reader, stream[start : start + step])

    assert found == [Message(BINARY, data) for data in payloads]


@given(st.binary(max_size=200), st.binary(min_size=4, max_size=4))
def test_mask_is_taken_off_byte_by_byte(data: bytes, mask: bytes) -> None:
    """Each byte is combined with one of the four of the mask."""
    expected = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))

    assert unmask(bytearray(data), mask) == expected


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frames_are_what_another_library_writes(size: int) -> None:
    """Each form of the length is the standard's."""
    data = b"x" * size
    theirs = Frame(Opcode.BINARY, data).serialize(mask=False)

    assert encode_frame(BINARY, data[:1], data[1:]) == theirs


def test_large_messages_are_read() -> None:
    """A length of eight bytes is understood."""
    data = b"y" * 70_000

    assert read_all(FrameReader(80_000), client_frame(BINARY, data)) == [(BINARY, data)]


def test_parts_make_one_message() -> None:
    """A message in parts is joined, and a ping between them comes first."""
    stream = (
        client_frame(TEXT, b"", first=0)
        + client_frame(0, b"on", first=0)
        + client_frame(PING, b"?")
        + client_frame(0, b"e")
        + client_frame(TEXT, b"two")
    )

    messages = read_all(FrameReader(100), stream)
    assert messages == [(PING, b"?"), (TEXT, b"one"), (TEXT, b"two")]
    assert messages[1].text == "one"


def test_text_must_be_utf8() -> None:
    """Text that is none gets the standard's own code."""
    with pytest.raises(FrameError) as refused:
        _ = Message(TEXT, b"\xff").text
    assert refused.value.code == 1007


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (client_frame(TEXT, b"x", masked=False), 1002),
        (client_frame(TEXT, b"x", first=0xC0), 1002),
        (client_frame(3, b"x"), 1002),
        (client_frame(0, b"x"), 1002),
        (client_frame(TEXT, b"x", first=0) + client_frame(TEXT, b"y"), 1002),
        (client_frame(PING, b"x" * 126), 1002),
        (client_frame(CLOSE, b"", first=0), 1002),
        (client_frame(BINARY, b"x" * 101), 1009),
        (client_frame(BINARY, b"x" * 60, first=0) + client_frame(0, b"x" * 41), 1009),
        (client_frame(TEXT, b"", first=0) + client_frame(0, b"", first=0) * 64, 1002),
    ],
)
def test_what_the_standard_forbids_is_refused(data: bytes, code: int) -> None:
    """A client that breaks the rules is told which kind of rule it was."""
    assert refusal(data) == code


def test_too_large_a_frame_is_refused_by_its_head() -> None:
    """Nobody's ten megabytes are waited for."""
    assert refusal(client_frame(BINARY, b"x" * 10_000_000)[:14]) == 1009


def test_long_reason_is_cut_between_characters() -> None:
    """A close frame has 125 bytes, and its reason stays UTF-8."""
    frame = encode_close(1000, "ü" * 100)

    assert len(frame) <= 127
    assert frame[4:].decode() == "ü" * 61

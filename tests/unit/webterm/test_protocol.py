"""Frames of the terminal protocol."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webterm.protocol import (
    Ack,
    BadFrame,
    Hello,
    Keep,
    Resize,
    Take,
    decode_output,
    encode,
    encode_output,
    read_control,
    read_hello,
)

HELLO: dict[str, object] = {
    "type": "hello",
    "version": 1,
    "ticket": "t",
    "seen": 7,
    "rows": 24,
    "columns": 80,
}


def test_hello_is_read() -> None:
    """A complete hello gives all of its values."""
    assert read_hello(json.dumps(HELLO)) == Hello("t", 7, 24, 80)


def test_hello_without_seen_starts_at_the_beginning() -> None:
    """A new page need not say that it has seen nothing."""
    frame = json.dumps({name: HELLO[name] for name in HELLO if name != "seen"})

    assert read_hello(frame).seen == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "ack"}, "The first frame must be a hello."),
        ({"version": 2}, "This server speaks version 1 only."),
        ({"ticket": 5}, "ticket must be text."),
        ({"seen": -1}, "seen must be between 0 and 9223372036854775807."),
        ({"seen": True}, "seen must be a whole number."),
        ({"seen": 1.5}, "seen must be a whole number."),
        ({"rows": 0}, "rows must be between 1 and 1000."),
        ({"columns": 1001}, "columns must be between 1 and 1000."),
        ({"columns": None}, "columns must be a whole number."),
    ],
)
def test_hello_with_a_bad_value_is_refused(
    change: dict[str, object], message: str
) -> None:
    """Each bad value of a hello is named."""
    with pytest.raises(BadFrame) as refusal:
        read_hello(json.dumps({**HELLO, **change}))

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (b"{}", "A text frame was expected."),
        ("{", "The frame is not JSON."),
        ("[" * 100_000, "The frame is not JSON."),
        ("[]", "The frame is not a JSON object."),
    ],
)
def test_what_is_no_object_is_refused(frame: str | bytes, message: str) -> None:
    """Only a JSON object in a text frame is a message."""
    with pytest.raises(BadFrame) as refusal:
        read_hello(frame)

    assert str(refusal.value) == message


def test_controls_are_read() -> None:
    """Ack, resize, take and keep are the four text frames of a client."""
    assert read_control(encode("ack", seen=5)) == Ack(5)
    assert read_control(encode("resize", rows=3, columns=4)) == Resize(3, 4)
    assert read_control(encode("take")) == Take()
    assert read_control(encode("keep")) == Keep()


@pytest.mark.parametrize("frame", ['{"type": "hello"}', "{}", '{"type": ["take"]}'])
def test_unknown_control_is_refused(frame: str) -> None:
    """A type that is not known ends the conversation."""
    with pytest.raises(BadFrame, match="Unknown type of frame"):
        read_control(frame)


@given(st.integers(0, 2**63 - 1), st.binary(max_size=100))
def test_output_frame_round_trip(position: int, data: bytes) -> None:
    """Whatever the bytes, number and output come out as they went in."""
    assert decode_output(encode_output(position, data)) == (position, data)


def test_output_frame_without_number_is_refused() -> None:
    """Fewer than eight bytes are no output frame."""
    with pytest.raises(BadFrame, match="no number"):
        decode_output(b"1234567")


@given(st.text() | st.binary())
def test_hostile_first_frame_is_only_ever_refused(frame: str | bytes) -> None:
    """No first frame raises anything but the protocol's own refusal."""
    with pytest.raises(BadFrame):
        read_hello(frame)

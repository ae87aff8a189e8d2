"""The replay ring."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webterm.ring import Ring


@given(st.lists(st.binary(max_size=40)), st.integers(1, 64))
def test_ring_keeps_exactly_the_newest_bytes(parts: list[bytes], capacity: int) -> None:
    """Whatever is written, the ring is the stream's tail and knows its numbers."""
    ring = Ring(capacity)
    for part in parts:
        ring.append(part)
    stream = b"".join(parts)

    assert ring.end == len(stream)
    assert ring.start == max(0, len(stream) - capacity)
    assert ring.read(ring.start, capacity) == stream[ring.start :]


@given(st.binary(max_size=200), st.integers(0, 300))
def test_resume_is_never_before_what_was_seen(data: bytes, seen: int) -> None:
    """Who comes back with an honest number is never sent a byte twice."""
    ring = Ring(64)
    ring.append(data)
    position = ring.resume_at(seen)

    assert ring.start <= position <= ring.end
    if seen <= ring.end:
        assert position >= seen


def test_resume_beyond_the_ring_starts_with_a_whole_line() -> None:
    """Where output is gone, the rest starts after a line's end."""
    ring = Ring(10)
    ring.append(b"abcdefgh\nijklm\n")

    assert ring.start == 5
    assert ring.resume_at(0) == 9


def test_resume_without_a_line_starts_with_the_oldest_byte() -> None:
    """Without any line's end there is nothing better than the oldest byte."""
    ring = Ring(4)
    ring.append(b"abcdefgh")

    assert ring.resume_at(1) == 4


def test_resume_of_another_launch_gets_everything() -> None:
    """A number larger than there ever was means a client of an earlier launch."""
    ring = Ring(16)
    ring.append(b"fresh")

    assert ring.resume_at(1000) == 0


@pytest.mark.parametrize("position", [0, 13])
def test_reading_what_is_not_kept_is_an_error(position: int) -> None:
    """Bytes that are gone or not there yet are never made up."""
    ring = Ring(8)
    ring.append(b"abcdefghijkl")

    with pytest.raises(ValueError, match="not in the ring"):
        ring.read(position, 1)

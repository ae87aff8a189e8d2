"""The search for a boundary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.services.files.finder import MEMMEM, Finder

LETTERS = st.lists(st.sampled_from([b"\r", b"\n", b"-", b"a"])).map(b"".join)


@given(LETTERS, LETTERS.filter(bool), st.integers(0, 9), st.integers(0, 9))
def test_both_searches_agree(data: bytes, text: bytes, skip: int, cut: int) -> None:
    """C's search finds what Python's finds, in any part of the buffer."""
    buffer = bytearray(data + b"end")
    start, end = min(skip, len(buffer)), max(len(buffer) - cut, 0)
    end = max(start, end)

    expected = Finder(buffer, text, None).find(start, end)

    assert buffer.find(text, start, end) == expected
    assert Finder(buffer, text, MEMMEM).find(start, end) == expected


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, 6)])
def test_stay_in_the_buffer(start: int, end: int) -> None:
    """Nothing outside the buffer is ever looked at."""
    if MEMMEM is None:
        pytest.skip("this C library has no memmem")
    with pytest.raises(IndexError):
        Finder(bytearray(5), b"x").find(start, end)

"""Transforms, piece by piece."""

import gzip
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.errors import BadRequest, NotFound, PayloadTooLarge
from agave_local.services.transforms.registry import TRANSFORMS, find

PIECES = st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"", b"bc\r"]))


def _in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@given(PIECES)
def test_unix_lines_however_the_text_is_cut(pieces: list[bytes]) -> None:
    """Where the pieces of a text begin and end makes no difference."""
    result = b"".join(find("unix-text-0").run(pieces))

    assert b"".join(pieces).replace(b"\r\n", b"\n") == result


@given(st.binary(max_size=5_000), st.integers(1, 700))
def test_gzip_and_back(data: bytes, size: int) -> None:
    """What gzip packs, gunzip unpacks, and the standard library as well."""
    packed = b"".join(find("gzip-0").run(_in_pieces(data, size)))

    assert gzip.decompress(packed) == data
    twice = packed + packed
    unpacked = b"".join(find("gunzip-0").run(_in_pieces(twice, size)))
    assert data + data == unpacked


def test_a_file_that_swells() -> None:
    """A few bytes that stand for very many are given up in time, piece by piece."""
    bomb = gzip.compress(bytes(4 << 20))
    taken: list[bytes] = []

    with pytest.raises(PayloadTooLarge, match="more than 1000000 bytes"):
        taken.extend(find("gunzip-0").run([bomb], 1_000_000))
    assert sum(map(len, taken)) <= 1_000_000


@pytest.mark.parametrize("data", [b"plain", gzip.compress(b"x" * 99)[:-4], b""])
def test_refuse_what_is_not_gzip(data: bytes) -> None:
    """A file that is not gzip, or ends early, is refused."""
    with pytest.raises(BadRequest, match="not gzip"):
        list(find("gunzip-0").run([data]))


def test_formats() -> None:
    """Each transform takes raw files, and no format that it does not name."""
    for transform in TRANSFORMS:
        transform.check_format("raw")
        with pytest.raises(BadRequest, match="takes files of these formats"):
            transform.check_format("png")
    with pytest.raises(NotFound):
        find("raw")

    several = gzip.compress(b"one ") + gzip.compress(b"two")
    assert b"".join(find("gunzip-0").run([several])) == b"one two"

    with pytest.raises(BadRequest, match="too many"):
        list(find("gunzip-0").run([gzip.compress(b"") * 2_000]))

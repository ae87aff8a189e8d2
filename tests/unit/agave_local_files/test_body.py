"""Ranges, and the bytes of a file on their way."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.errors import BadRequest, RangeNotSatisfiable
from agave_local.services.files.body import CHUNK, FileBody, OpenFile, read_range
from agave_local.services.files.content import guess_type
from agave_local.services.files.paging import read_page


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("", None),
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 10)),
        ("bytes=3-5", (3, 3)),
        ("bytes=3-500", (3, 7)),
        ("bytes=-3", (7, 3)),
        ("bytes=-30", (0, 10)),
        ("bytes= 3 - 5 ", (3, 3)),
        ("bytes=5-3", None),
        ("bytes=-", None),
        ("bytes=0-1,4-5", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
        ("bytes=0-" + "9" * 30, None),
    ],
)
def test_read_a_range(header: str | None, part: tuple[int, int] | None) -> None:
    """One range is understood; anything else means the whole file."""
    assert part == read_range(header, 10)


@pytest.mark.parametrize(
    ("header", "size"),
    [("bytes=10-", 10), ("bytes=10-20", 10), ("bytes=-0", 10), ("bytes=0-", 0)],
)
def test_refuse_a_range_beyond_the_file(header: str, size: int) -> None:
    """A range without a single byte in the file is refused."""
    with pytest.raises(RangeNotSatisfiable, match=str(size)):
        read_range(header, size)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 40))
def test_range_lies_in_the_file(first: int, last: int, size: int) -> None:
    """Every range that is answered lies in the file and has a byte."""
    try:
        part = read_range(f"bytes={first}-{last}", size)
    except RangeNotSatisfiable:
        assert first >= size
        return
    if part is not None:
        start, count = part
        assert start == first
        assert 1 <= count <= size - start


def _opened(path: Path) -> OpenFile:
    return OpenFile(os.open(path, os.O_RDONLY))


def test_send_piece_by_piece(tmp_path: Path) -> None:
    """A file is sent in pieces of bounded size, and closed."""
    data = os.urandom(2 * CHUNK + 7)
    (tmp_path / "f").write_bytes(data)
    file = _opened(tmp_path / "f")

    chunks = list(FileBody(file, 1, len(data) - 1))

    assert b"".join(chunks) == data[1:]
    assert max(len(chunk) for chunk in chunks) == CHUNK
    assert file.fd == -1


def test_send_a_file_that_became_shorter(tmp_path: Path) -> None:
    """What is no longer there is not sent, and nothing waits for it."""
    (tmp_path / "f").write_bytes(b"12345")
    file = _opened(tmp_path / "f")
    (tmp_path / "f").write_bytes(b"12")

    assert list(FileBody(file, 0, 5)) == [b"12"]


def test_close_without_sending(tmp_path: Path) -> None:
    """A caller who has gone costs no descriptor."""
    (tmp_path / "f").write_bytes(b"12345")
    file = _opened(tmp_path / "f")
    body = FileBody(file, 0, 5)

    body.close()
    body.close()

    assert file.fd == -1


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.html", "text/html; charset=utf-8"),
        ("A.MJS", "text/javascript; charset=utf-8"),
        ("a.b.css", "text/css; charset=utf-8"),
        ("a.exe", "application/octet-stream"),
        ("html", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_guess_a_type(name: str, content_type: str) -> None:
    """The end of the name tells the type."""
    assert content_type == guess_type(name)


def test_read_a_page() -> None:
    """Listings of files have no limit unless there is one."""
    assert read_page({}) == (None, 0)
    assert read_page({"limit": "", "offset": "3"}) == (None, 3)
    assert read_page({"limit": "0"}) == (0, 0)


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "٣", "1" * 10])
def test_refuse_a_page(value: str) -> None:
    """A limit is a whole number."""
    with pytest.raises(BadRequest, match="limit"):
        read_page({"limit": value})

"""Multipart forms, however their bytes arrive."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agave_local.errors import BadRequest, LocalTenantError, PayloadTooLarge
from agave_local.services.files.form import MOST_PARTS, MOST_TEXT, Form, read_form
from agave_local.services.files.storage import Ground, Storage
from agave_local.services.files.upload import Upload

BOUNDARY = "x-boundary"
FILE = b'Content-Disposition: form-data; name="fileToUpload"; filename="f.txt"'
Read = Callable[..., tuple[Form, bytes | None]]


class Source:
    """Gives bytes in pieces of the sizes that a test wants."""

    def __init__(self, data: bytes, *sizes: int) -> None:
        self.left = data
        self._sizes = list(sizes)

    def readinto(self, buffer: memoryview) -> int:
        """Give the next piece."""
        size = self._sizes.pop(0) if self._sizes else len(self.left)
        piece = self.left[: min(size, len(buffer))]
        buffer[: len(piece)] = piece
        self.left = self.left[len(piece) :]
        return len(piece)


def _field(name: str, value: str) -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"'
    return _part(head.encode(), value.encode())


def _part(head: bytes, data: bytes) -> bytes:
    return b"--" + BOUNDARY.encode() + b"\r\n" + head + b"\r\n\r\n" + data + b"\r\n"


END = b"--" + BOUNDARY.encode() + b"--\r\n"


@pytest.fixture(name="read")
def _read(tmp_path: Path) -> Read:
    """Return what reads a form, and the bytes of the file in it."""
    (tmp_path / "base").mkdir()
    storage = Storage(tmp_path / "incoming")

    def read(source: Any, boundary: str | None = BOUNDARY) -> tuple[Form, bytes | None]:
        with Upload(storage, Ground(tmp_path / "base"), "token", 1 << 30) as upload:
            form = read_form(source, boundary, upload)
            if form.sink is None:
                return form, None
            return form, (tmp_path / "incoming" / form.sink.name).read_bytes()

    return read


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(
        st.binary(max_size=300),
        st.lists(
            st.sampled_from([b"\r\n", b"--", b"x-bound", b"ary", b"\r", b"\n--x"])
        ).map(b"".join),
    ),
    value=st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=9),
    sizes=st.lists(st.integers(1, 40), max_size=40),
)
def test_what_was_sent_comes_out(
    read: Read, data: bytes, value: str, sizes: list[int]
) -> None:
    """Fields and the file are what they were, wherever the bytes are cut."""
    if b"\r\n--x-boundary" in b"\r\n" + data:
        return
    body = _field("fileName", value) + _part(FILE, data) + _field("last", "") + END

    form, found = read(Source(body, *sizes))

    assert data == found
    assert {"fileName": value, "last": ""} == form.fields
    assert form.file_name == "f.txt"


def test_a_large_file(read: Read) -> None:
    """A file larger than the buffer is kept byte for byte."""
    data = bytes(range(256)) * 20_000
    body = _part(FILE, data) + END

    assert data == read(Source(body, *[65_536] * 200))[1]


def test_around_the_form(read: Read) -> None:
    """What stands before and after the form is read and left out."""
    source = Source(b"preamble\r\n" + _field("a", "1") + END + b"epilogue" * 9)

    form, _ = read(source)

    assert form.fields == {"a": "1"}
    assert source.left == b""


def test_spaces_after_a_boundary(read: Read) -> None:
    """A boundary may be followed by spaces."""
    body = _field("a", "1").replace(b"boundary\r\n", b"boundary \t\r\n") + END

    assert read(Source(body))[0].fields == {"a": "1"}


def test_other_files_are_left_out(read: Read) -> None:
    """Only the first file in the field `fileToUpload` is kept; of a text, the first."""
    other = FILE.replace(b"fileToUpload", b"avatar")
    body = _part(other, b"other") + _part(FILE, b"first") + _part(FILE, b"second")

    form, found = read(Source(body + _field("a", "1") + _field("a", "2") + END))

    assert found == b"first"
    assert form.fields == {"a": "1"}


def test_names_in_utf8(read: Read) -> None:
    """File names are UTF-8, plain or encoded as in RFC 5987."""
    head = FILE.replace(b"f.txt", "gr\u00fcn.txt".encode())
    assert read(Source(_part(head, b"") + END))[0].file_name == "gr\u00fcn.txt"
    head = FILE.replace(b'filename="f.txt"', b"filename*=UTF-8''gr%C3%BCn.txt")
    assert read(Source(_part(head, b"") + END))[0].file_name == "gr\u00fcn.txt"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"junk",
        b"--x-boundary",
        b"--x-boundary\r\n",
        b"--x-boundaryjunk\r\nContent-Disposition: form-data; name=a\r\n\r\n" + END,
        _part(FILE, b"data"),
        _part(FILE, b"data")[:-4],
        _field("a", "1"),
        _part(b"Content-Type: text/plain", b"") + END,
        _part(b"Content-Disposition: form-data", b"") + END,
        b"--x-boundary\r\n" + b"A: " + b"x" * 20_000 + b"\r\n\r\n" + END,
        b"--x-boundary\r\n" + b"A: " + b"x" * 20_000,
    ],
)
def test_refuse_what_is_no_form(read: Read, body: bytes) -> None:
    """A form that is none, or ends early, is refused."""
    with pytest.raises(LocalTenantError) as caught:
        read(Source(body))
    assert caught.value.status in (400, 413)


@pytest.mark.parametrize("boundary", [None, "", "a\nb", "x" * 201, "ends ", "\u00fc"])
def test_refuse_a_boundary(read: Read, boundary: str | None) -> None:
    """A boundary is a short line of plain characters."""
    with pytest.raises(BadRequest, match="no boundary"):
        read(Source(b""), boundary)


def test_a_boundary_may_stand_in_quotes_of_the_text(read: Read) -> None:
    """The boundary in the middle of a line is no boundary."""
    data = b"a --x-boundary-- b\n--x-boundary\r\r"

    assert data == read(Source(_part(FILE, data) + END))[1]


@pytest.mark.parametrize(
    "body",
    [
        _field("a", "x" * (MOST_TEXT + 1)) + END,
        _field("a", "x" * (MOST_TEXT - 9)) + _field("b", "x" * 99) + END,
        b"".join(_field(f"f{n}", "") for n in range(MOST_PARTS + 1)) + END,
        _part(FILE.replace(b"fileToUpload", b"x"), b"x" * (MOST_TEXT + 9)) + END,
        b"x" * (2 * MOST_TEXT),
    ],
)
def test_refuse_a_form_that_is_too_large(read: Read, body: bytes) -> None:
    """Texts, parts that nobody keeps and their number have limits."""
    with pytest.raises(PayloadTooLarge):
        read(Source(body))


def test_a_connection_that_breaks(read: Read) -> None:
    """A caller who goes away in the middle has sent no form."""

    class Broken(Source):
        def readinto(self, buffer: memoryview) -> int:
            if not self.left:
                raise ConnectionResetError
            return super().readinto(buffer)

    with pytest.raises(BadRequest, match="ended early"):
        read(Broken(_part(FILE, b"data")))


def test_an_endless_epilogue(read: Read) -> None:
    """What comes after the form is not read for ever."""
    source = Source(_field("a", "1") + END + b"x" * (4 << 20))

    read(source)

    assert source.left

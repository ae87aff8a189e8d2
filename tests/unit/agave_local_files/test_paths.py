"""Names and paths as callers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.errors import BadRequest
from agave_local.services.files.paths import (
    MAX_DEPTH,
    read_name,
    read_parts,
    to_path,
    to_shown,
)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("", ()),
        ("/", ()),
        ("a/b", ("a", "b")),
        ("//a///b/", ("a", "b")),
        ("./a/./b", ("a", "b")),
        ("a b/ü.c", ("a b", "ü.c")),
    ],
)
def test_split_a_path(path: str, parts: tuple[str, ...]) -> None:
    """A path is split into its names, without empty ones and dots."""
    assert parts == read_parts(path)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("a/../b", "'..'"),
        ("..", "'..'"),
        ("a\0b", "control"),
        ("a\nb", "control"),
        ("a\x7fb", "control"),
        ("a\x85b", "control"),
        ("a\ufffdb", "UTF-8"),
        ("a" + chr(0xDC80), "UTF-8"),
        ("x" * 256, "255"),
        ("ü" * 128, "255"),
        ("x/" * 2049, "4096"),
        ("x/" * (MAX_DEPTH + 1), "folders"),
    ],
)
def test_refuse_a_hostile_path(path: str, reason: str) -> None:
    """A path that no honest caller writes is refused, and the reason is told."""
    with pytest.raises(BadRequest, match=reason):
        read_parts(path)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/", "a\0"])
def test_refuse_a_name(name: str) -> None:
    """A name is one name."""
    with pytest.raises(BadRequest):
        read_name(name)


def test_take_a_name() -> None:
    """An ordinary name is taken as it is."""
    assert read_name(".hidden file") == ".hidden file"


@given(st.text())
def test_parts_never_leave(path: str) -> None:
    """Whatever is written, the parts are plain names, or there is a refusal."""
    try:
        parts = read_parts(path)
    except BadRequest:
        return

    assert all(name not in ("", ".", "..") for name in parts)
    assert all("/" not in name and "\0" not in name for name in parts)
    assert read_parts(to_path(parts)) == parts


def test_show_a_name_that_is_not_utf8() -> None:
    """A name of the disk that is not UTF-8 can still be shown."""
    assert to_shown("a\udcff") == "a�"

"""Which files a program may have that came over a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipt.errors import ServiceRefused
from ipt.service import Limits, check_files, is_file_name
from ipt.service.files import sources_of, write_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "name",
    ["heat.c", "src/heat.c", "a+b/c_d-e.hpp", "1.c", "_x", "a/b/c/d/e/f/g/h.c"],
)
def test_plain_names_are_taken(name: str) -> None:
    """Folders and the usual marks are fine."""
    assert is_file_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "/heat.c", "../heat.c", "a/../b.c", "a//b.c", "a/", ".c", "-o.c"),
        *("@file", "a b.c", "a\n.c", "a\0.c", "a\\b.c", "ü.c", "x" * 129),
        "a/b/c/d/e/f/g/h/i.c",
    ],
)
def test_other_names_are_refused(name: str) -> None:
    """Nothing leads out of the folder, and nothing looks like an option."""
    assert not is_file_name(name)
    with pytest.raises(ServiceRefused, match="must be plain") as caught:
        check_files({name: b""}, Limits())
    assert caught.value.reason == "request"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.c": b"", "b.c": b"", "c.h": b""}, "at most 2 files"),
        ({"a.c": b"12345"}, "a.c: a file may have at most 4 bytes"),
        ({"a.c": b"1234", "b.c": b"123"}, "at most 6 bytes"),
    ],
)
def test_sizes_are_limited(files: dict[str, bytes], message: str) -> None:
    """The number of files, each of them and all together have their limits."""
    with pytest.raises(ServiceRefused, match=message) as caught:
        check_files(files, Limits(files=2, file_size=4, total_size=6))

    assert caught.value.reason == "size"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "None of the files"),
        ({"a.h": b"", "b.f90": b""}, "None of the files"),
        ({"a.c": b"", "a.c/b.c": b""}, "a.c/b.c is below"),
    ],
)
def test_files_must_make_a_program(files: dict[str, bytes], message: str) -> None:
    """There is a source, and no file is a folder as well."""
    with pytest.raises(ServiceRefused, match=message):
        check_files(files, Limits())


def test_files_are_written_with_their_folders(tmp_path: Path) -> None:
    """What was sent is what lies there, and sources keep their order."""
    files = {"z.cpp": b"\xff", "inc/a.h": b"h", "a.c": b""}

    check_files(files, Limits())
    write_files(files, tmp_path)

    assert (tmp_path / "inc/a.h").read_bytes() == b"h"
    assert (tmp_path / "z.cpp").read_bytes() == b"\xff"
    assert sources_of(files) == ["z.cpp", "a.c"]

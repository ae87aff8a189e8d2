"""Where inputs come from."""

import pytest

from agave_local.errors import BadRequest
from agave_local.services.files.origins import Inside, Web
from agave_local.services.jobs.inputs import Source, file_name, read_source


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("agave://sys/a/b", Inside("sys", "a/b")),
        ("agave://sys//a/b", Inside("sys", "/a/b")),
        ("agave://sys/a%20b%25", Inside("sys", "a b%")),
        ("agave://sys/a b", Inside("sys", "a b")),
        ("agave://sys", Inside("sys", "")),
        ("agave:///x", Inside(None, "x")),
        ("a/b", Inside(None, "a/b")),
        ("/a/b%20c", Inside(None, "/a/b c")),
        ("http://h/x?y=1", Web("http://h/x?y=1")),
        ("https://h/x", Web("https://h/x")),
        ("http://t/files/v2/media/system/sys/a%20b", Inside("sys", "a b")),
        ("http://t/files/v2/media/system/sys//a", Inside("sys", "/a")),
        ("http://t/files/v2/media/anna/a?x=1", Inside(None, "anna/a")),
    ],
)
def test_read(address: str, source: Source) -> None:
    """One slash after the system means its homeDir, two its rootDir."""
    assert source == read_source(address, "http://t")


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "//host/x",
        "http:///x",
        "ftp://h/x",
        "agave://s/a?b",
        "agave://s/a#b",
        "agave://s/a\nb",
        "agave://s/%ff",
        "agave://[s/a",
        "%ff",
        "?a",
    ],
)
def test_refuse(address: str) -> None:
    """Anything else is refused."""
    with pytest.raises(BadRequest):
        read_source(address, "http://t")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("agave://s/a/b/", "b"),
        ("a/b%20c", "b c"),
        ("https://h/x/data%20set.csv?download=1", "data set.csv"),
    ],
)
def test_name(address: str, name: str) -> None:
    """An input is staged under its last name; a folder may be one."""
    assert name == file_name(address)


@pytest.mark.parametrize(
    "address",
    [
        "agave://s/",
        "agave://s/a/..",
        "agave://s/.",
        "https://h",
        "https://h/x/..",
        "https://h/%2e%2e",
        "https://h/a%2fb",
        "https://h/a%00",
    ],
)
def test_refuse_without_a_name(address: str) -> None:
    """An input has a name that can be one here."""
    with pytest.raises(BadRequest):
        file_name(address)

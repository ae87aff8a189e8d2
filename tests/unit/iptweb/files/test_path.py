"""There is no way out of a home."""

from urllib.parse import unquote

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from iptweb.errors import BadRequest
from iptweb.files import HomePath

KEPT = [".", "", "a", "b c", "~", "home", "ipt", "%2e%2e", "\\.."]
PIECES = st.lists(st.sampled_from(["..", "\0", "\u202e", *KEPT]) | st.text(max_size=5))
# Most of these are paths, so that few examples are thrown away.
PLAIN = st.lists(st.sampled_from(KEPT) | st.text(max_size=5))


def read_or_skip(text: str) -> HomePath:
    """Return the path of a text; one that is refused is no example."""
    try:
        return HomePath.read(text)
    except BadRequest:
        reject()


@given(PIECES)
def test_no_text_leaves_the_home(pieces: list[str]) -> None:
    """Whatever is read stays below the user's folder, or is refused."""
    text = "/".join(pieces)
    path = read_or_skip(text)
    storage = path.on_storage("ada")

    assert storage == "ada" or storage.startswith("ada/")
    assert not {"", ".", ".."} & set(storage.split("/"))
    assert "\0" not in storage


@given(PLAIN)
def test_what_was_read_reads_the_same(pieces: list[str]) -> None:
    """The text of a path is the path."""
    path = read_or_skip("/".join(pieces))
    assume(path.parts[:1] != ("~",))

    assert HomePath.read(path.text) == path
    assert HomePath.read(f"~/{path.text}") == path
    assert HomePath.read(f"/home/ipt/{path.text}") == path


@given(PLAIN)
def test_address_and_path_agree(pieces: list[str]) -> None:
    """The address of an input leads back to exactly that path."""
    path = read_or_skip("/".join(pieces))
    address = path.to_uri("ipt.storage", "ada")

    assert unquote(address) == f"agave://ipt.storage/{path.on_storage('ada')}"
    assert not set(address.removeprefix("agave://")) & set("?# ")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        (".", ()),
        ("~", ()),
        ("~/", ()),
        ("/home/ipt", ()),
        ("/home/ipt/", ()),
        ("a//b/./c/", ("a", "b", "c")),
        ("~/a", ("a",)),
        ("~//etc", ("etc",)),
        ("/home/ipt/a b", ("a b",)),
        ("~user/a", ("~user", "a")),
        ("...", ("...",)),
        ("-rf", ("-rf",)),
    ],
)
def test_spellings(text: str, parts: tuple[str, ...]) -> None:
    """All spellings of a place in the home are understood."""
    assert HomePath.read(text).parts == parts


@pytest.mark.parametrize(
    "text",
    [
        "..",
        "../bob",
        "a/../../bob",
        "~/..",
        "/home/ipt/../bob",
        "/home/iptx",
        "/etc/passwd",
        "/",
        "a\0b",
        "a\nb",
        "a\x7f",
        "a\u202eb",
        "\ud800",
        "x" * 256,
        "é" * 200,
        "a/" * 501,
    ],
)
def test_refusals_name_the_field(text: str) -> None:
    """What leaves the home, or is no name, is refused by field."""
    with pytest.raises(BadRequest) as caught:
        HomePath.read(text, field="source")

    assert caught.value.details == {"field": "source"}


def test_parts_of_a_path() -> None:
    """Name, parent and child belong together."""
    path = HomePath.read("a/b")

    assert (path.name, path.parent.text, path.child("c").text) == ("b", "a", "a/b/c")
    assert HomePath().parent == HomePath()
    assert HomePath().name == ""


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\nb"])
def test_bad_child(name: str) -> None:
    """A child has one plain name."""
    with pytest.raises(BadRequest):
        HomePath().child(name)

"""User names at the border."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.errors import BadRequest
from iptweb.users import is_user_name, read_user_name


@pytest.mark.parametrize("name", ["ada", "a", "ada.l", "ada_l", "ada-l2", "a" * 32])
def test_names_pass(name: str) -> None:
    """Ordinary names pass unchanged."""
    assert read_user_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Ada",
        "2ada",
        "-ada",
        ".ada",
        "a" * 33,
        "ada..l",
        "ada.",
        "../ada",
        "ada/l",
        "ada;ls",
        "$(id)",
        "ada\n",
        "ada\0",
        "àda",
        " ada",
        None,
        1,
        ["ada"],
    ],
)
def test_hostile_names_are_refused(name: object) -> None:
    """A name that is more than a name is refused, and not repeated."""
    with pytest.raises(BadRequest) as caught:
        read_user_name(name)

    assert caught.value.details == {"field": "user_name"}


@given(st.text())
def test_accepted_names_are_safe_parts_of_paths_and_lines(name: str) -> None:
    """Whatever passes has none of the characters that paths and shells act on."""
    if is_user_name(name):
        assert not set(name) & set(" /\\;&|<>$`'\"*?~#!(){}[]\n\0")
        assert name not in {".", ".."}

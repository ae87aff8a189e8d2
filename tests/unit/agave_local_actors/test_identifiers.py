"""Abaco's identifiers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.services.actors.identifiers import ActorIds, is_identifier


@pytest.mark.parametrize(
    "identifier",
    ["0JPeMpWrrLKLO", "pQ1ZwNoqOoo07", "p3GwgaX7b1YOZ", "RGwaNZlyVv6Oq"],
)
def test_identifiers_of_a_real_abaco(identifier: str) -> None:
    """What a real Abaco gave out is read as an identifier."""
    assert is_identifier(identifier)


@pytest.mark.parametrize(
    "text",
    ["", "a", "nope", "zz", "dev-terminal", "al.1", "abcdefghijklm", "0" * 5000],
)
def test_what_is_no_identifier(text: str) -> None:
    """What people write is read as an alias."""
    assert not is_identifier(text)


@given(st.integers(min_value=0, max_value=2**64 - 1))
def test_every_number_is_an_identifier(number: int) -> None:
    """Whatever number is drawn, the identifier made of it is recognised."""
    assert is_identifier(ActorIds(lambda _bits: number).secret())


@given(st.text(max_size=20))
def test_no_text_breaks_the_question(text: str) -> None:
    """Any text is either an identifier or not."""
    assert is_identifier(text) in {True, False}


def test_length() -> None:
    """An identifier has 13 characters, a secret one more, and none comes twice."""
    ids = ActorIds()

    made = {ids.new() for _ in range(200)}

    assert len(made) == 200
    assert {len(identifier) for identifier in made} == {13}
    assert len(ids.secret()) > 20


def test_short_numbers_are_drawn_again() -> None:
    """A number that makes a shorter identifier is not used."""
    drawn = iter([7, 2**63 + 12345])

    assert len(ActorIds(lambda _bits: next(drawn)).new()) == 13

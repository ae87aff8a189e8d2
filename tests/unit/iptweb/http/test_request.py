"""Values of a query."""

import pytest

from iptweb.errors import BadRequest
from iptweb.http import Request

REQUEST = Request(query={"n": "12", "text": "abc", "color": "red", "bad": "1_0"})


def test_values_are_read() -> None:
    """Present values are returned, absent ones have their default."""
    assert REQUEST.text("text") == "abc"
    assert REQUEST.text("none", "x") == "x"
    assert REQUEST.number("n", 1, most=20) == 12
    assert REQUEST.number("none", 1, most=20) == 1
    assert REQUEST.choice("color", ("red", "blue")) == "red"
    assert REQUEST.choice("none", ("red", "blue")) == ""


@pytest.mark.parametrize(
    "text", ["", "-1", "1.5", "abc", "1_0", "٣", "21", "4", "9" * 99]
)
def test_bad_numbers_are_refused(text: str) -> None:
    """Anything but digits inside the bounds is refused by name."""
    with pytest.raises(BadRequest) as caught:
        Request(query={"n": text}).number("n", 1, least=5, most=20)

    assert caught.value.details == {"field": "n"}


def test_other_refusals() -> None:
    """Long texts and unknown choices are refused by name."""
    with pytest.raises(BadRequest, match="text is longer"):
        REQUEST.text("text", max_length=2)
    with pytest.raises(BadRequest, match="color must be one of blue, green"):
        REQUEST.choice("color", ("blue", "green"))

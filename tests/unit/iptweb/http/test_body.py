"""Typed request models."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from iptweb.errors import BadRequest
from iptweb.http import flag, number, numbers, read_body, text, texts


@dataclass(frozen=True)
class Order:
    """A body with a field of every kind."""

    kind: Literal["tea", "coffee"] = text()
    name: str = text(max_length=5, pattern="[a-z]+", hint="small letters")
    note: str = text(default="", pattern="[a-z ]*")
    cups: int = number(default=1, least=1, most=9)
    sugar: bool = flag(default=False)
    extras: tuple[str, ...] = texts(most=2, max_length=4)
    sizes: tuple[int, ...] = numbers(default=(1,), most=3, largest=9)


def test_body_becomes_a_dataclass() -> None:
    """A good body is returned typed, with defaults for what it leaves out."""
    body = {"kind": "tea", "name": "ada", "cups": 2, "sugar": True, "extras": ["milk"]}

    expected = Order(kind="tea", name="ada", cups=2, sugar=True, extras=("milk",))
    assert read_body(Order, body) == expected
    assert read_body(Order, {"kind": "tea", "name": "ada"}).cups == 1
    assert read_body(Order, body | {"sizes": [9, 1]}).sizes == (9, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "water"),
        ("kind", 3),
        ("kind", ["tea"]),
        ("name", ""),
        ("name", None),
        ("name", "toolong"),
        ("name", "a\nb"),
        ("name", "\ud800"),
        ("name", "ADA"),
        ("note", "1"),
        ("cups", 0),
        ("cups", 10),
        ("cups", "2"),
        ("cups", True),
        ("cups", 1.5),
        ("sugar", "yes"),
        ("sugar", 1),
        ("extras", "milk"),
        ("extras", [1]),
        ("extras", ["a", "b", "c"]),
        ("extras", ["honey"]),
        ("extras", ["a\0"]),
        ("sizes", 1),
        ("sizes", []),
        ("sizes", [1, 2, 3, 4]),
        ("sizes", [0]),
        ("sizes", [10]),
        ("sizes", ["1"]),
        ("sizes", [True]),
        ("sizes", [1.0]),
        ("surprise", 1),
    ],
)
def test_bad_field_is_named(field: str, value: Any) -> None:
    """Whatever is wrong, the field is named and its value is not repeated."""
    body = {"kind": "tea", "name": "ada", field: value}

    with pytest.raises(BadRequest) as caught:
        read_body(Order, body)

    assert caught.value.details == {"field": field}


@pytest.mark.parametrize("field", ["kind", "name"])
def test_missing_field_is_named(field: str) -> None:
    """A required field that is missing is named."""
    body = {"kind": "tea", "name": "ada"}
    del body[field]

    with pytest.raises(BadRequest, match=f"{field} is missing"):
        read_body(Order, body)


def test_unknown_type_is_a_mistake_of_ours() -> None:
    """A model with a type that can't be read fails loudly."""

    @dataclass(frozen=True)
    class Odd:
        """Has a type that no body can hold."""

        when: complex = number()

    with pytest.raises(TypeError, match="when"):
        read_body(Odd, {"when": 1})

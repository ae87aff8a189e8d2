"""Texts by names, and objects within a body."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from iptweb.errors import BadRequest
from iptweb.http import flag, part, read_body, table, text


@dataclass(frozen=True)
class Sauce:
    """An object within a body."""

    hot: bool = flag(default=False)
    name: str = text(default="red", max_length=5)


@dataclass(frozen=True)
class Recipe:
    """A body with texts by names."""

    steps: Mapping[str, str] = table(
        most=2, max_length=8, pattern="[a-z]+", hint="small letters", lines=True
    )
    notes: Mapping[str, str] = table(
        most=2, max_length=8, pattern="[a-z]+", hint="small letters"
    )
    sauce: Sauce = part(Sauce)  # noqa: RUF009 - a field, as by `text`


def test_texts_by_names_come_in_two_ways() -> None:
    """An object, or where the order matters a list."""
    listed = [{"name": "b", "text": "1\n\t"}, {"name": "a", "text": ""}]

    assert read_body(Recipe, {"steps": {"a": "\0", "b": "x"}}).steps == {
        "a": "\0",
        "b": "x",
    }
    assert list(read_body(Recipe, {"steps": listed}).steps.items()) == [
        ("b", "1\n\t"),
        ("a", ""),
    ]


def test_what_is_left_out_is_empty() -> None:
    """Nothing of it is required; an object within has its defaults."""
    assert read_body(Recipe, {}) == Recipe({}, {}, Sauce())
    assert read_body(Recipe, {"sauce": {"hot": True}}).sauce == Sauce(hot=True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"steps": "a"}, "steps"),
        ({"steps": None}, "steps"),
        ({"steps": {"a": 1}}, "steps"),
        ({"steps": {"A": "x"}}, "steps"),
        ({"steps": {"a\n": "x"}}, "steps"),
        ({"steps": {"a": "123456789"}}, "steps"),
        ({"steps": {"a": "\ud800"}}, "steps"),
        ({"steps": {"a": "", "b": "", "c": ""}}, "steps"),
        ({"steps": [["a", "x"]]}, "steps"),
        ({"steps": [{"name": "a"}]}, "steps"),
        ({"steps": [{"name": 1, "text": "x"}]}, "steps"),
        ({"steps": [{"name": "a", "text": "x", "more": 1}]}, "steps"),
        ({"steps": [{"name": "a", "text": "x"}] * 2}, "steps"),
        ({"notes": {"a": "x\ny"}}, "notes"),
        ({"notes": {"a": "123456789"}}, "notes"),
        ({"sauce": []}, "sauce"),
        ({"sauce": {"hot": 1}}, "sauce.hot"),
        ({"sauce": {"name": "\n"}}, "sauce.name"),
        ({"sauce": {"cold": True}}, "sauce.cold"),
    ],
)
def test_refusals_name_the_field(body: dict[str, Any], field: str) -> None:
    """Within an object it is named with the object, and values are never repeated."""
    with pytest.raises(BadRequest) as caught:
        read_body(Recipe, body)

    assert caught.value.details == {"field": field}
    assert "123456789" not in caught.value.message

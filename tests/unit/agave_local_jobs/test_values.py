"""A job's inputs and parameters against what its app asks for."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.errors import BadRequest
from agave_local.services.jobs.values import read_values


def _item(name: str = "x", low: int = 0, high: int = 1, **value: Any) -> dict[str, Any]:
    return {
        "id": name,
        "value": {"type": "string", **value},
        "details": {},
        "semantics": {"minCardinality": low, "maxCardinality": high},
    }


def _read(given: Any, *items: dict[str, Any], kind: str = "parameters") -> Any:
    return read_values(items, given, kind)


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("string", "a", "a"),
        ("string", 3, "3"),
        ("string", "", ""),
        ("number", 3, 3),
        ("number", 2.5, 2.5),
        ("number", "-3", -3),
        ("number", "2.5", 2.5),
        ("bool", True, True),
        ("bool", "false", False),
        ("flag", 1, True),
    ],
)
def test_read_a_value(kind: str, given: Any, value: Any) -> None:
    """A value is read as its type says; the old clients send texts."""
    assert {"x": [value]} == _read({"x": given}, _item(type=kind))


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("string", True),
        ("string", {"a": 1}),
        ("string", "a\0b"),
        ("string", "x" * 20_000),
        ("string", "\udc80"),
        ("number", "x"),
        ("number", True),
        ("number", "1e5"),
        ("number", float("inf")),
        ("number", float("nan")),
        ("number", "٣"),
        ("bool", "yes"),
        ("bool", 2),
        ("flag", []),
        ("flag", None),
    ],
)
def test_refuse_a_value(kind: str, given: Any) -> None:
    """A value of another type is refused, naming the parameter."""
    with pytest.raises(BadRequest, match=r"parameters\.x"):
        _read({"x": given}, _item(type=kind, required=True))


@pytest.mark.parametrize("choices", [[{"bar": "Bar chart"}, {"pie": "Pie"}], ["bar"]])
def test_choose(choices: list[Any]) -> None:
    """A choice is one of those that there are."""
    item = _item(type="enumeration", enum_values=choices)

    assert _read({"x": "bar"}, item) == {"x": ["bar"]}
    with pytest.raises(BadRequest, match="one of bar"):
        _read({"x": "line"}, item)
    with pytest.raises(BadRequest, match="one of bar"):
        _read({"x": 1}, item)


def test_need_a_value() -> None:
    """What is required must be given, whatever its default; nothing else must."""
    with pytest.raises(BadRequest, match=r"`parameters\.x` must be given"):
        _read({}, _item(required=True, default="a"))
    with pytest.raises(BadRequest, match="must be given"):
        _read(None, _item(required=True))

    assert _read(None, _item()) == {}
    assert _read({}, _item(default="a")) == {"x": ["a"]}


def test_hide_a_value() -> None:
    """A hidden value is the app's own."""
    item = _item(required=True, visible=False, default="a")

    assert _read({}, item) == {"x": ["a"]}
    with pytest.raises(BadRequest, match="set by the app"):
        _read({"x": "b"}, item)


@pytest.mark.parametrize(
    ("low", "high", "count", "fits"),
    [
        (0, 1, 0, True),
        (0, 1, 1, True),
        (0, 1, 2, False),
        (2, 3, 1, False),
        (2, 3, 0, True),
        (2, 3, 3, True),
        (0, -1, 50, True),
        (0, -1, 1001, False),
    ],
)
def test_count_values(low: int, high: int, count: int, fits: object) -> None:
    """The number of values is the app's business."""
    given = {"x": ["v"] * count}
    if fits:
        assert count == len(_read(given, _item(low=low, high=high)).get("x", []))
    else:
        with pytest.raises(BadRequest, match=r"at (least|most)"):
            _read(given, _item(low=low, high=high))


def test_match_a_rule() -> None:
    """A validator must match the whole value."""
    item = _item(validator="[a-z]+")

    assert _read({"x": "abc"}, item) == {"x": ["abc"]}
    for wrong in ("abc1", "1abc", "abc\n", ""):
        with pytest.raises(BadRequest, match="rule"):
            _read({"x": wrong}, item)
    with pytest.raises(BadRequest, match="can't be used"):
        _read({"x": "a"}, _item(validator="("))
    assert _read({"x": True}, _item(type="bool", validator="no")) == {"x": [True]}


@pytest.mark.parametrize("given", [{"y": 1}, [], "x", 3])
def test_refuse_what_the_app_has_not(given: Any) -> None:
    """An unknown name is refused, and so is anything that holds no names."""
    with pytest.raises(BadRequest):
        _read(given, _item())


def test_read_inputs() -> None:
    """An input is a text with something in it."""
    assert _read({"x": "agave://s/p"}, _item(), kind="inputs") == {"x": ["agave://s/p"]}
    for wrong in (" ", 3, {"a": 1}):
        with pytest.raises(BadRequest, match="agave://"):
            _read({"x": [wrong]}, _item(), kind="inputs")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_value_is_read_or_refused(value: Any) -> None:
    """Whatever is sent, it is read or refused as a bad request."""
    try:
        found = _read({"x": value}, _item(type="number", high=-1))
    except BadRequest:
        return
    assert all(isinstance(one, int) for one in found.get("x", []))


def test_the_older_name_of_a_default() -> None:
    """A default may be called as it was called first."""
    hidden = _item(defaultValue="usual", visible=False, required=True)
    assert _read({}, hidden) == {"x": ["usual"]}


def test_validators_share_what_a_request_may_cost() -> None:
    """Many rules and many values take no longer than one rule may."""
    slow = "(a|aa|aaa|b?)*(a|b|c?)*c"
    items = [_item(f"x{i}", high=-1, validator=slow) for i in range(50)]
    given = {item["id"]: ["ab" * 5000 + "c"] * 900 for item in items}
    begun = time.monotonic()

    with pytest.raises(BadRequest, match=r"can't be used.*too long"):
        _read(given, *items)

    assert time.monotonic() - begun < 10

"""The schema of a model takes what the model takes, and nothing else."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from iptweb.errors import BadRequest
from iptweb.http import (
    flag,
    number,
    numbers,
    part,
    read_body,
    read_query,
    table,
    text,
    texts,
)
from iptweb.reference.kinds import Definitions
from iptweb.reference.models import of_body, of_query


@dataclass(frozen=True)
class Inner:
    """An inner part.

    Attributes:
        deep: How deep.
    """

    deep: int = number(default=1, least=1, most=3)


@dataclass(frozen=True)
class Sample:
    """Every kind of field.

    Attributes:
        name: A name.
    """

    name: str = text(max_length=4)
    code: str = text(default="", pattern="[ab]{0,3}", hint="a's and b's")
    kind: Literal["", "x", "y"] = text(default="")
    size: int = number(default=5, least=2, most=9)
    sure: bool = flag(default=True)
    words: tuple[str, ...] = texts(most=2, max_length=3)
    counts: tuple[int, ...] = numbers(default=(1,), most=3, largest=4)
    inner: Inner = part(Inner)  # noqa: RUF009 - a field, as by `text`
    files: Mapping[str, str] = table(
        most=2, max_length=3, pattern="[a-z]{1,2}", hint="letters", lines=True
    )
    notes: Mapping[str, str] = table(
        most=2, max_length=3, pattern="[a-z]{1,2}", hint="letters"
    )


TEXTS = st.one_of(
    st.sampled_from(["", "a", "b", "ab", "aab", "x", "y", "abcd", "\n", "a\x7f"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
SMALL = st.integers(-1, 11)
TABLES = st.one_of(
    st.dictionaries(TEXTS, TEXTS | SMALL, max_size=3),
    st.lists(st.fixed_dictionaries({"name": TEXTS, "text": TEXTS}), max_size=3).filter(
        lambda found: len({one["name"] for one in found}) == len(found)
    ),
)
ANYTHING = st.one_of(
    *(st.none(), st.booleans(), SMALL, TEXTS),
    *(st.lists(SMALL, max_size=4), st.lists(TEXTS, max_size=3), TABLES),
)
LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "name": TEXTS,
    "code": TEXTS,
    "kind": TEXTS,
    "size": SMALL,
    "sure": st.booleans(),
    "words": st.lists(TEXTS, max_size=3),
    "counts": st.lists(SMALL, max_size=4),
    "inner": st.fixed_dictionaries({}, optional={"deep": SMALL, "other": SMALL}),
    "files": TABLES,
    "notes": TABLES,
    "unknown": TEXTS,
}
BODIES = st.fixed_dictionaries(
    {},
    optional={name: likely | ANYTHING for name, likely in LIKELY.items()},
)


def validator(of: Any, model: Any) -> Draft202012Validator:
    """Return what checks against the schema of a model."""
    definitions = Definitions()
    schema = of(model, definitions)
    return Draft202012Validator({**schema, "$defs": definitions.schemas})


BODY = validator(of_body, Sample)


def is_taken(body: dict[str, Any]) -> bool:
    """Tell whether the model takes a body."""
    try:
        read_body(Sample, body)
    except BadRequest:
        return False
    return True


@given(st.one_of(BODIES, BODIES.map(lambda body: {"name": "a", **body})))
def test_schema_and_model_agree(body: dict[str, Any]) -> None:
    """What the schema takes the model takes, and what it refuses the model refuses."""
    assert BODY.is_valid(body) == is_taken(body)


@pytest.mark.parametrize("name", [name for name in LIKELY if name != "unknown"])
@given(data=st.data())
def test_schema_and_model_agree_on_each_field(name: str, data: st.DataObject) -> None:
    """They agree on every field by itself, so that no refusal hides another one."""
    value = data.draw(LIKELY[name] | ANYTHING)
    body = {"name": "a", name: value}

    assert BODY.is_valid(body) == is_taken(body)


@dataclass(frozen=True)
class Query:
    """A query.

    Attributes:
        path: Where.
    """

    path: str = text()
    limit: int = number(default=5, least=1, most=9)
    deep: bool = flag(default=False)


@pytest.mark.parametrize(
    ("query", "taken"),
    [
        ({"path": "a"}, True),
        ({"path": "a", "limit": "5", "deep": "true", "x-nonce": "n"}, True),
        ({"path": "a", "limit": 5, "deep": False}, True),
        ({"limit": 5}, False),
        ({"path": "a", "limit": "five"}, False),
        ({"path": "a", "limit": 10}, False),
        ({"path": "a", "deep": "yes"}, False),
    ],
)
def test_queries(query: dict[str, Any], *, taken: bool) -> None:
    """In a query numbers may be texts, and names of others are passed over."""
    texts_only = {name: str(value).lower() for name, value in query.items()}

    assert validator(of_query, Query).is_valid(query) == taken
    if taken:
        assert read_query(Query, texts_only).path == "a"
    else:
        with pytest.raises(BadRequest):
            read_query(Query, texts_only)


def test_one_of_several_models() -> None:
    """A body may be one of several models."""

    @dataclass(frozen=True)
    class Left:
        """One."""

        kind: Literal["left"] = text()

    @dataclass(frozen=True)
    class Right:
        """The other."""

        kind: Literal["right"] = text()

    both = validator(of_body, Left | Right)

    assert both.is_valid({"kind": "left"})
    assert both.is_valid({"kind": "right"})
    assert not both.is_valid({"kind": "up"})


def test_defaults_and_meanings_are_told() -> None:
    """A field tells its default, whether it is needed, and what it means."""
    definitions = Definitions()
    of_body(Sample, definitions)
    schema = definitions.schemas["Sample"]

    assert schema["required"] == ["name"]
    assert schema["properties"]["size"]["default"] == 5
    assert schema["properties"]["counts"]["default"] == [1]
    assert schema["properties"]["name"]["description"] == "A name."


def test_model_of_an_unknown_kind_is_a_mistake() -> None:
    """A field that no message can have is refused when the schema is made."""

    @dataclass(frozen=True)
    class Wrong:
        """Wrong."""

        when: complex = dataclasses.field(default=0j)

    with pytest.raises(TypeError, match="when: a model can't have"):
        of_body(Wrong, Definitions())


def test_two_models_of_one_name_are_a_mistake() -> None:
    """Two types that would have one name in the document are refused."""
    definitions = Definitions()
    of_body(Inner, definitions)

    def other() -> type:
        @dataclass(frozen=True)
        class Inner:
            """Another one."""

        return Inner

    with pytest.raises(ValueError, match="two types are named Inner"):
        of_body(other(), definitions)

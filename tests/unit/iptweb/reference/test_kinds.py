"""Types of answers, and what docstrings say."""

from enum import StrEnum
from typing import Any, Literal, NotRequired, TypedDict

import pytest

from iptweb.errors import Conflict
from iptweb.http import App
from iptweb.reference import Example, Facts, describe, write_page
from iptweb.reference.docs import meanings_of, read_docs
from iptweb.reference.failures import failures_of
from iptweb.reference.kinds import Definitions


class Colour(StrEnum):
    """Colours."""

    RED = "red"


class Base(TypedDict):
    """A base.

    Attributes:
        id: Its id,
            told in two lines.
    """

    id: str


class Thing(Base):
    """A thing.

    Attributes:
        size: How large.
    """

    size: NotRequired[int | None]


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (Any, {}),
        (bool, {"type": "boolean"}),
        (float | None, {"type": ["number", "null"]}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (dict[str, Any], {"type": "object", "additionalProperties": {}}),
        (Literal["a", "b", ""], {"enum": ["a", "b", ""]}),
        (Colour, {"enum": ["red"]}),
        (Thing | None, {"anyOf": [{"$ref": "#/$defs/Thing"}, {"type": "null"}]}),
    ],
)
def test_kinds(kind: Any, schema: dict[str, Any]) -> None:
    """Each type that an answer may have has its schema."""
    assert Definitions().of(kind) == schema


def test_fields_of_a_type() -> None:
    """A type's fields have their meanings, those of its base too."""
    definitions = Definitions(closed=True)
    definitions.of(Thing)

    assert definitions.schemas["Thing"] == {
        "title": "Thing",
        "description": "A thing.",
        "type": "object",
        "properties": {
            "id": {"type": "string", "description": "Its id, told in two lines."},
            "size": {"type": ["integer", "null"], "description": "How large."},
        },
        "required": ["id"],
        "additionalProperties": False,
    }


def test_unknown_type_is_a_mistake() -> None:
    """A type that JSON can't say is refused when the schema is made."""
    with pytest.raises(TypeError, match="an answer can't have the type"):
        Definitions().of(set[int])


def sample() -> None:
    """Do it.

    It takes a while.

    Args:
        x: Not told.

    Raises:
        Conflict: It is being done,
            by somebody else.

    """


def test_docstrings() -> None:
    """A docstring is taken apart into its first line, its text and its sections."""
    docs = read_docs(sample)

    assert (docs.summary, docs.text) == ("Do it.", "It takes a while.")
    assert docs.sections["Raises"] == {
        "Conflict": "It is being done, by somebody else."
    }
    assert read_docs(lambda: None).summary == ""
    assert meanings_of(Thing)["size"] == "How large."


def make_app() -> App[Any]:
    """Return a function with two routes."""
    app: App[Any] = App("sample")

    @app.route("/things/<thing_id>", methods=["GET", "PUT"], own_token=True)
    def touch(_call: Any, thing_id: str) -> Thing:
        """Touch a thing.

        Raises:
            Conflict: Somebody else does.
            Forbidden: Not you.
        """
        return {"id": thing_id}

    @app.route("/odd", methods=["POST"], own_token=None)
    def be_odd(_call: Any) -> Thing:
        """Be odd."""
        raise Conflict("no")

    return app


def test_failures_of_a_route() -> None:
    """A route's own errors come from its docstring, those of the token are added."""
    touch, _, odd = make_app().routes()

    assert [(each.status, each.code) for each in failures_of(touch)] == [
        (401, "token_expired"),
        (403, "forbidden"),
        (409, "conflict"),
    ]
    assert failures_of(touch)[1].meaning == "Not you."
    assert [each.code for each in failures_of(odd)] == ["token_expired", "forbidden"]


def test_document_of_a_function() -> None:
    """Each method of a view has a route of its own; a path's parts have a schema."""
    document = describe(make_app())

    assert [route["name"] for route in document["routes"]] == [
        *("touch.get", "touch.put"),
        "be_odd",
    ]
    known = document["$defs"]
    assert known["touch.get.parameters"]["required"] == ["thing_id"]
    message = known["touch.put.message"]
    assert message["required"] == ["method", "path", "authorization"]
    assert message["properties"]["path"]["pattern"] == "^/things/[^/]+$"
    assert known["be_odd.message"]["required"] == ["method", "path"]


def test_page_of_a_function() -> None:
    """The page has each route with who may call, and no secret of its examples."""
    facts = Facts("sample", "Shows how.", "nobody", nonce=True, cron="now + 1 hour")
    shown = Example(
        {"path": "/things/1", "authorization": "Bearer secret", "body": {"code": "c"}},
        {"status": 200, "headers": {}, "body": {"ticket": "t", "url": "x?state=abc"}},
    ).for_people()
    page = write_page(describe(make_app()), facts, {"touch.get": [shown]})

    assert "nobody by a right of their own; whoever has the nonce" in page
    assert "| schedule | `now + 1 hour` |" in page
    assert "as many as the tenant lets it" in page
    assert "## `PUT /things/<thing_id>`" in page
    assert "Own token: needed in `authorization`." in page
    assert "Own token: needed in `authorization` for what is in the home." in page
    assert '"authorization": "Bearer YOUR-TOKEN"' in page
    assert '{"code": "…"}' in page
    assert '{"ticket": "…", "url": "x?state=…"}' in page
    assert "secret" not in page

"""Routes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.errors import MethodNotAllowed, NotFound
from iptweb.http import App, Request, Response

app: App[str] = App("sample")


@app.route("/things", methods=["GET", "POST"])
def list_things(call: str) -> list[str]:
    """Return the call."""
    return [call]


@app.route("/things/<thing_id>/parts/<part>")
def show_part(call: str, thing_id: str, part: str) -> Any:
    """Return everything."""
    return call, thing_id, part


@app.route("/things/<thing_id>", methods=["DELETE"])
def delete_thing(call: str, thing_id: str) -> Any:
    """Return both."""
    return call, thing_id


def test_view_gets_call_and_path_parts() -> None:
    """A view is called with the call and the parts of the path."""
    request = Request("GET", "/things/7/parts/lid")

    assert app.answer(request, "me") == Response(("me", "7", "lid"))


@pytest.mark.parametrize(
    "path", ["/", "/nope", "/things/7/parts", "//things", "/things/1/2"]
)
def test_unknown_path(path: str) -> None:
    """A path without a route is not found, and the known ones are named."""
    with pytest.raises(NotFound, match="sample has no such path; it has /things,"):
        app.answer(Request("GET", path), "me")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/things", ("GET", "POST")),
        ("HEAD", "/things", ("GET", "POST")),
        ("GET", "/things/7", ("DELETE",)),
        ("BREW", "/things/7/parts/lid", ("GET",)),
    ],
)
def test_wrong_method(method: str, path: str, allowed: tuple[str, ...]) -> None:
    """A known path with another method tells which methods there are."""
    with pytest.raises(MethodNotAllowed) as caught:
        app.answer(Request(method, path), "me")

    assert caught.value.allowed == allowed


def test_routes_are_listed() -> None:
    """Every method and path can be listed, for documentation."""
    assert sorted((each.method, each.path) for each in app.routes()) == [
        ("DELETE", "/things/<thing_id>"),
        ("GET", "/things"),
        ("GET", "/things/<thing_id>/parts/<part>"),
        ("POST", "/things"),
    ]


def test_route_of_a_request_is_found() -> None:
    """Which route a request goes to can be told, and what it declares."""
    declared: App[str] = App("declared")

    @declared.route("/a/<b>", methods=["PUT", "POST"], status=202, own_token=True)
    def make(call: str, b: str) -> Any:
        """Return both."""
        return call + b

    found = declared.find(Request("POST", "/a/1"))

    assert (found.method, found.view, found.own_token) == ("POST", make, True)
    assert declared.answer(Request("PUT", "/a/1"), "me") == Response("me1", 202)


def test_two_views_of_one_name_are_refused() -> None:
    """A view that hides another is a mistake in the code."""
    with pytest.raises(ValueError, match="two views"):
        app.route("/other")(list_things)


@given(st.text(min_size=1).filter(lambda s: "/" not in s))
def test_parts_arrive_as_they_were_sent(part: str) -> None:
    """Whatever text a part of the path is, the view gets exactly it."""
    request = Request("GET", f"/things/{part}/parts/{part}")

    assert app.answer(request, "me") == Response(("me", part, part))

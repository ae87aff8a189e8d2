"""What tests hold a function to."""

from typing import Any, TypedDict

import pytest

from iptweb.http import App
from iptweb.testing import check_agreement

app: App[Any] = App("sample")


class Thing(TypedDict):
    """A thing.

    Attributes:
        size: How large.
    """

    size: int


@app.route("/things", own_token=True)
def show_thing(_call: Any) -> Thing:
    """Show it.

    Raises:
        NotFound: There is none.
    """
    return {"size": 1}


def check(status: int, body: Any, *, used_token: bool | None = True) -> None:
    """Compare an answer to `GET /things`."""
    frame = {"status": status, "headers": {}, "body": body}
    check_agreement(app, '{"path": "/things"}', frame, used_token=used_token)


def refusal(code: str) -> dict[str, Any]:
    """Return the body of a refusal."""
    error = {"code": code, "message": "No.", "details": {}, "request_id": "1"}
    return {"error": error}


def test_answers_that_agree() -> None:
    """An answer of the type, and a refusal that was told, are fine."""
    check(200, {"size": 2})
    check(404, refusal("not_found"))
    check(503, refusal("upstream_unavailable"), used_token=False)
    check(200, {"size": 2}, used_token=None)


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (200, {"size": "2"}, "show_thing.answer at body/size: '2' is not of type"),
        (200, {}, "show_thing.answer at body: 'size' is a required property"),
        (200, {"size": 2, "hue": 1}, "show_thing.answer at body: Additional"),
        (201, {"size": 2}, "show_thing.answer at status: 200 was expected"),
        (409, refusal("conflict"), "show_thing.error at "),
        (404, {"error": "no"}, "show_thing.error at body/error: 'no' is not of type"),
    ],
)
def test_answers_that_do_not_agree(status: int, body: Any, message: str) -> None:
    """What the reference does not say is a failure that tells where."""
    with pytest.raises(AssertionError, match=message):
        check(status, body)


def test_token_that_was_not_told() -> None:
    """A route that works without the caller's token may not claim to need it."""
    with pytest.raises(AssertionError, match="own_token is not False"):
        check(200, {"size": 2}, used_token=False)


@pytest.mark.parametrize("msg", [None, "no message", '{"path": "/nope"}'])
def test_messages_for_no_route(msg: str | None) -> None:
    """There is nothing to compare where no route was meant."""
    check_agreement(app, msg, {"status": 400, "headers": {}, "body": {}})

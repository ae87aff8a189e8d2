"""Reading MSG."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.errors import (
    ActorProtocolError,
    IptwebError,
    PayloadTooLarge,
    Unauthorized,
)
from iptweb.runtime.message import MAX_CHARACTERS, MAX_DEPTH, read_request

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON))
def test_json_and_repr_say_the_same(body: dict[str, Any]) -> None:
    """A message is read alike as JSON and as the repr that Abaco makes of it."""
    message = {"method": "post", "path": "/x", "body": body}

    request = read_request(repr(message))
    assert request.body == body
    assert request == read_request(json.dumps(message))
    assert request.method == "POST"


@given(st.text())
def test_garbage_is_refused_calmly(msg: str) -> None:
    """Any text is either a message or refused with an error of ours."""
    try:
        read_request(msg)
    except IptwebError as error:
        assert error.status in {400, 401}  # noqa: PT017 - both outcomes are right


def test_short_form() -> None:
    """A lone command is a message for the terminals."""
    request = read_request("{'command': 'START', 'user_name': 'ada'}")

    assert (request.method, request.path) == ("POST", "/terminals")
    assert request.body == {"command": "START", "user_name": "ada"}


def test_query_values_become_texts() -> None:
    """Numbers and truth values of a query are texts, as in an address."""
    message = {"path": "/x", "query": {"a": "1", "b": 2, "c": True}}

    assert read_request(repr(message)).query == {"a": "1", "b": "2", "c": "true"}


def test_token_is_a_secret() -> None:
    """The token is taken out of its header form and doesn't show."""
    request = read_request(repr({"path": "/x", "authorization": "Bearer abc"}))

    assert request.token is not None
    assert request.token.reveal() == "abc"
    assert "abc" not in repr(request)
    assert read_request("{'path': '/x', 'authorization': ''}").token is None


@pytest.mark.parametrize(
    "msg",
    [
        None,
        "",
        "hello",
        "[1]",
        "'{}'",
        "{'path': '/x', 'body': {1, 2}}",
        "{'path': '/x', 'body': {'a': 1j}}",
        "{'path': '/x', 'body': {'a': b'x'}}",
        "{'path': '/x', 'body': {1: 2}}",
        "{'path': '/x', 'body': {'a': 1e999}}",
        '{"path": "/x", "body": {"a": NaN}}',
        "__import__('os').system('true')",
        "{'path': __file__}",
        "(" * 10_000,
        "[" * 100_000,
        "-" * 200_000 + "1",
        "{'path': '/x', 'body': " + "{'a': " * 40 + "1" + "}" * 41,
        '{"path": "/x", "body": ' + '{"a": ' * MAX_DEPTH + "1" + "}" * (MAX_DEPTH + 1),
        "{'a': 1" + "\0" + "}",
    ],
)
def test_hostile_messages_are_refused(msg: str | None) -> None:
    """Nothing is evaluated, and size and depth are bounded."""
    with pytest.raises(ActorProtocolError):
        read_request(msg)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("method", 1),
        ("method", "GET /"),
        ("method", ""),
        ("path", None),
        ("path", "x"),
        ("path", "/x?a=1"),
        ("path", "/" + "x" * 1000),
        ("query", []),
        ("body", []),
        ("body", "text"),
        ("surprise", 1),
    ],
)
def test_bad_field_is_named(field: str, value: Any) -> None:
    """A field that is not as it should be is named."""
    with pytest.raises(ActorProtocolError) as caught:
        read_request(repr({"path": "/x", field: value}))

    assert caught.value.details == {"field": field}


def test_bad_query_value_is_named() -> None:
    """A query value that no address could hold is named."""
    with pytest.raises(ActorProtocolError) as caught:
        read_request(repr({"path": "/x", "query": {"a": [1]}}))

    assert caught.value.details == {"field": "a"}


@pytest.mark.parametrize(
    "value", ["abc", "Basic abc", "Bearer", "Bearer a b", "Bearer \n", 7]
)
def test_bad_authorization(value: object) -> None:
    """A header that holds no bearer token is a matter of signing in."""
    with pytest.raises(Unauthorized):
        read_request(repr({"path": "/x", "authorization": value}))


def test_a_message_that_is_too_long_is_too_large() -> None:
    """Where a message would fit but for its length, the answer says so."""
    with pytest.raises(PayloadTooLarge, match="longer than 262144 characters"):
        read_request("{'path': '/x', 'body': {'a': '" + "x" * MAX_CHARACTERS + "'}}")
